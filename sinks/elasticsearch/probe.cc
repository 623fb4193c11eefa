#include "sinks/elasticsearch/probe.h"

#include <fmt/format.h>

#include <string_view>

namespace logboom::sinks {
namespace {

std::string labels(const std::string& pipeline, const std::string& plugin, std::string_view more) {
    return fmt::format(
        "pipeline=\"{}\",plugin=\"{}\"{}{}", pipeline, plugin, more.empty() ? "" : ",", more
    );
}

} // namespace

probe::probe(metrics& registry, const std::string& pipeline, const std::string& plugin)
    : requests_ok(registry.get(
          "logboom_elasticsearch_requests_total", labels(pipeline, plugin, "outcome=\"ok\"")
      ))
    , requests_with_errors(registry.get(
          "logboom_elasticsearch_requests_total",
          labels(pipeline, plugin, "outcome=\"with_errors\"")
      ))
    , requests_failed(registry.get(
          "logboom_elasticsearch_requests_total", labels(pipeline, plugin, "outcome=\"failed\"")
      ))
    , stored(registry.get(
          "logboom_elasticsearch_documents_total", labels(pipeline, plugin, "outcome=\"stored\"")
      ))
    , duplicates(registry.get(
          "logboom_elasticsearch_documents_total", labels(pipeline, plugin, "outcome=\"duplicate\"")
      ))
    , superseded(registry.get(
          "logboom_elasticsearch_documents_total",
          labels(pipeline, plugin, "outcome=\"superseded\"")
      ))
    , failure_store(registry.get(
          "logboom_elasticsearch_documents_total",
          labels(pipeline, plugin, "outcome=\"failure_store\"")
      ))
    , dead_letters(registry.get(
          "logboom_elasticsearch_documents_total",
          labels(pipeline, plugin, "outcome=\"dead_letter\"")
      ))
    , dropped(registry.get(
          "logboom_elasticsearch_documents_total", labels(pipeline, plugin, "outcome=\"dropped\"")
      ))
    , lost(registry.get(
          "logboom_elasticsearch_documents_total", labels(pipeline, plugin, "outcome=\"unsettled\"")
      ))
    , retries_item(registry.get(
          "logboom_elasticsearch_retries_total", labels(pipeline, plugin, "reason=\"item\"")
      ))
    , retries_request(registry.get(
          "logboom_elasticsearch_retries_total", labels(pipeline, plugin, "reason=\"request\"")
      ))
    , retries_connection(registry.get(
          "logboom_elasticsearch_retries_total", labels(pipeline, plugin, "reason=\"connection\"")
      ))
    , splits(registry.get(
          "logboom_elasticsearch_retries_total", labels(pipeline, plugin, "reason=\"split\"")
      ))
    , body_bytes(
          registry.get("logboom_elasticsearch_body_bytes_total", labels(pipeline, plugin, {}))
      )
    , sent_bytes(
          registry.get("logboom_elasticsearch_sent_bytes_total", labels(pipeline, plugin, {}))
      )
    , in_flight(
          registry.get("logboom_elasticsearch_requests_in_flight", labels(pipeline, plugin, {}))
      )
    , unsettled_bytes(
          registry.get("logboom_elasticsearch_unsettled_bytes", labels(pipeline, plugin, {}))
      )
    , retry_lane_items(
          registry.get("logboom_elasticsearch_retry_lane_items", labels(pipeline, plugin, {}))
      ) {}

} // namespace logboom::sinks
