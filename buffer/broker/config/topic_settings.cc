#include "buffer/broker/config/topic_settings.h"

#include "base/settings.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>

namespace logboom::broker {
namespace {

constexpr double unbounded = -std::numeric_limits<double>::infinity();
constexpr std::string_view long_max = "9223372036854775807";

std::int64_t to_integer(const std::string& text) {
    std::int64_t value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

template <auto Member>
void set_integer(log::log_config& to, const std::string& value) {
    to.*Member = to_integer(value);
}

void set_cleanup(log::log_config& to, const std::string& value) {
    to.cleanup_delete = value.find("delete") != std::string::npos;
    to.cleanup_compact = value.find("compact") != std::string::npos;
}
void set_timestamp_type(log::log_config& to, const std::string& value) {
    to.message_timestamp_type = value == "LogAppendTime" ? kafka::timestamp_type::log_append_time
                                                         : kafka::timestamp_type::create_time;
}
void set_dirty_ratio(log::log_config& to, const std::string& value) {
    std::from_chars(value.data(), value.data() + value.size(), to.min_cleanable_dirty_ratio);
}
void set_validation(log::log_config& to, const std::string& value) {
    to.validate_deep = value == "deep";
}

using enum config_type;
using config = log::log_config;

constexpr topic_setting table[] = {
    {"cleanup.policy",
     "log.cleanup.policy",
     list,
     "delete",
     unbounded,
     "delete|compact",
     "What happens to old segments: delete drops them, compact keeps the last record of each key.",
     set_cleanup},
    {"compression.type",
     "compression.type",
     text,
     "producer",
     unbounded,
     "uncompressed|zstd|lz4|snappy|gzip|producer",
     "How batches are stored; only producer, as they came, is done by this broker.",
     nullptr},
    {"delete.retention.ms",
     "log.cleaner.delete.retention.ms",
     long_integer,
     "86400000",
     0,
     "",
     "How long tombstones stay in a compacted topic.",
     set_integer<&config::delete_retention_ms>},
    {"file.delete.delay.ms",
     "log.segment.delete.delay.ms",
     long_integer,
     "60000",
     0,
     "",
     "How long a deleted segment's files stay on disk.",
     set_integer<&config::file_delete_delay_ms>},
    {"flush.messages",
     "log.flush.interval.messages",
     long_integer,
     long_max,
     1,
     "",
     "After how many records an fdatasync is due; 1 syncs before every acknowledgement.",
     set_integer<&config::flush_messages>},
    {"flush.ms",
     "log.flush.interval.ms",
     long_integer,
     long_max,
     0,
     "",
     "How long a record may wait for its fdatasync.",
     set_integer<&config::flush_ms>},
    {"follower.replication.throttled.replicas",
     "",
     list,
     "",
     unbounded,
     "",
     "Accepted; one node replicates nothing.",
     nullptr},
    {"index.interval.bytes",
     "log.index.interval.bytes",
     integer,
     "4096",
     0,
     "",
     "Bytes of records for each entry of the offset index.",
     set_integer<&config::index_interval_bytes>},
    {"leader.replication.throttled.replicas",
     "",
     list,
     "",
     unbounded,
     "",
     "Accepted; one node replicates nothing.",
     nullptr},
    {"max.compaction.lag.ms",
     "log.cleaner.max.compaction.lag.ms",
     long_integer,
     long_max,
     1,
     "",
     "How long a record in a full segment may wait for compaction, whatever the dirty ratio.",
     set_integer<&config::max_compaction_lag_ms>},
    {"max.message.bytes",
     "message.max.bytes",
     integer,
     "1048588",
     0,
     "",
     "The largest batch that is taken.",
     set_integer<&config::max_message_bytes>},
    {"message.downconversion.enable",
     "log.message.downconversion.enable",
     boolean,
     "true",
     unbounded,
     "true|false",
     "Accepted.",
     nullptr},
    {"message.format.version",
     "log.message.format.version",
     text,
     "3.0-IV1",
     unbounded,
     "",
     "Accepted; records are always stored in format 2.",
     nullptr},
    {"message.timestamp.after.max.ms",
     "log.message.timestamp.after.max.ms",
     long_integer,
     long_max,
     0,
     "",
     "How far ahead of the broker's clock a record's time may be.",
     set_integer<&config::message_timestamp_after_max_ms>},
    {"message.timestamp.before.max.ms",
     "log.message.timestamp.before.max.ms",
     long_integer,
     long_max,
     0,
     "",
     "How far behind the broker's clock a record's time may be.",
     set_integer<&config::message_timestamp_before_max_ms>},
    {"message.timestamp.difference.max.ms",
     "log.message.timestamp.difference.max.ms",
     long_integer,
     long_max,
     0,
     "",
     "Accepted; the two keys above took its place.",
     nullptr},
    {"message.timestamp.type",
     "log.message.timestamp.type",
     text,
     "CreateTime",
     unbounded,
     "CreateTime|LogAppendTime",
     "Whose clock a record's time is from.",
     set_timestamp_type},
    {"min.cleanable.dirty.ratio",
     "log.cleaner.min.cleanable.ratio",
     real,
     "0.5",
     0,
     "",
     "How dirty a log must be to be compacted.",
     set_dirty_ratio},
    {"min.compaction.lag.ms",
     "log.cleaner.min.compaction.lag.ms",
     long_integer,
     "0",
     0,
     "",
     "How long a record stays uncompacted at least.",
     set_integer<&config::min_compaction_lag_ms>},
    {"min.insync.replicas",
     "min.insync.replicas",
     integer,
     "1",
     1,
     "",
     "How many replicas must be in sync for acks=all; one node has one.",
     nullptr},
    {"preallocate",
     "log.preallocate",
     boolean,
     "false",
     unbounded,
     "true|false",
     "Accepted.",
     nullptr},
    {"retention.bytes",
     "log.retention.bytes",
     long_integer,
     "-1",
     -1,
     "",
     "How large a partition may grow; -1 without limit.",
     set_integer<&config::retention_bytes>},
    {"retention.ms",
     "log.retention.ms",
     long_integer,
     "604800000",
     -1,
     "",
     "How long records are kept; -1 for ever.",
     set_integer<&config::retention_ms>},
    {"segment.bytes",
     "log.segment.bytes",
     integer,
     "1073741824",
     14,
     "",
     "How large a segment file grows.",
     set_integer<&config::segment_bytes>},
    {"segment.index.bytes",
     "log.index.size.max.bytes",
     integer,
     "10485760",
     4,
     "",
     "How large an index file grows.",
     set_integer<&config::segment_index_bytes>},
    {"segment.jitter.ms", "log.roll.jitter.ms", long_integer, "0", 0, "", "Accepted.", nullptr},
    {"segment.ms",
     "log.roll.ms",
     long_integer,
     "604800000",
     1,
     "",
     "How old a segment grows before a new one is begun.",
     set_integer<&config::segment_ms>},
    {"unclean.leader.election.enable",
     "unclean.leader.election.enable",
     boolean,
     "false",
     unbounded,
     "true|false",
     "Accepted; one node elects nobody.",
     nullptr},
    {"logboom.validate.records",
     "logboom.validate.records",
     text,
     "header",
     unbounded,
     "header|deep",
     "deep looks into compressed batches before they are taken.",
     set_validation},
};

bool is_choice(std::string_view choices, std::string_view value) {
    while (!choices.empty()) {
        const std::size_t end = choices.find('|');
        if (choices.substr(0, end) == value) {
            return true;
        }
        choices = end == std::string_view::npos ? std::string_view{} : choices.substr(end + 1);
    }
    return false;
}

std::string check_choices(const topic_setting& key, std::string_view value) {
    const bool many = key.type == list;
    while (!key.choices.empty() && !value.empty()) {
        const std::size_t end = many ? value.find(',') : std::string_view::npos;
        if (!is_choice(key.choices, trimmed(value.substr(0, end)))) {
            return fmt::format("{}: must be one of {}", key.name, key.choices);
        }
        value = end == std::string_view::npos ? std::string_view{} : value.substr(end + 1);
    }
    return {};
}

} // namespace

std::span<const topic_setting> topic_settings() {
    return table;
}

const topic_setting* find_topic_setting(std::string_view name) {
    const auto* found = std::find_if(std::begin(table), std::end(table), [&](const auto& each) {
        return each.name == name;
    });
    return found == std::end(table) ? nullptr : found;
}

std::string trimmed(std::string_view value) {
    constexpr std::string_view space = " \t\r\n\f";
    const std::size_t first = value.find_first_not_of(space);
    return first == std::string_view::npos
               ? std::string()
               : std::string(value.substr(first, value.find_last_not_of(space) - first + 1));
}

std::string check_topic_setting(const topic_setting& key, const std::string& given) {
    std::string value = trimmed(given);
    if (key.type == boolean) {
        std::transform(value.begin(), value.end(), value.begin(), [](unsigned char each) {
            return static_cast<char>(std::tolower(each));
        });
    }
    const char* end = value.data() + value.size();
    double number = 0;
    switch (key.type) {
    case integer:
    case short_integer:
    case long_integer: {
        std::int64_t whole = 0;
        const auto read = std::from_chars(value.data(), end, whole);
        const bool too_wide =
            key.type != long_integer && whole > std::numeric_limits<std::int32_t>::max();
        if (read.ec != std::errc{} || read.ptr != end || too_wide) {
            return fmt::format("{}: \"{}\" is not a whole number that fits", key.name, value);
        }
        number = static_cast<double>(whole);
        break;
    }
    case real: {
        const auto read = std::from_chars(value.data(), end, number);
        if (read.ec != std::errc{} || read.ptr != end || !std::isfinite(number)) {
            return fmt::format("{}: \"{}\" is not a number", key.name, value);
        }
        break;
    }
    default:
        return check_choices(key, value);
    }
    return number < key.min ? fmt::format("{}: must be at least {}", key.name, key.min) : "";
}

std::string check_overrides(const topic_config& overrides) {
    for (const auto& [name, value] : overrides) {
        const topic_setting* key = find_topic_setting(name);
        if (key == nullptr) {
            return fmt::format("Unknown topic config name: {}", name);
        }
        if (std::string wrong = check_topic_setting(*key, value); !wrong.empty()) {
            return wrong;
        }
    }
    return {};
}

log::log_config make_log_config(const topic_config& defaults, const topic_config& overrides) {
    log::log_config made;
    for (const topic_setting& key : table) {
        if (key.apply != nullptr) {
            key.apply(made, trimmed(effective_topic_value(key, defaults, overrides).value));
        }
    }
    return made;
}

effective_value effective_topic_value(
    const topic_setting& key, const topic_config& defaults, const topic_config& overrides
) {
    if (const auto own = overrides.find(key.name); own != overrides.end()) {
        return {own->second, config_source::topic};
    }
    if (const auto given = defaults.find(key.name); given != defaults.end()) {
        return {given->second, config_source::broker};
    }
    return {std::string(key.fallback), config_source::fallback};
}

} // namespace logboom::broker
