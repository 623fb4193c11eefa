// `logboom consume`: stands in for kafka-console-consumer.sh and kcat -C. Data goes to stdout.
#include "buffer/client/admin.h"
#include "buffer/client/errc.h"
#include "buffer/client/handle.h"
#include "cli/commands.h"
#include "cli/kafka_tool.h"
#include "cli/record_format.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <charconv>
#include <csignal>
#include <cstdio>
#include <memory>
#include <set>
#include <unistd.h>

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
    std::vector<std::string> properties;
    std::vector<std::string> consumer_properties;
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
    LB_TRY(client::property_list properties, connection_properties(options));
    const bool has_group = !options.group.empty();
    properties.emplace_back("group.id", has_group ? options.group : "logboom-consume");
    properties.emplace_back("enable.auto.commit", has_group ? "true" : "false");
    properties.emplace_back("auto.offset.reset", options.from_beginning ? "earliest" : "latest");
    properties.emplace_back("enable.partition.eof", "true");
    properties.emplace_back("isolation.level", options.isolation);
    properties.emplace_back("allow.auto.create.topics", "false");
    for (const std::string& each : options.consumer_properties) {
        LB_TRY(const auto property, split_property(each));
        LB_CHECK(add_java_property(property.first, property.second, properties));
    }
    return properties;
}

class printer {
  public:
    explicit printer(record_format format) : format_(std::move(format)) {}
    ~printer() { flush(); }
    printer(const printer&) = delete;
    printer& operator=(const printer&) = delete;

    /// False when nobody reads any more.
    bool print(const rd_kafka_message_t& message) {
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
            for (std::size_t i = 0; rd_kafka_header_get_all(headers, i, &key, &value, &size) ==
                                    RD_KAFKA_RESP_ERR_NO_ERROR;
                 ++i) {
                view.headers.emplace_back(
                    key, std::string_view(static_cast<const char*>(value), size)
                );
            }
        }
        format_.append(view, out_);
        constexpr std::size_t flush_size = std::size_t{64} * 1024;
        return out_.size() < flush_size || flush();
    }
    /// False when nobody reads any more.
    bool flush() {
        std::string_view rest = out_;
        while (!rest.empty() && !broken_) {
            const ssize_t done = ::write(STDOUT_FILENO, rest.data(), rest.size());
            if (done < 0 && errno != EINTR) {
                broken_ = true;
            }
            rest.remove_prefix(static_cast<std::size_t>(std::max<ssize_t>(done, 0)));
        }
        out_.clear();
        return !broken_;
    }

    [[nodiscard]] bool is_broken() const { return broken_; }

  private:
    record_format format_;
    std::string out_;
    bool broken_ = false;
};

result<void>
begin(rd_kafka_t* client, const consume_options& options, const client::topic_description& topic) {
    const client::partition_list list(rd_kafka_topic_partition_list_new(1));
    if (!options.group.empty() && options.partition < 0) {
        rd_kafka_topic_partition_list_add(list.get(), options.topic.c_str(), RD_KAFKA_PARTITION_UA);
        const auto code = rd_kafka_subscribe(client, list.get());
        return code == RD_KAFKA_RESP_ERR_NO_ERROR ? result<void>()
                                                  : client::kafka_error(code, options.topic);
    }
    LB_TRY(const std::int64_t start, start_offset(options));
    bool found = false;
    for (const client::partition_description& each : topic.partitions) {
        if (options.partition >= 0 && each.id != partition_id(options.partition)) {
            continue;
        }
        found = true;
        rd_kafka_topic_partition_list_add(list.get(), options.topic.c_str(), each.id.value())
            ->offset = start;
    }
    if (!found) {
        return error(
            client::errc::bad_reset_target, options.topic + ":" + std::to_string(options.partition)
        );
    }
    const auto code = rd_kafka_assign(client, list.get());
    return code == RD_KAFKA_RESP_ERR_NO_ERROR ? result<void>()
                                              : client::kafka_error(code, options.topic);
}

/// The client goes on trying.
bool will_pass(rd_kafka_resp_err_t code) {
    return code == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN || code == RD_KAFKA_RESP_ERR__TRANSPORT;
}

