#include "buffer/broker/config/server_properties.h"

#include "buffer/broker/config/properties_file.h"
#include "buffer/broker/config/protections.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>

namespace logboom::broker {
namespace {

constexpr std::int32_t port_max = 65535;

const setting* find_setting(std::string_view name) {
    const auto table = server_settings();
    const auto found = std::find_if(table.begin(), table.end(), [&](const setting& each) {
        return each.name == name;
    });
    return found == table.end() ? nullptr : &*found;
}

class reading {
  public:
    explicit reading(properties_outcome& out)
        : values_("server.properties", server_settings()), out_(out) {}

    void take(property entry, const std::string& source) {
        entry.value = trimmed(entry.value);
        const source_position where{source, entry.line, 0};
        const setting* known = find_setting(entry.key);
        if (find_protection(entry.key) != nullptr) {
            protections_.insert_or_assign(entry.key, asked{entry.value, where});
            return;
        }
        if (known == nullptr) {
            warn_unknown(entry.key, where);
            return;
        }
        out_.config.given.insert_or_assign(entry.key, entry.value);
        if (known->state == setting_state::no_effect) {
            // Kafka's own file is full of these: they are worth a note, not a warning.
            if (!known->doc.starts_with("Accepted")) {
                out_.notes.push_back(
                    fmt::format("{}: {} has no effect: {}", where.text(), entry.key, known->doc)
                );
            }
            return;
        }
        // An empty value is the same as none, as for Kafka's lists and optional keys.
        if (!entry.value.empty()) {
            values_.set(entry.key, {entry.value, where});
        }
    }

    void finish(const std::string& data_directory) {
        for (const auto& [key, each] : protections_) {
            if (const std::string why = refuse_protection(key, each.value); !why.empty()) {
                out_.errors.push_back(fmt::format("{}: {}", each.where.text(), why));
            }
        }
        for (const settings_problem& each : values_.problems()) {
            out_.errors.push_back(each.text);
        }
        out_.warnings.insert(
            out_.warnings.end(), values_.warnings().begin(), values_.warnings().end()
        );
        if (!out_.errors.empty()) {
            return;
        }
        fill_identity();
        fill_log_dirs(data_directory);
        fill_network();
        fill_listeners();
        fill_groups();
        fill_topic_defaults();
    }

  private:
    using ms = std::chrono::milliseconds;

    void warn_unknown(const std::string& key, const source_position& where) {
        std::vector<std::string_view> names;
        for (const setting& each : server_settings()) {
            names.push_back(each.name);
        }
        const std::string near = nearest_name(key, names);
        out_.warnings.push_back(fmt::format(
            "{}: unknown key {} is ignored{}",
            where.text(),
            key,
            near.empty() ? "" : fmt::format("; did you mean {}?", near)
        ));
    }
    void fail(std::string_view key, const std::string& sentence) {
        const std::string at = values_.where(key).text();
        out_.errors.push_back(fmt::format("{}{}{}: {}", at, at.empty() ? "" : ": ", key, sentence));
    }
    std::int32_t small(std::string_view key) {
        return static_cast<std::int32_t>(
            std::min<std::int64_t>(values_.integer(key), std::numeric_limits<std::int32_t>::max())
        );
    }
    ms millis(std::string_view key) { return ms(values_.integer(key)); }

