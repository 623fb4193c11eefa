// `logboom consume`: stands in for kafka-console-consumer.sh and kcat -C. Data goes to stdout.
#include "buffer/client/admin.h"
#include "buffer/client/connection_trouble.h"
#include "buffer/client/errc.h"
#include "buffer/client/handle.h"
#include "buffer/client/topic_pattern.h"
#include "cli/commands.h"
#include "cli/kafka_tool.h"
#include "cli/record_format.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <memory>
#include <set>

namespace logboom::cli {
namespace {

using client::message_handle;

struct consume_options : kafka_tool_options {
    std::string topic;
    std::string group;
    bool from_beginning = false;
    std::string offset;
    int partition = -1;
    std::int64_t max_messages = -1;
    std::int64_t timeout_ms = -1;
    bool exit_at_end = false;
    /// A regular expression for the topics, instead of `topic`.
    std::string include;
    std::vector<std::string> properties;
    std::string formatter;
    std::string formatter_config;
    std::string key_deserializer;
    std::string value_deserializer;
    bool skips_errors = false;
    bool is_new = false;
    std::string format;
    std::string isolation = "read_uncommitted";
};

constexpr const char* consume_command = "consume";
std::atomic<bool> interrupted{false};

void on_signal(int /*number*/) {
    interrupted = true;
}

/// "earliest", "latest", a number, or "-N": N records before the end.
result<std::int64_t> start_offset(const consume_options& options) {
    const std::string& text = options.offset;
    if (text.empty()) {
        return std::int64_t{
            options.from_beginning ? RD_KAFKA_OFFSET_BEGINNING : RD_KAFKA_OFFSET_END};
    }
    if (text == "earliest" || text == "beginning") {
        return std::int64_t{RD_KAFKA_OFFSET_BEGINNING};
    }
    if (text == "latest" || text == "end") {
        return std::int64_t{RD_KAFKA_OFFSET_END};
    }
    std::int64_t number = 0;
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (code != std::errc{} || end != text.data() + text.size()) {
        return error(client::errc::bad_argument, "--offset \"" + text + "\"");
    }
    return number < 0 ? RD_KAFKA_OFFSET_TAIL(-number) : number;
}

result<client::property_list> properties_of(const consume_options& options) {
    // What the user says about the client comes last, and so wins.
    kafka_tool_options connection = options;
    connection.command_properties.clear();
    LB_TRY(client::property_list properties, connection_properties(connection));
    const bool has_group = !options.group.empty();
    properties.emplace_back("group.id", has_group ? options.group : "logboom-consume");
    properties.emplace_back("enable.auto.commit", has_group ? "true" : "false");
    properties.emplace_back("auto.offset.reset", options.from_beginning ? "earliest" : "latest");
    properties.emplace_back("enable.partition.eof", "true");
    properties.emplace_back("isolation.level", options.isolation);
    properties.emplace_back("allow.auto.create.topics", "false");
    // An idle connection that is closed is no reason to wait.
    properties.emplace_back("log.connection.close", "false");
    for (const std::string& each : options.command_properties) {
        LB_TRY(const auto property, split_property(each));
        LB_CHECK(add_java_property(property.first, property.second, properties));
    }
    return properties;
}

/// False when nobody reads any more.
bool print(const rd_kafka_message_t& message, const record_format& format, output& out) {
    record_view view;
    view.topic = rd_kafka_topic_name(message.rkt);
    view.partition = message.partition;
    view.offset = message.offset;
    rd_kafka_timestamp_type_t kind = RD_KAFKA_TIMESTAMP_NOT_AVAILABLE;
    view.timestamp_ms = rd_kafka_message_timestamp(&message, &kind);
    view.is_log_append_time = kind == RD_KAFKA_TIMESTAMP_LOG_APPEND_TIME;
    view.has_key = message.key != nullptr;
    view.key = {static_cast<const char*>(message.key), message.key_len};
    view.has_value = message.payload != nullptr;
    view.value = {static_cast<const char*>(message.payload), message.len};
    rd_kafka_headers_t* headers = nullptr;
    if (rd_kafka_message_headers(&message, &headers) == RD_KAFKA_RESP_ERR_NO_ERROR) {
        const char* key = nullptr;
        const void* value = nullptr;
        std::size_t size = 0;
        for (std::size_t i = 0;
             rd_kafka_header_get_all(headers, i, &key, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR;
             ++i) {
            view.headers.emplace_back(key, std::string_view(static_cast<const char*>(value), size));
        }
    }
    std::string text;
    format.append(view, text);
    return out.print(text);
}

result<void> begin(
    rd_kafka_t* client,
    const consume_options& options,
    const std::vector<client::topic_description>& topics
) {
    const client::partition_list list(rd_kafka_topic_partition_list_new(1));
    if (!options.group.empty() && options.partition < 0) {
        // A regular expression is librdkafka's when it begins with '^'; the group sees new topics.
        const std::string name = options.include.empty()
                                     ? options.topic
                                     : "^(" + client::include_list(options.include) + ")$";
        rd_kafka_topic_partition_list_add(list.get(), name.c_str(), RD_KAFKA_PARTITION_UA);
        const auto code = rd_kafka_subscribe(client, list.get());
        return code == RD_KAFKA_RESP_ERR_NO_ERROR ? result<void>()
                                                  : client::kafka_error(code, name);
    }
    LB_TRY(const std::int64_t start, start_offset(options));
    for (const client::topic_description& topic : topics) {
        for (const client::partition_description& each : topic.partitions) {
            if (options.partition < 0 || each.id == partition_id(options.partition)) {
                rd_kafka_topic_partition_list_add(list.get(), topic.name.c_str(), each.id.value())
                    ->offset = start;
            }
        }
    }
    if (list->cnt == 0) {
        return error(
            client::errc::bad_reset_target, options.topic + ":" + std::to_string(options.partition)
        );
    }
    const auto code = rd_kafka_assign(client, list.get());
    return code == RD_KAFKA_RESP_ERR_NO_ERROR
               ? result<void>()
               : client::kafka_error(code, options.topic + options.include);
}

result<std::vector<client::topic_description>>
chosen_topics(client::admin& cluster, const consume_options& options) {
    if (options.include.empty()) {
        return cluster.topics(options.topic);
    }
    LB_TRY(auto topics, cluster.topics());
    LB_TRY(const auto wanted, client::topic_pattern::parse(client::include_list(options.include)));
    std::erase_if(topics, [&](const client::topic_description& each) {
        return !wanted.matches(each.name);
    });
    if (topics.empty() && options.group.empty()) {
        return error(client::errc::no_such_topic, "a topic like '" + options.include + "'");
    }
    return topics;
}

/// What the reading needs besides the client.
struct reading {
    const consume_options& options;
    const record_format& format;
    const client::connection_trouble& trouble;
    output& out;
    /// How many have to be read to their end.
    std::size_t partitions = 0;
};

/// Says what the reader waits for: each cause once, until records come again.
class waiting_notice {
  public:
    void end() { said_.clear(); }
    void look(rd_kafka_t* client, const reading& from) {
        std::string cause = from.trouble.cause();
        if (cause.empty() && !from.options.group.empty() && !has_partition(client)) {
            cause = "group '" + from.options.group + "' has given no partition yet";
        }
        constexpr std::size_t causes_max = 100;
        if (!cause.empty() && said_.size() < causes_max && said_.insert(cause).second) {
            say_waiting(consume_command, cause);
        }
    }

  private:
    static bool has_partition(rd_kafka_t* client) {
        rd_kafka_topic_partition_list_t* assigned = nullptr;
        rd_kafka_assignment(client, &assigned);
        const client::partition_list held(assigned);
        return held != nullptr && held->cnt > 0;
    }

    std::set<std::string> said_;
};

/// Instead of a record.
error no_record(const rd_kafka_message_t& message, const reading& from) {
    const std::string cause = from.trouble.cause();
    if (client::is_unanswered(message.err) && !cause.empty()) {
        return error(client::errc::unreachable, cause);
    }
    return client::kafka_error(message.err, from.options.topic, rd_kafka_message_errstr(&message));
}

/// Shows what there is before it waits. Null when nothing came.
message_handle next_message(rd_kafka_t* client, output& out) {
    constexpr int poll_ms = 100;
    message_handle message(rd_kafka_consumer_poll(client, 0));
    if (!message && out.flush()) {
        message.reset(rd_kafka_consumer_poll(client, poll_ms));
    }
    return message;
}

/// Reads until there is reason to stop; how many records were printed.
result<std::int64_t> loop(rd_kafka_t* client, const reading& from) {
    constexpr std::chrono::seconds bearable{1};
    const consume_options& options = from.options;
    std::int64_t printed = 0;
    // A partition's end is told once, until there is more in it.
    std::set<std::pair<std::string, std::int32_t>> at_end;
    waiting_notice waiting;
    auto last = std::chrono::steady_clock::now();
    while (!interrupted && (options.max_messages < 0 || printed < options.max_messages)) {
        const message_handle message = next_message(client, from.out);
        const auto now = std::chrono::steady_clock::now();
        if (!message) {
            const bool is_over = options.timeout_ms >= 0 &&
                                 now - last >= std::chrono::milliseconds(options.timeout_ms);
            if (is_over || from.out.problem() != 0) {
                break;
            }
            if (now - last >= bearable) {
                waiting.look(client, from);
            }
            continue;
        }
        if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
            at_end.emplace(rd_kafka_topic_name(message->rkt), message->partition);
            if (options.exit_at_end && at_end.size() >= from.partitions) {
                break;
            }
            continue;
        }
        if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
            return no_record(*message, from);
        }
        waiting.end();
        at_end.erase({rd_kafka_topic_name(message->rkt), message->partition});
        last = now;
        ++printed;
        if (!print(*message, from.format, from.out)) {
            break;
        }
    }
    return printed;
}

result<std::int64_t>
consume(const consume_options& options, const record_format& format, output& out) {
    LB_TRY(client::admin cluster, connect(options, consume_command));
    LB_TRY(const auto topics, chosen_topics(cluster, options));
    LB_TRY(const client::property_list properties, properties_of(options));
    client::connection_trouble trouble;
    LB_TRY(client::conf_handle conf, client::make_conf(properties, trouble));
    LB_TRY(
        const client::client_handle reader, client::make_client(RD_KAFKA_CONSUMER, std::move(conf))
    );
    rd_kafka_poll_set_consumer(reader.get());
    LB_CHECK(begin(reader.get(), options, topics));
    reading from{options, format, trouble, out};
    for (const client::topic_description& topic : topics) {
        from.partitions += options.partition >= 0 ? 1 : topic.partitions.size();
        for (const client::partition_description& each : topic.partitions) {
            const bool is_read =
                options.partition < 0 || each.id == partition_id(options.partition);
            if (is_read && each.leader.value() < 0) {
                say_waiting(consume_command, offline_text(topic.name, each.id));
            }
        }
    }
    auto printed = loop(reader.get(), from);
    out.flush();
    rd_kafka_consumer_close(reader.get());
    return printed;
}

/// --formatter-config and --property, in this order. Fails for what is no name=value.
result<std::vector<std::pair<std::string, std::string>>>
format_properties(const consume_options& options) {
    std::vector<std::pair<std::string, std::string>> given;
    if (!options.formatter_config.empty()) {
        LB_TRY(given, read_properties(options.formatter_config));
    }
    for (const std::string& each : options.properties) {
        LB_TRY(auto property, split_property(each));
        given.push_back(std::move(property));
    }
    return given;
}

/// What is wrong with the options about printing; empty: nothing. Fills `format`.
std::string read_format(const consume_options& options, record_format& format) {
    const auto given = format_properties(options);
    if (given.has_error()) {
        return given.error().text();
    }
    for (const auto& [name, value] : *given) {
        if (!format.set_property(name, value)) {
            return "--property " + name + "=" + value + " is not known";
        }
    }
    if (options.formatter.ends_with("NoOpMessageFormatter")) {
        format = {};
        format.set_property("print.value", "false");
        format.set_property("line.separator", "");
    } else if (!options.formatter.empty() && !options.formatter.ends_with("DefaultMessageFormatter")) {
        return "--formatter " + options.formatter +
               " is a Java class that cannot be loaded; use --property or --format";
    }
    for (const std::string& each : {options.key_deserializer, options.value_deserializer}) {
        if (!each.empty() && !each.ends_with("StringDeserializer") &&
            !each.ends_with("ByteArrayDeserializer")) {
            return each + " is a Java class that cannot be loaded; keys and values are printed as "
                          "they are";
        }
    }
    if (!options.format.empty()) {
        if (const auto done = format.set_text(options.format); done.has_error()) {
            return done.error().text();
        }
    }
    return {};
}

/// What is wrong with what is read; empty: nothing.
std::string check_source(const consume_options& options) {
    if (options.topic.empty() && options.include.empty()) {
        return "--topic is missing";
    }
    if (!options.topic.empty() && !options.include.empty()) {
        return "give --topic or --include, not both";
    }
    if (!options.include.empty() && options.partition >= 0) {
        return "--partition needs --topic";
    }
    if (!options.offset.empty() && options.partition < 0 && options.format.empty()) {
        return "--offset needs --partition";
    }
    if (const auto start = start_offset(options); start.has_error()) {
        return "--offset is earliest, latest, a number, or -N for the last N";
    }
    if (client::topic_pattern::parse(client::include_list(options.include)).has_error()) {
        return "--include " + options.include + " is no regular expression";
    }
    return {};
}

exit_code run(const consume_options& options, output& out) {
    record_format format;
    std::string wrong = check_source(options);
    if (wrong.empty()) {
        wrong = read_format(options, format);
    }
    if (!wrong.empty()) {
        return misuse(consume_command, wrong);
    }
    std::signal(SIGINT, on_signal);
    std::signal(SIGTERM, on_signal);
    const auto printed = consume(options, format, out);
    if (printed.has_error()) {
        return fail(consume_command, printed.error());
    }
    if (options.format.empty() && out.problem() != EPIPE) {
        fmt::print(stderr, "Processed a total of {} messages\n", *printed);
    }
    return exit_code::done;
}

constexpr refused_option consume_refused[] = {
    {"--zookeeper", "offsets and topics are the broker's, not ZooKeeper's; use --bootstrap-server"},
    {"--blacklist", "it went with the old consumer; use --include with a regular expression"},
    {"--delete-consumer-offsets", "use logboom groups --delete-offsets"},
    {"--enable-systest-events", "it is for Kafka's own tests"},
    {"--csv-reporter-enabled,--metrics-dir", "it went with the old consumer"},
    {"--version", "logboom version prints it"},
};

} // namespace

