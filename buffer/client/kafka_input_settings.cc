// The table of the kafka input, and its translation to librdkafka's properties.
#include "buffer/client/kafka_input_settings.h"

#include "buffer/client/errc.h"
#include "buffer/client/producer.h"

#include <fmt/format.h>

#include <algorithm>
#include <regex.h>

namespace logboom::client {
namespace {

constexpr double value_max = 2147483647;

constexpr setting input_settings[] = {
    {.name = "topics",
     .type = setting_type::array,
     .fallback = "logstash",
     .doc = "The topics to read."},
    {.name = "topics_pattern",
     .doc = "A regular expression instead: all topics whose whole name fits it (POSIX extended)."},
    {.name = "group_id",
     .fallback = "logstash",
     .doc = "The consumer group that remembers how far we are."},
    {.name = "consumer_threads",
     .type = setting_type::integer,
     .fallback = "1",
     .doc = "Members of the group, each on a thread of its own; more than partitions are idle.",
     .min = 1,
     .max = 256},
    {.name = "auto_offset_reset",
     .doc = "Where to begin when the group has no offset, or one that is gone: earliest, latest or "
            "none. "
            "latest when not set."},
    {.name = "enable_auto_commit",
     .type = setting_type::boolean,
     .fallback = "true",
     .doc =
         "Either way an offset is committed only when its records are in a final state; false: as "
         "soon as they are, true: each auto_commit_interval_ms."},
    {.name = "auto_commit_interval_ms",
     .type = setting_type::integer,
     .fallback = "5000",
     .doc = "How often final offsets are committed; also on a rebalance and at the end.",
     .min = 1,
     .max = 86400000},
    {.name = "decorate_events",
     .type = setting_type::choice,
     .fallback = "none",
     .doc = "Puts topic, partition, offset, key, timestamp (basic) and headers (extended) into "
            "[@metadata][kafka].",
     .choices = "none|basic|extended|true|false"},
    {.name = "group_instance_id",
     .doc =
         "A member that keeps its partitions across a restart; with several threads -0, -1, ... is "
         "added."},
    {.name = "group_protocol",
     .type = setting_type::choice,
     .fallback = "classic",
     .doc = "classic.",
     .choices = "classic|consumer"},
    {.name = "partition_assignment_strategy",
     .fallback = "cooperative_sticky",
     .doc = "range, round_robin or cooperative_sticky, with which partitions that stay are not "
            "interrupted by a rebalance. All members of a group must agree."},
    {.name = "isolation_level",
     .type = setting_type::choice,
     .fallback = "read_uncommitted",
     .doc = "read_committed skips records of aborted transactions.",
     .choices = "read_uncommitted|read_committed"},
    {.name = "max_poll_records",
     .type = setting_type::integer,
     .doc = "Most records of a batch; pipeline.batch.size when not set.",
     .min = 1,
     .max = 1000000},
    {.name = "max_poll_interval_ms",
     .type = setting_type::integer,
     .fallback = "300000",
     .doc = "A member that does not poll for so long is thrown out. Ours polls while the pipeline "
            "waits.",
     .min = 1,
     .max = 86400000},
    {.name = "session_timeout_ms",
     .type = setting_type::integer,
     .fallback = "10000",
     .doc = "A member that is not heard for so long is thrown out.",
     .min = 1,
     .max = 3600000},
    {.name = "heartbeat_interval_ms",
     .type = setting_type::integer,
     .fallback = "3000",
     .doc = "How often it is heard.",
     .min = 1,
     .max = 3600000},
    {.name = "fetch_min_bytes",
     .type = setting_type::integer,
     .fallback = "1",
     .doc = "The broker waits for so much before it answers,",
     .min = 1,
     .max = 100000000},
    {.name = "fetch_max_wait_ms",
     .type = setting_type::integer,
     .fallback = "500",
     .doc = "but no longer than this.",
     .min = 0,
     .max = 300000},
    {.name = "fetch_max_bytes",
     .type = setting_type::integer,
     .fallback = "52428800",
     .doc = "The most of one answer.",
     .min = 0,
     .max = value_max - 512},
    {.name = "max_partition_fetch_bytes",
     .type = setting_type::integer,
     .fallback = "1048576",
     .doc = "The most of one partition in one answer.",
     .min = 1,
     .max = 1000000000},
    {.name = "check_crcs",
     .type = setting_type::boolean,
     .fallback = "true",
     .doc = "Check each batch's checksum."},
    {.name = "auto_create_topics",
     .type = setting_type::boolean,
     .fallback = "true",
     .doc = "Let the broker make a topic that is not there, if it may."},
    {.name = "client_rack", .doc = "Read from a replica of this rack when there is one."},
    {.name = "exclude_internal_topics",
     .type = setting_type::boolean,
     .fallback = "true",
     .doc = "topics_pattern does not match Kafka's own topics."},
    {.name = "poll_timeout_ms",
     .type = setting_type::integer,
     .doc = "Waiting costs nothing here.",
     .state = setting_state::no_effect},
    {.name = "key_deserializer_class",
     .doc = "Bytes are read as they are.",
     .state = setting_state::no_effect},
    {.name = "value_deserializer_class",
     .doc = "Bytes are read as they are.",
     .state = setting_state::no_effect},
    {.name = "schema_registry_url",
     .state = setting_state::obsolete,
     .use_instead = "Avro with a schema registry is not supported; write JSON."},
    {.name = "schema_registry_key",
     .type = setting_type::password,
     .doc = "There is no schema_registry_url.",
     .state = setting_state::no_effect},
    {.name = "schema_registry_secret",
     .type = setting_type::password,
     .doc = "There is no schema_registry_url.",
     .state = setting_state::no_effect},
    {.name = "schema_registry_proxy",
     .doc = "There is no schema_registry_url.",
     .state = setting_state::no_effect},
    {.name = "schema_registry_validation",
     .doc = "There is no schema_registry_url.",
     .state = setting_state::no_effect},

    // Logstash 1.4 to 2.x, when consumers asked ZooKeeper.
    {.name = "zk_connect",
     .doc = "No ZooKeeper is asked; bootstrap_servers names the brokers.",
     .state = setting_state::no_effect},
    {.name = "topic_id", .state = setting_state::renamed, .use_instead = "topics"},
    {.name = "white_list", .state = setting_state::renamed, .use_instead = "topics_pattern"},
    {.name = "black_list",
     .doc = "Write a topics_pattern that does not match them.",
     .state = setting_state::not_yet},
    {.name = "fetch_message_max_bytes",
     .state = setting_state::renamed,
     .use_instead = "max_partition_fetch_bytes"},
    {.name = "reset_beginning",
     .type = setting_type::boolean,
     .fallback = "false",
     .doc = "Old for auto_offset_reset => earliest."},
    {.name = "ssl_keystore",
     .state = setting_state::renamed,
     .use_instead = "ssl_keystore_location"},
    {.name = "ssl_truststore",
     .state = setting_state::renamed,
     .use_instead = "ssl_truststore_location"},
    {.name = "ssl",
     .state = setting_state::obsolete,
     .use_instead = "set security_protocol => \"SSL\" instead."},
    {.name = "queue_size",
     .doc = "It belonged to the consumer of 2014.",
     .state = setting_state::no_effect},
    {.name = "rebalance_max_retries",
     .doc = "It belonged to the consumer of 2014.",
     .state = setting_state::no_effect},
    {.name = "rebalance_backoff_ms",
     .doc = "It belonged to the consumer of 2014.",
     .state = setting_state::no_effect},
    {.name = "consumer_timeout_ms",
     .doc = "It belonged to the consumer of 2014.",
     .state = setting_state::no_effect},
    {.name = "consumer_restart_on_error",
     .doc = "It belonged to the consumer of 2014.",
     .state = setting_state::no_effect},
    {.name = "consumer_restart_sleep_ms",
     .doc = "It belonged to the consumer of 2014.",
     .state = setting_state::no_effect},
    {.name = "consumer_id",
     .doc = "It belonged to the consumer of 2014.",
     .state = setting_state::no_effect},
    {.name = "decoder_class",
     .doc = "It belonged to the consumer of 2014.",
     .state = setting_state::no_effect},
    {.name = "key_decoder_class",
     .doc = "It belonged to the consumer of 2014.",
     .state = setting_state::no_effect},
};

constexpr auto input_table = joined_tables(input_settings, shared_settings);

result<std::string> reset_of(const settings& from) {
    const std::string& text = from.text("auto_offset_reset");
    if (text.empty()) {
        return std::string(from.flag("reset_beginning") ? "earliest" : "latest");
    }
    if (text == "earliest" || text == "smallest" || text == "beginning") {
        return std::string("earliest");
    }
    if (text == "latest" || text == "largest" || text == "end") {
        return std::string("latest");
    }
    if (text == "none") {
        return std::string("error");
    }
    return error(errc::bad_choice, "auto_offset_reset \"" + text + "\" (earliest, latest, none)");
}

result<std::string> strategy_of(const settings& from) {
    const std::string& text = from.text("partition_assignment_strategy");
    if (text == "range" || text.ends_with(".RangeAssignor")) {
        return std::string("range");
    }
    if (text == "round_robin" || text == "roundrobin" || text.ends_with(".RoundRobinAssignor")) {
        return std::string("roundrobin");
    }
    // Java's own default is a list of two; eager "sticky" does not exist in librdkafka.
    if (text.empty() || text.find("sticky") != std::string::npos ||
        text.find("StickyAssignor") != std::string::npos) {
        return std::string("cooperative-sticky");
    }
    return error(
        errc::bad_choice,
        "partition_assignment_strategy \"" + text + "\" (range, round_robin, cooperative_sticky)"
    );
}

/// Members of the set that Java's \d or \w stands for; empty for other letters.
std::string_view class_members(char letter) {
    return letter == 'd' ? "0-9" : letter == 'w' ? "a-zA-Z0-9_" : "";
}

/// The set between brackets at the front of `rest`, which is taken off. POSIX knows no escapes
/// there, and a dash stands for itself at the end only; Java's also behind \w and the like.
std::string set_without_escapes(std::string_view& rest) {
    std::string out = "[";
    bool has_dash = false;
    bool is_behind_members = false;
    rest.remove_prefix(1);
    while (!rest.empty() && rest.front() != ']') {
        const bool is_escape = rest.front() == '\\' && rest.size() > 1;
        const char letter = rest[is_escape ? 1 : 0];
        const std::string_view members = is_escape ? class_members(letter) : "";
        const bool is_dash = letter == '-' && (is_escape || is_behind_members);
        is_behind_members = !members.empty();
        has_dash = has_dash || is_dash;
        out += !members.empty() ? std::string(members) : std::string(is_dash ? 0 : 1, letter);
        rest.remove_prefix(is_escape ? 2 : 1);
    }
    out += has_dash ? "-" : "";
    if (!rest.empty()) {
        out += ']';
        rest.remove_prefix(1);
    }
    return out;
}

/// What Java's escapes mean in a POSIX expression.
std::string without_java_escapes(std::string_view rest) {
    std::string out;
    while (!rest.empty()) {
        if (rest.front() == '[') {
            out += set_without_escapes(rest);
            continue;
        }
        std::size_t taken = 1;
        if (rest.starts_with("(?:")) {
            out += '(';
            taken = 3;
        } else if (rest.front() == '\\' && rest.size() > 1) {
            const std::string_view members = class_members(rest[1]);
            out += members.empty() ? std::string(rest.substr(0, 2)) : fmt::format("[{}]", members);
            taken = 2;
        } else {
            out += rest.front();
        }
        rest.remove_prefix(taken);
    }
    return out;
}

std::string whole_name_pattern(const settings& from) {
    return "^(" + without_java_escapes(from.text("topics_pattern")) + ")$";
}

/// librdkafka uses libc's expressions too, but says only that one of its arguments is invalid.
result<void> check_pattern(const settings& from) {
    regex_t compiled{};
    if (regcomp(&compiled, whole_name_pattern(from).c_str(), REG_EXTENDED | REG_NOSUB) != 0) {
        return error(errc::bad_pattern, "topics_pattern \"" + from.text("topics_pattern") + "\"");
    }
    regfree(&compiled);
    return {};
}

/// librdkafka finds these out only when the group is joined.
result<void> check_names(const settings& from) {
    const auto is_empty = [](const std::string& name) { return name.empty(); };
    const auto& topics = from.list("topics");
    if (from.text("topics_pattern").empty()) {
        if (topics.empty() || std::any_of(topics.begin(), topics.end(), is_empty)) {
            return error(errc::no_name, "topics");
        }
        const auto wrong = std::find_if_not(topics.begin(), topics.end(), is_topic_name);
        if (wrong != topics.end()) {
            return error(errc::bad_topic, "topic \"" + *wrong + "\"");
        }
    }
    if (from.text("group_id").empty()) {
        return error(errc::no_name, "group_id");
    }
    return {};
}

} // namespace

std::span<const setting> kafka_input_table() {
    return input_table;
}

result<property_list> consumer_properties(const settings& from) {
    property_list properties;
    LB_CHECK(add_connection_properties(from, properties));
    LB_CHECK(add_security_properties(from, properties));
    const auto number = [&](std::string_view name, const char* property) {
        properties.emplace_back(property, std::to_string(from.integer(name)));
    };
    const auto flag = [&](std::string_view name, const char* property) {
        properties.emplace_back(property, from.flag(name) ? "true" : "false");
    };
    LB_CHECK(check_names(from));
    properties.emplace_back("group.id", from.text("group_id"));
    properties.emplace_back("enable.auto.commit", "false");
    properties.emplace_back("enable.auto.offset.store", "false");
    LB_TRY(const std::string reset, reset_of(from));
    properties.emplace_back("auto.offset.reset", reset);
    LB_TRY(const std::string strategy, strategy_of(from));
    properties.emplace_back("partition.assignment.strategy", strategy);
    properties.emplace_back("isolation.level", from.text("isolation_level"));
    number("session_timeout_ms", "session.timeout.ms");
    number("heartbeat_interval_ms", "heartbeat.interval.ms");
    properties.emplace_back(
        "max.poll.interval.ms",
        std::to_string(
            std::max(from.integer("max_poll_interval_ms"), from.integer("session_timeout_ms"))
        )
    );
    number("fetch_min_bytes", "fetch.min.bytes");
    number("fetch_max_wait_ms", "fetch.wait.max.ms");
    const std::int64_t fetch_max =
        std::max(from.integer("fetch_max_bytes"), from.integer("max_partition_fetch_bytes"));
    // A producer's limit, which librdkafka does not let a consumer's answers go below.
    constexpr std::int64_t record_max_min = 1000;
    constexpr std::int64_t record_max_default = 1000000;
    const std::int64_t record_max = std::clamp(fetch_max, record_max_min, record_max_default);
    properties.emplace_back("message.max.bytes", std::to_string(record_max));
    properties.emplace_back("fetch.max.bytes", std::to_string(std::max(fetch_max, record_max)));
    constexpr std::int64_t receive_default = 100000000;
    constexpr std::int64_t receive_more = 512;
    properties.emplace_back(
        "receive.message.max.bytes",
        std::to_string(std::max(fetch_max + receive_more, receive_default))
    );
    number("max_partition_fetch_bytes", "fetch.message.max.bytes");
    // librdkafka's 64 MiB read-ahead a member is most of what the whole sink may use.
    constexpr std::int64_t read_ahead_kib = std::int64_t{32} * 1024;
    constexpr std::int64_t read_ahead_kib_min = 1024;
    properties.emplace_back(
        "queued.max.messages.kbytes",
        std::to_string(
            std::max(read_ahead_kib / from.integer("consumer_threads"), read_ahead_kib_min)
        )
    );
    flag("check_crcs", "check.crcs");
    flag("auto_create_topics", "allow.auto.create.topics");
    if (!from.text("client_rack").empty()) {
        properties.emplace_back("client.rack", from.text("client_rack"));
    }
    if (!from.text("topics_pattern").empty()) {
        LB_CHECK(check_pattern(from));
        if (from.flag("exclude_internal_topics")) {
            properties.emplace_back(
                "topic.blacklist", "^__consumer_offsets$,^__transaction_state$"
            );
        }
    }
    return properties;
}

std::vector<std::string> subscription_of(const settings& from) {
    if (!from.text("topics_pattern").empty()) {
        return {whole_name_pattern(from)};
    }
    return from.list("topics");
}

std::vector<std::string> input_notes(const settings& from) {
    std::vector<std::string> notes;
    const std::string& reset = from.text("auto_offset_reset");
    if (reset == "smallest" || reset == "largest") {
        notes.push_back(fmt::format(
            "auto_offset_reset => \"{}\" is an old name for \"{}\".",
            reset,
            reset == "smallest" ? "earliest" : "latest"
        ));
    }
    if (from.text("group_protocol") == "consumer") {
        notes.emplace_back("group_protocol consumer is not supported; the classic protocol is used."
        );
    }
    if (from.is_given("reset_beginning")) {
        notes.emplace_back("reset_beginning is an old name for auto_offset_reset => \"earliest\".");
    }
    return notes;
}

decoration decoration_of(const settings& from) {
    const std::string& text = from.text("decorate_events");
    if (text == "extended") {
        return decoration::extended;
    }
    return text == "basic" || text == "true" ? decoration::basic : decoration::none;
}

} // namespace logboom::client