    void fill_identity() {
        broker_config& to = out_.config;
        const auto id = small(values_.is_given("node.id") ? "node.id" : "broker.id");
        to.node = broker_id(std::max(id, 0));
        to.num_partitions = small("num.partitions");
        to.default_replication_factor =
            static_cast<std::int16_t>(std::min(small("default.replication.factor"), 32767));
        to.min_insync_replicas = small("min.insync.replicas");
        to.auto_create_topics = values_.flag("auto.create.topics.enable");
        to.delete_topic = values_.flag("delete.topic.enable");
        warn_of_replicas();
        to.num_io_threads = std::min(small("num.io.threads"), 64);
        to.sync_on_acks_all = values_.flag("logboom.acks.all.sync");
        to.retention_check_interval = millis("log.retention.check.interval.ms");
        to.cleaner = values_.flag("log.cleaner.enable");
        to.cleaner_backoff = millis("log.cleaner.backoff.ms");
        to.checkpoint_interval = millis("logboom.checkpoint.interval.ms");
    }
    /// A file from a cluster: what one node makes of it is not what its owner expects.
    void warn_of_replicas() {
        if (out_.config.default_replication_factor > 1) {
            out_.warnings.push_back(
                "default.replication.factor is above 1: on a single node no topic comes into being "
                "by itself, or without a replication factor"
            );
        }
        if (out_.config.min_insync_replicas > 1) {
            out_.warnings.push_back(
                "min.insync.replicas is above 1: a single node refuses records sent with acks=all"
            );
        }
    }
    void fill_log_dirs(const std::string& data_directory) {
        if (values_.is_given("log.dirs")) {
            out_.config.log_dirs = values_.list("log.dirs");
        } else if (values_.is_given("log.dir")) {
            out_.config.log_dirs = {values_.text("log.dir")};
        } else {
            out_.config.log_dirs = {data_directory};
        }
    }
    void fill_network() {
        broker_config& to = out_.config;
        to.socket_send_buffer_bytes = small("socket.send.buffer.bytes");
        to.socket_receive_buffer_bytes = small("socket.receive.buffer.bytes");
        to.socket_request_max_bytes = small("socket.request.max.bytes");
        const std::int64_t queued = values_.integer("queued.max.request.bytes");
        to.queued_max_request_bytes =
            queued < 0 ? std::numeric_limits<std::int64_t>::max() : queued;
        to.max_connections = small("max.connections");
        to.max_connections_per_ip = small("max.connections.per.ip");
        to.connections_max_idle = millis("connections.max.idle.ms");
        to.frame_timeout = millis("logboom.frame.timeout.ms");
    }
    void fill_groups() {
        group_config& to = out_.config.groups;
        to.min_session_timeout = millis("group.min.session.timeout.ms");
        to.max_session_timeout = millis("group.max.session.timeout.ms");
        to.initial_rebalance_delay = millis("group.initial.rebalance.delay.ms");
        to.max_size = small("group.max.size");
        to.offsets_retention = std::chrono::minutes(small("offsets.retention.minutes"));
        to.offsets_retention_check_interval = millis("offsets.retention.check.interval.ms");
        to.offsets_topic_partitions = small("offsets.topic.num.partitions");
        to.offsets_topic_segment_bytes = values_.integer("offsets.topic.segment.bytes");
        to.offset_metadata_max_bytes = small("offset.metadata.max.bytes");
    }

    /// The finest unit given wins, as in Kafka.
    void fill_topic_defaults() {
        topic_config& to = out_.config.topic_defaults;
        for (const topic_setting& each : topic_settings()) {
            const auto given = out_.config.given.find(each.broker_name);
            if (given == out_.config.given.end() || given->second.empty()) {
                continue;
            }
            if (const std::string wrong = check_topic_setting(each, given->second);
                !wrong.empty()) {
                fail(each.broker_name, wrong);
            }
            to.insert_or_assign(std::string(each.name), given->second);
        }
        constexpr std::int64_t minute_ms = 60'000;
        constexpr std::int64_t hour_ms = 60 * minute_ms;
        fill_scaled("retention.ms", "log.retention.hours", hour_ms, "log.retention.ms");
        fill_scaled("retention.ms", "log.retention.minutes", minute_ms, "log.retention.ms");
        fill_scaled("segment.ms", "log.roll.hours", hour_ms, "log.roll.ms");
    }
    void
    fill_scaled(const char* topic_key, const char* key, std::int64_t unit_ms, const char* finest) {
        if (!values_.is_given(key) || values_.is_given(finest)) {
            return;
        }
        const std::int64_t count = values_.integer(key);
        const std::int64_t count_max = std::numeric_limits<std::int64_t>::max() / unit_ms;
        const std::int64_t value = count < 0 ? -1 : std::min(count, count_max) * unit_ms;
        out_.config.topic_defaults.insert_or_assign(topic_key, std::to_string(value));
    }

