// A kafka input at work on a mock cluster, and a sink that holds what it reads.
#pragma once

#include "buffer/client/kafka_input.h"
#include "tests/unit/buffer/client/mock_cluster.h"
#include "tests/unit/wait.h"

#include <doctest/doctest.h>

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace logboom::client {

using namespace std::chrono_literals;

/// For what must come: only a test that fails waits so long.
constexpr auto patience = 60s;

/// Takes batches and keeps them until they are settled one way or the other.
class holding_sink final : public batch_sink {
  public:
    bool push(batch_ptr batch) override {
        const std::lock_guard lock(mutex_);
        if (stopped_) {
            return false;
        }
        batches_.push_back(std::move(batch));
        changed_.notify_all();
        return true;
    }
    offer_outcome
    offer(batch_ptr& batch, const std::shared_ptr<room_listener>& /*listener*/) override {
        return push(std::move(batch)) ? offer_outcome::taken : offer_outcome::refused;
    }
    /// Waits for `count` events in all.
    std::vector<batch_ptr> take(std::size_t count) {
        std::unique_lock lock(mutex_);
        const auto events = [&] {
            std::size_t sum = 0;
            for (const auto& each : batches_) {
                sum += each->events.size();
            }
            return sum;
        };
        changed_.wait_for(lock, patience, [&] { return events() >= count; });
        return std::move(batches_);
    }
    void stop() {
        const std::lock_guard lock(mutex_);
        stopped_ = true;
        changed_.notify_all();
    }

  private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<batch_ptr> batches_;
    bool stopped_ = false;
};

/// A kafka input at work.
struct reading {
    holding_sink sink;
    metrics counters;
    /// What run() threw; to be read once it has returned.
    std::string problem;
    std::atomic<bool> has_returned{false};
    std::unique_ptr<input> in;
    std::jthread thread;

    reading(
        const mock_cluster& cluster,
        const std::vector<std::pair<std::string, std::string>>& given = {},
        const logger& log = {}
    ) {
        std::vector<std::pair<std::string, std::string>> options{
            {{"bootstrap_servers", cluster.servers()},
             {"topics", "logs"},
             {"auto_offset_reset", "earliest"},
             {"auto_commit_interval_ms", "100"},
             // The mock waits for this less a second after each change of the membership, and a
             // case sees up to three of them.
             {"session_timeout_ms", "3000"},
             {"heartbeat_interval_ms", "200"}}};
        options.insert(options.end(), given.begin(), given.end());
        const test_settings from("kafka input", kafka_input.table, options);
        REQUIRE(from.options.problems().empty());
        auto context = make_context(from.options, counters);
        context.log = log;
        in = kafka_input.make(context).value();
        thread = std::jthread([this](std::stop_token stop) {
            try {
                in->run(sink, stop);
            } catch (const std::exception& why) {
                problem = why.what();
            }
            has_returned = true;
        });
    }
    ~reading() { stop(); }
    void stop() {
        thread.request_stop();
        sink.stop();
        if (thread.joinable()) {
            thread.join();
            in->close();
        }
    }
};

inline std::vector<std::string> numbered(int first, int count) {
    std::vector<std::string> all;
    for (int i = first; i < first + count; ++i) {
        all.push_back(std::to_string(i));
    }
    return all;
}

inline std::vector<std::string> messages(const std::vector<batch_ptr>& batches) {
    std::vector<std::string> all;
    for (const auto& batch : batches) {
        for (const event& each : batch->events) {
            all.emplace_back(each.get("message")->as_string());
        }
    }
    return all;
}

inline void deliver(std::vector<batch_ptr>& batches) {
    for (auto& each : batches) {
        each->ack.delivered();
    }
}

} // namespace logboom::client