void add_consume(command_line program) {
    auto options = std::make_shared<consume_options>();
    command_line command = program.add_command(consume_command, "Print the records of a topic");
    add_kafka_options(command, *options);
    command.add_option("--topic,-t", options->topic, "the topic");
    command.add_option(
        "--include,--whitelist",
        options->include,
        "topics by regular expression, instead of --topic"
    );
    command.add_option("--group", options->group, "read as a member of this group, and commit");
    command.add_flag(
        "--from-beginning", options->from_beginning, "from the first record, not the end"
    );
    command.add_option(
        "--offset,-o", options->offset, "earliest, latest, a number, or -N for the last N"
    );
    command.add_option("--partition,-p", options->partition, "only this one");
    command.add_option("--max-messages,-c", options->max_messages, "stop after so many");
    command.add_option("--timeout-ms", options->timeout_ms, "stop when nothing came for so long");
    command.add_flag("--exit-at-end,-e", options->exit_at_end, "stop at the end of the topic");
    command.add_option(
        "--property,--formatter-property",
        options->properties,
        "print.key=, print.timestamp=, print.offset=, print.partition=, print.headers=true, "
        "key.separator="
    );
    command.add_option(
        "--command-property,--consumer-property",
        options->command_properties,
        "a consumer configuration, name=value"
    );
    command.add_option(
        "--formatter-config", options->formatter_config, "a file with what --property takes"
    );
    command.add_option(
        "--formatter", options->formatter, "DefaultMessageFormatter, or NoOp... to print nothing"
    );
    command.add_option(
        "--key-deserializer", options->key_deserializer, "StringDeserializer or ByteArray..."
    );
    command.add_option(
        "--value-deserializer", options->value_deserializer, "StringDeserializer or ByteArray..."
    );
    command.add_flag(
        "--skip-message-on-error", options->skips_errors, "accepted; no record fails to be printed"
    );
    command.add_flag("--new-consumer", options->is_new, "accepted; every consumer is new by now");
    command.add_option(
        "-f,--format",
        options->format,
        "%s value %k key %t topic %p partition %o offset %T time %h headers"
    );
    command
        .add_option("--isolation-level", options->isolation, "read_uncommitted or read_committed")
        .one_of({"read_uncommitted", "read_committed"});
    command.refuse(consume_refused);
    command.when_chosen([options](output& out) { return run(*options, out); });
}

} // namespace logboom::cli
