#include "sinks/elasticsearch/probe.h"

#include "base/metric_list.h"

namespace logboom::sinks {
probe::probe(metrics& registry, const label_values& labels, std::span<const std::string> hosts)
    : requests_ok(
          registry, declared("logboom_elasticsearch_requests_total"), extended(labels, "ok")
      )
    , requests_with_errors(
          registry,
          declared("logboom_elasticsearch_requests_total"),
          extended(labels, "with_errors")
      )
    , requests_failed(
          registry, declared("logboom_elasticsearch_requests_total"), extended(labels, "failed")
      )
    , stored(
          registry, declared("logboom_elasticsearch_documents_total"), extended(labels, "stored")
      )
    , duplicates(
          registry, declared("logboom_elasticsearch_documents_total"), extended(labels, "duplicate")
      )
    , superseded(
          registry,
          declared("logboom_elasticsearch_documents_total"),
          extended(labels, "superseded")
      )
    , failure_store(
          registry,
          declared("logboom_elasticsearch_documents_total"),
          extended(labels, "failure_store")
      )
    , dead_letters(
          registry,
          declared("logboom_elasticsearch_documents_total"),
          extended(labels, "dead_letter")
      )
    , dropped(
          registry, declared("logboom_elasticsearch_documents_total"), extended(labels, "dropped")
      )
    , lost(
          registry, declared("logboom_elasticsearch_documents_total"), extended(labels, "unsettled")
      )
    , retries_item(
          registry, declared("logboom_elasticsearch_retries_total"), extended(labels, "item")
      )
    , retries_request(
          registry, declared("logboom_elasticsearch_retries_total"), extended(labels, "request")
      )
    , retries_connection(
          registry, declared("logboom_elasticsearch_retries_total"), extended(labels, "connection")
      )
    , splits(registry, declared("logboom_elasticsearch_retries_total"), extended(labels, "split"))
    , body_bytes(registry, declared("logboom_elasticsearch_body_bytes_total"), labels)
    , sent_bytes(registry, declared("logboom_elasticsearch_sent_bytes_total"), labels)
    , probe_failures(registry, declared("logboom_elasticsearch_probe_failures_total"), labels)
    , in_flight(registry, declared("logboom_elasticsearch_requests_in_flight"), labels)
    , unsettled_bytes(registry, declared("logboom_elasticsearch_unsettled_bytes"), labels)
    , retry_lane_items(registry, declared("logboom_elasticsearch_retry_lane_items"), labels) {
    for (const std::string& each : hosts) {
        hosts_up.emplace_back(
            registry, declared("logboom_elasticsearch_host_up"), extended(labels, each)
        );
        // Until a try has had no answer.
        hosts_up.back().set(1);
    }
}

} // namespace logboom::sinks
