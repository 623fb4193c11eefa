// `logboom produce`: stands in for kafka-console-producer.sh and kcat -P. A line of stdin is a
// record.
#include "buffer/client/admin.h"
#include "buffer/client/errc.h"
#include "buffer/client/partitioner.h"
#include "buffer/client/producer.h"
#include "cli/commands.h"
#include "cli/kafka_tool.h"
#include "cli/line_record.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <unistd.h>

namespace logboom::cli {
namespace {

struct produce_options : kafka_tool_options {
    std::string topic;
    std::vector<std::string> properties;
    std::string reader_config;
    /// Options of the console producer that are properties of the client by another name.
    client::property_list named_properties;
    std::vector<std::string> headers;
    std::string compression;
    std::string acks = "all";
    int timeout_ms = 5;
    int close_limit_s = 60;
    bool is_old = false;
    bool sync = false;
};

constexpr const char* produce_command = "produce";

result<line_rules> read_rules(const produce_options& options) {
    line_rules rules;
    std::vector<std::pair<std::string, std::string>> given;
    if (!options.reader_config.empty()) {
        LB_TRY(given, read_properties(options.reader_config));
    }
    for (const std::string& each : options.properties) {
        LB_TRY(auto property, split_property(each));
        given.push_back(std::move(property));
    }
    for (const auto& [name, value] : given) {
        if (!rules.set_property(name, value)) {
            return error(client::errc::bad_argument, "--property " + name);
        }
    }
    for (const std::string& each : options.headers) {
        LB_TRY(auto header, split_property(each));
        rules.fixed_headers.push_back(std::move(header));
    }
    return rules;
}

struct outcome_counts {
    std::atomic<std::int64_t> rejected{0};
    std::atomic<bool> lost{false};
    /// Nobody took a record in time: what comes after it would fare no better.
    std::atomic<bool> gave_up{false};
};

result<client::property_list> properties_of(const produce_options& options) {
    // What the user says about the client comes last, and so wins.
    kafka_tool_options connection = options;
    connection.command_properties.clear();
    LB_TRY(client::property_list properties, connection_properties(connection));
    properties.emplace_back("acks", options.acks);
    properties.emplace_back(
        "enable.idempotence", options.acks == "all" || options.acks == "-1" ? "true" : "false"
    );
    // Kafka's delivery.timeout.ms.
    properties.emplace_back("message.timeout.ms", "120000");
    properties.emplace_back("linger.ms", std::to_string(options.timeout_ms));
    if (!options.compression.empty()) {
        properties.emplace_back("compression.type", options.compression);
    }
    properties.insert(
        properties.end(), options.named_properties.begin(), options.named_properties.end()
    );
    for (const std::string& each : options.command_properties) {
        LB_TRY(const auto property, split_property(each));
        LB_CHECK(add_java_property(property.first, property.second, properties));
    }
    return properties;
}

/// Lines of standard input, as many at a time as there are: what is typed is sent while its author
/// thinks about the next line.
class line_reader {
  public:
    /// Whole lines, views good until the next call; the last without its end too. Empty at the end.
    std::vector<std::string_view> read() {
        buffer_.erase(0, used_);
        used_ = 0;
        std::vector<std::string_view> lines;
        while (lines.empty() && !at_end_) {
            const std::size_t before = buffer_.size();
            buffer_.resize(before + read_size);
            const ssize_t got = ::read(STDIN_FILENO, buffer_.data() + before, read_size);
            buffer_.resize(before + static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
            if (got < 0 && errno != EINTR) {
                problem_ = std::string("stdin: ") + std::strerror(errno);
            } else if (buffer_.size() > line_size_max) {
                problem_ = "stdin: a line is longer than 100 MB";
                buffer_.clear();
            }
            at_end_ = got == 0 || !problem_.empty();
            std::size_t searched = before;
            for (auto end = buffer_.find('\n', searched); end != std::string::npos;
                 end = buffer_.find('\n', searched)) {
                lines.push_back(std::string_view(buffer_).substr(used_, end - used_));
                used_ = searched = end + 1;
            }
        }
        if (at_end_ && used_ < buffer_.size()) {
            lines.push_back(std::string_view(buffer_).substr(used_));
            used_ = buffer_.size();
        }
        return lines;
    }

    /// Why reading ended before the end; empty when it did not.
    [[nodiscard]] const std::string& problem() const noexcept { return problem_; }

  private:
    static constexpr std::size_t read_size = std::size_t{256} * 1024;
    static constexpr std::size_t line_size_max = std::size_t{100} << 20U;

    std::string buffer_;
    std::size_t used_ = 0;
    bool at_end_ = false;
    std::string problem_;
};

void complain(std::int64_t number, std::string_view wrong, std::string_view line) {
    std::fprintf(
        stderr,
        "logboom produce: line %lld: %.*s in \"%.*s\"\n",
        static_cast<long long>(number),
        static_cast<int>(wrong.size()),
        wrong.data(),
        static_cast<int>(std::min<std::size_t>(line.size(), 200)),
        line.data()
    );
}

/// False when a line was wrong, or no broker took one in time.
bool send_lines(
    client::producer& into,
    const produce_options& options,
    const line_rules& rules,
    outcome_counts& counts
) {
    line_reader reader;
    line_record parsed;
    std::int64_t number = 0;
    for (auto lines = reader.read(); !lines.empty(); lines = reader.read()) {
        client::producer::session session(into, ack_token([&counts](ack_verdict verdict) {
                                              if (verdict == ack_verdict::lost) {
                                                  counts.lost = true;
                                              }
                                          }));
        const std::uint64_t hash = client::stream_hash(std::to_string(number));
        for (const std::string_view line : lines) {
            if (counts.gave_up) {
                return false;
            }
            ++number;
            if (const std::string wrong = parsed.parse(line, rules, options.topic);
                !wrong.empty()) {
                complain(number, wrong, line);
                return false;
            }
            if (!session.send(parsed.record, hash)) {
                return false;
            }
        }
    }
    if (!reader.problem().empty()) {
        say(produce_command, reader.problem());
        return false;
    }
    return true;
}

exit_code run(const produce_options& options) {
    if (!client::is_topic_name(options.topic)) {
        return misuse(produce_command, "--topic is missing or no legal name");
    }
    const auto rules = read_rules(options);
    if (rules.has_error()) {
        return misuse(produce_command, rules.error().text());
    }
    if (const std::string conflict = rules->conflict(); !conflict.empty()) {
        return misuse(produce_command, "--property: " + conflict);
    }
    auto properties = properties_of(options);
    if (properties.has_error()) {
        return misuse(produce_command, properties.error().text());
    }
    if (auto cluster = connect(options, produce_command); cluster.has_error()) {
        return fail(produce_command, cluster.error());
    }
    outcome_counts counts;
    client::producer_options with;
    with.properties = *std::move(properties);
    with.log = logger::named(produce_command);
    with.bearable_wait = std::chrono::seconds(1);
    with.rejected = [&counts](const client::rejected_record& record, ack_token share) {
        if (counts.rejected++ == 0) {
            std::fprintf(
                stderr,
                "logboom produce: topic '%s': %s\n",
                std::string(record.topic).c_str(),
                std::string(record.reason).c_str()
            );
        }
        if (record.error_name == "_MSG_TIMED_OUT") {
            counts.gave_up = true;
        }
        share.delivered();
    };
    metrics counters;
    auto producer = client::producer::make(std::move(with), counters);
    if (producer.has_error()) {
        return misuse(produce_command, producer.error().text());
    }
    const bool all_sent = send_lines(**producer, options, *rules, counts);
    (*producer)->close(std::chrono::seconds(options.close_limit_s));
    if (counts.lost) {
        std::fprintf(stderr, "logboom produce: not every record was acknowledged\n");
    }
    const bool done = all_sent && !counts.lost && counts.rejected == 0;
    return done ? exit_code::done : exit_code::failed;
}

/// The console producer's own names for properties of the client.
void add_named_properties(command_line command, produce_options& options) {
    struct row {
        const char* name;
        const char* property;
        const char* doc;
    };
    static constexpr row rows[] = {
        {"--batch-size,--max-partition-memory-bytes", "batch.size", "most bytes of one batch"},
        {"--max-block-ms", "", "how long a broker may take to answer at the start"},
        {"--max-memory-bytes", "queue.buffering.max.kbytes", "most bytes that wait to be sent"},
        {"--message-send-max-retries", "retries", "how often a request is sent again"},
        {"--metadata-expiry-ms",
         "topic.metadata.refresh.interval.ms",
         "when topics and leaders are looked up anew"},
        {"--request-timeout-ms", "socket.timeout.ms", "how long a request may go unanswered"},
        {"--retry-backoff-ms", "retry.backoff.ms", "the wait before a request is sent again"},
        {"--socket-buffer-size", "socket.send.buffer.bytes", "SO_SNDBUF"},
    };
    for (const row& each : rows) {
        const std::string property = each.property;
        command.add_option(
            each.name,
            [&options, property](const std::string& value) {
                constexpr std::int64_t bytes_per_kilobyte = 1024;
                const std::int64_t number = std::strtoll(value.c_str(), nullptr, 10);
                if (property.empty()) {
                    options.limit_ms =
                        static_cast<int>(std::clamp<std::int64_t>(number, 1, 600000));
                } else if (property == "queue.buffering.max.kbytes") {
                    const auto kilobytes = std::max<std::int64_t>(1, number / bytes_per_kilobyte);
                    options.named_properties.emplace_back(property, std::to_string(kilobytes));
                } else {
                    options.named_properties.emplace_back(property, value);
                }
            },
            each.doc
        );
    }
}

constexpr refused_option produce_refused[] = {
    {"--line-reader", "a Java class cannot be loaded; say how a line is read with --property"},
    {"--key-serializer,--value-serializer", "keys and values are sent as they are; leave it out"},
    {"--queue-size,--queue-enqueuetimeout-ms",
     "it went with the old producer; use --max-memory-bytes"},
    {"--zookeeper", "the producer talks to brokers; use --bootstrap-server"},
    {"--version", "logboom version prints it"},
};

} // namespace

void add_produce(command_line program) {
    auto options = std::make_shared<produce_options>();
    command_line command =
        program.add_command(produce_command, "Write the lines of stdin to a topic");
    add_kafka_options(command, *options);
    command.add_option("--topic,-t", options->topic, "the topic");
    command.add_option(
        "--property,--reader-property",
        options->properties,
        "parse.key=true, key.separator=, parse.headers=true, null.marker=, ignore.error=true"
    );
    command.add_option(
        "--command-property,--producer-property",
        options->command_properties,
        "a producer configuration, name=value"
    );
    command.add_option(
        "--reader-config", options->reader_config, "a file with what --reader-property takes"
    );
    add_named_properties(command, *options);
    command.add_option("-H,--header", options->headers, "name=value, a header of every record");
    command
        .add_option(
            "--compression-codec",
            options->compression,
            "none, gzip (without a name), snappy, lz4, zstd"
        )
        .value_may_be_missing("gzip");
    command.add_option("--acks,--request-required-acks", options->acks, "0, 1 or all")
        .one_of({"0", "1", "all", "-1"})
        .show_default();
    command.add_option("--timeout", options->timeout_ms, "milliseconds that lines wait for company")
        .show_default();
    command
        .add_option(
            "--drain-timeout",
            options->close_limit_s,
            "seconds to wait for the last acknowledgement"
        )
        .show_default();
    command.add_flag("--sync", options->sync, "accepted; every record is acknowledged anyway");
    command.add_flag(
        "--old-producer", options->is_old, "accepted; there is only one producer here"
    );
    command.refuse(produce_refused);
    command.when_chosen([options] { return run(*options); });
}

} // namespace logboom::cli