/// Shows what there is before it waits. Null when nothing came.
message_handle next_message(rd_kafka_t* client, printer& to) {
    constexpr int poll_ms = 100;
    message_handle message(rd_kafka_consumer_poll(client, 0));
    if (!message && to.flush()) {
        message.reset(rd_kafka_consumer_poll(client, poll_ms));
    }
    return message;
}

/// Reads until there is reason to stop; how many records were printed.
result<std::int64_t>
loop(rd_kafka_t* client, const consume_options& options, printer& to, std::size_t partitions) {
    std::int64_t printed = 0;
    // A partition's end is told once, until there is more in it.
    std::set<std::int32_t> at_end;
    auto last = std::chrono::steady_clock::now();
    while (!interrupted && (options.max_messages < 0 || printed < options.max_messages)) {
        const message_handle message = next_message(client, to);
        const auto now = std::chrono::steady_clock::now();
        if (!message) {
            const bool is_over = options.timeout_ms >= 0 &&
                                 now - last >= std::chrono::milliseconds(options.timeout_ms);
            if (is_over || to.is_broken()) {
                break;
            }
            continue;
        }
        if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
            at_end.insert(message->partition);
            if (options.exit_at_end && at_end.size() >= partitions) {
                break;
            }
            continue;
        }
        if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
            if (will_pass(message->err)) {
                continue;
            }
            return client::kafka_error(
                message->err, options.topic, rd_kafka_message_errstr(message.get())
            );
        }
        at_end.erase(message->partition);
        last = now;
        ++printed;
        if (!to.print(*message)) {
            break;
        }
    }
    return printed;
}

result<std::int64_t> consume(const consume_options& options, record_format format) {
    LB_TRY(client::admin cluster, connect(options));
    LB_TRY(const auto topics, cluster.topics(options.topic));
    LB_TRY(const client::property_list properties, properties_of(options));
    LB_TRY(client::conf_handle conf, client::make_conf(properties));
    LB_TRY(
        const client::client_handle reader, client::make_client(RD_KAFKA_CONSUMER, std::move(conf))
    );
    rd_kafka_poll_set_consumer(reader.get());
    LB_CHECK(begin(reader.get(), options, topics.front()));
    printer to(std::move(format));
    const std::size_t partitions = options.partition >= 0 ? 1 : topics.front().partitions.size();
    auto printed = loop(reader.get(), options, to, partitions);
    to.flush();
    rd_kafka_consumer_close(reader.get());
    return printed;
}

exit_code run(const consume_options& options) {
    if (options.topic.empty()) {
        return misuse(consume_command, "--topic is missing");
    }
    if (!options.offset.empty() && options.partition < 0 && options.format.empty()) {
        return misuse(consume_command, "--offset needs --partition");
    }
    if (const auto start = start_offset(options); start.has_error()) {
        return misuse(
            consume_command, "--offset is earliest, latest, a number, or -N for the last N"
        );
    }
    record_format format;
    for (const std::string& each : options.properties) {
        const auto property = split_property(each);
        if (property.has_error() || !format.set_property(property->first, property->second)) {
            return misuse(consume_command, "--property " + each + " is not known");
        }
    }
    if (!options.format.empty()) {
        if (const auto done = format.set_text(options.format); done.has_error()) {
            return misuse(consume_command, done.error().text());
        }
    }
    std::signal(SIGINT, on_signal);
    std::signal(SIGTERM, on_signal);
    std::signal(SIGPIPE, SIG_IGN);
    const auto printed = consume(options, std::move(format));
    if (printed.has_error()) {
        return fail(consume_command, printed.error());
    }
    if (options.format.empty()) {
        std::fprintf(
            stderr, "Processed a total of %lld messages\n", static_cast<long long>(*printed)
        );
    }
    return exit_code::done;
}

} // namespace

void add_consume(command_line program) {
    auto options = std::make_shared<consume_options>();
    command_line command = program.add_command(consume_command, "Print the records of a topic");
    add_kafka_options(command, *options);
    command.add_option("--topic,-t", options->topic, "the topic");
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
        "--consumer-property", options->consumer_properties, "a consumer configuration, name=value"
    );
    command.add_option(
        "-f,--format",
        options->format,
        "%s value %k key %t topic %p partition %o offset %T time %h headers"
    );
    command
        .add_option("--isolation-level", options->isolation, "read_uncommitted or read_committed")
        .one_of({"read_uncommitted", "read_committed"});
    command.when_chosen([options] { return run(*options); });
}

} // namespace logboom::cli