    struct parsed_listener {
        std::string name;
        std::string host;
        std::int32_t port = 0;
    };
    /// "NAME://host:port"; the host may be empty, 0.0.0.0, a name or [v6].
    bool parse_listener(std::string_view key, const std::string& text, parsed_listener& into) {
        const std::size_t scheme = text.find("://");
        const std::size_t colon = text.rfind(':');
        if (scheme == std::string::npos || scheme == 0 || colon <= scheme + 2) {
            fail(key, fmt::format("\"{}\" must look like PLAINTEXT://host:9092", text));
            return false;
        }
        into.name = text.substr(0, scheme);
        into.host = text.substr(scheme + 3, colon - scheme - 3);
        if (into.host.size() >= 2 && into.host.front() == '[' && into.host.back() == ']') {
            into.host = into.host.substr(1, into.host.size() - 2);
        }
        const char* end = text.data() + text.size();
        const auto read = std::from_chars(text.data() + colon + 1, end, into.port);
        if (read.ec != std::errc{} || read.ptr != end || into.port < 0 || into.port > port_max) {
            fail(key, fmt::format("\"{}\" has no port between 0 and 65535", text));
            return false;
        }
        return true;
    }
    std::string protocol_of(const std::string& name) {
        for (const std::string& each : values_.list("listener.security.protocol.map")) {
            const std::size_t colon = each.find(':');
            if (each.substr(0, colon) == name && colon != std::string::npos) {
                return each.substr(colon + 1);
            }
        }
        return name;
    }
    void fill_listeners() {
        const std::vector<std::string>& left_out = values_.list("controller.listener.names");
        out_.config.listeners.clear();
        if (!values_.is_given("listeners") && fill_old_listener()) {
            return fill_advertised();
        }
        for (const std::string& text : values_.list("listeners")) {
            parsed_listener each;
            if (!parse_listener("listeners", text, each)) {
                return;
            }
            if (std::find(left_out.begin(), left_out.end(), each.name) != left_out.end()) {
                out_.notes.push_back(
                    "listener " + text + " is left out: it is for KRaft controllers"
                );
                continue;
            }
            if (const std::string protocol = protocol_of(each.name); protocol != "PLAINTEXT") {
                fail(
                    "listeners",
                    fmt::format(
                        "{} wants {}; only PLAINTEXT is supported (put a TLS proxy in front, or a "
                        "PLAINTEXT listener on a trusted address)",
                        text,
                        protocol
                    )
                );
                return;
            }
            out_.config.listeners.push_back({each.name, each.host, each.port, "", 0});
        }
        if (out_.config.listeners.empty()) {
            fail("listeners", "at least one PLAINTEXT listener is needed");
        }
        fill_advertised();
    }
    /// The keys of Kafka before 0.9, which it took until 3.0; false when none is given.
    bool fill_old_listener() {
        constexpr const char* keys[] = {
            "port", "host.name", "advertised.port", "advertised.host.name"};
        if (std::none_of(std::begin(keys), std::end(keys), [&](const char* key) {
                return values_.is_given(key);
            })) {
            return false;
        }
        listener_config made;
        made.host = values_.text("host.name");
        made.advertised_host = values_.text("advertised.host.name");
        made.port = small("port");
        made.advertised_port = values_.is_given("advertised.port") ? small("advertised.port") : 0;
        if (std::max(made.port, made.advertised_port) > port_max) {
            fail("port", "must be at most 65535");
        }
        out_.config.listeners.push_back(std::move(made));
        return true;
    }
    void fill_advertised() {
        for (const std::string& text : values_.list("advertised.listeners")) {
            parsed_listener each;
            if (!parse_listener("advertised.listeners", text, each)) {
                return;
            }
            if (each.host == "0.0.0.0") {
                fail("advertised.listeners", text + " names no address that clients could use");
                return;
            }
            bool found = false;
            for (listener_config& mine : out_.config.listeners) {
                if (mine.name == each.name) {
                    mine.advertised_host = each.host;
                    mine.advertised_port = each.port;
                    found = true;
                }
            }
            const auto& left_out = values_.list("controller.listener.names");
            if (!found &&
                std::find(left_out.begin(), left_out.end(), each.name) == left_out.end()) {
                fail("advertised.listeners", text + " is not the name of one of the listeners");
            }
        }
    }

    struct asked {
        std::string value;
        source_position where;
    };

    settings values_;
    /// Looked at when everything is read: an override may take one back.
    std::map<std::string, asked> protections_;
    properties_outcome& out_;
};

} // namespace

properties_outcome read_server_properties(
    const std::string& file_name,
    std::string_view text,
    const std::vector<std::string>& overrides,
    const std::string& data_directory
) {
    properties_outcome out;
    reading from(out);
    for (const property& each : parse_properties(text)) {
        from.take(each, file_name);
    }
    for (const std::string& each : overrides) {
        const std::size_t equals = each.find('=');
        if (equals == std::string::npos || equals == 0) {
            out.errors.push_back("--override: \"" + each + "\" must be key=value");
            continue;
        }
        from.take({each.substr(0, equals), each.substr(equals + 1), 0}, "--override");
    }
    from.finish(data_directory);
    return out;
}

} // namespace logboom::broker
