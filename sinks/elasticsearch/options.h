// The settings of an elasticsearch output as the rest of it wants them, with Logstash's rules for
// what goes with what already applied. docs/elasticsearch_output.md lists them.
#pragma once

#include "base/settings.h"
#include "plugin/context.h"
#include "sinks/elasticsearch/bulk.h"
#include "sinks/elasticsearch/endpoint.h"
#include "sinks/http_client/client.h"

#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace logboom::sinks {

extern const std::span<const setting> elasticsearch_settings;

/// Where the events go, and under which name.
struct target_options {
    bool is_data_stream = false;
    // Of a data stream.
    std::string stream_type;
    std::string stream_dataset;
    std::string stream_namespace;
    bool auto_routing = true;
    bool sync_fields = true;
    // Of an index.
    std::string index;
    std::string action;
    /// Of both; empty: not set.
    std::string document_id;
    std::string routing;
    std::string pipeline;
    std::string version;
    std::string version_type;
    long retry_on_conflict = 1;
    bool doc_as_upsert = false;
    std::string upsert;
    /// _id from the event's origin when document_id is not set.
    bool id_from_origin = true;
    bool dead_letter_bad_index_name = true;
};

struct elasticsearch_options {
    std::vector<endpoint> hosts;
    target_options target;
    http::client_options http;
    /// Headers of every request, "Name: value"; with the authorization when it is not the host's.
    std::vector<std::string> headers;
    bool has_authorization = false;
    /// "/_bulk?filter_path=..." to be put behind a host's url.
    std::string bulk_path;
    /// The same for probes.
    std::string probe_path;
    std::chrono::milliseconds timeout{60'000};
    int gzip_level = 1;
    std::chrono::nanoseconds retry_initial{};
    std::chrono::nanoseconds retry_max{};
    std::chrono::nanoseconds probe_max{};
    std::vector<int> dead_letter_codes;
    std::vector<std::string> drop_error_types;
    std::vector<std::string> silenced_error_types;
    std::size_t bulk_items_max = 0;
    std::size_t bulk_body_size_max = 0;
    std::size_t requests_in_flight = 0;
    std::size_t unsettled_bytes_max = 0;
    std::chrono::nanoseconds linger{};

    static result<elasticsearch_options> from(const settings& given, ecs_mode ecs);
};

} // namespace logboom::sinks
