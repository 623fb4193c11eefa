// librdkafka's own mock brokers, a codec of one line each way, and the contexts that plugins want.
#pragma once

#include "base/clock.h"
#include "plugin/registry.h"

#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace logboom::client {

class mock_cluster {
  public:
    explicit mock_cluster(int brokers = 1);
    ~mock_cluster();
    mock_cluster(const mock_cluster&) = delete;
    mock_cluster& operator=(const mock_cluster&) = delete;

    [[nodiscard]] std::string servers() const;
    void create(const std::string& topic, int partitions) const;
    void fail_topic(const std::string& topic, rd_kafka_resp_err_t code) const;
    void fail_next(int api_key, std::vector<rd_kafka_resp_err_t> codes) const;
    void take_down() const;
    void bring_up() const;

    struct stored {
        std::int32_t partition;
        std::int64_t offset;
        std::string payload;
        std::string origin;
        std::optional<std::string> key = {};
        std::vector<std::pair<std::string, std::string>> headers = {};
    };
    /// What the topic holds, by partition and offset; waits until there are `count` records.
    [[nodiscard]] std::vector<stored> read(const std::string& topic, std::size_t count) const;
    /// Puts payloads into a partition.
    void produce(
        const std::string& topic,
        int partition,
        const std::vector<std::string>& payloads,
        const std::string& origin = {}
    ) const;
    [[nodiscard]] std::int64_t
    committed(const std::string& group, const std::string& topic, int partition) const;

  private:
    rd_kafka_t* owner_;
    rd_kafka_mock_cluster_t* cluster_;
};

/// message <-> bytes, a line an event; "hold" lines are held until another comes, or for a second.
class line_codec final : public codec {
  public:
    [[nodiscard]] std::unique_ptr<decoder> make_decoder() const override;
    void encode(const event& from, std::string& out) const override;
};

struct test_settings {
    plugin_options options;
    test_settings(
        const char* owner,
        std::span<const setting> table,
        std::vector<std::pair<std::string, std::string>> given
    );
};

/// Counts verdicts, and waits for them.
class verdicts {
  public:
    ack_token token();
    bool wait(std::size_t count) const;
    std::size_t delivered() const;
    std::size_t lost() const;

  private:
    struct state {
        std::mutex mutex;
        std::condition_variable changed;
        std::size_t delivered = 0;
        std::size_t lost = 0;
    };
    std::shared_ptr<state> state_ = std::make_shared<state>();
};

/// Keeps what it is given, as text; delivers at once.
class letter_box final : public dead_letter_queue {
  public:
    void write(const dead_letter& letter, ack_token ack) override;
    std::mutex mutex;
    std::vector<std::string> letters;
    std::vector<std::string> reasons;
};

plugin_context make_context(
    const plugin_options& options, metrics& counters, dead_letter_queue* letters = nullptr
);

} // namespace logboom::client
