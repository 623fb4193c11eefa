// The thread that talks to Elasticsearch: takes bulks from the queue, asks the state machine what
// to send, the host pool where, and carries requests and answers over HTTP. Everything it decides
// is in bulk_machine and host_pool; this is the IO around them.
#pragma once

#include "base/clock.h"
#include "base/log.h"
#include "sinks/elasticsearch/bulk_machine.h"
#include "sinks/elasticsearch/bulk_queue.h"
#include "sinks/elasticsearch/host_pool.h"
#include "sinks/elasticsearch/options.h"
#include "sinks/http_client/client.h"

#include <atomic>
#include <chrono>
#include <thread>
#include <vector>

namespace logboom::sinks {

class sender {
  public:
    struct parts {
        const elasticsearch_options& options;
        bulk_queue& queue;
        bulk_machine machine;
        probe& counters;
        clock& time;
        logger log;
    };

    explicit sender(parts given);
    ~sender();
    sender(const sender&) = delete;
    sender& operator=(const sender&) = delete;

    void start();
    /// Settles what `limit` allows, then lets go of the rest and ends the thread.
    void finish(std::chrono::nanoseconds limit);
    /// Thread-safe.
    void wake() noexcept { client_.wake(); }

  private:
    static constexpr std::uint64_t probe_tag = std::uint64_t{1} << 32U;

    void run();
    void dispatch(std::chrono::nanoseconds now);
    void send_bulk(std::size_t lane, std::size_t host);
    void send_probe(std::size_t host);
    void handle(const http::answer& answer, std::chrono::nanoseconds now);
    void handle_probe(std::size_t host, const http::answer& answer, std::chrono::nanoseconds now);
    void host_failed(std::size_t host, const error& why, std::chrono::nanoseconds now);
    void host_answered(std::size_t host);
    void report_to_queue();
    void say_version(std::size_t host, const http::answer& answer) const;
    [[nodiscard]] std::optional<std::chrono::nanoseconds> linger() const;
    [[nodiscard]] std::chrono::milliseconds time_to_wait(std::chrono::nanoseconds now) const;
    [[nodiscard]] bool is_over(std::chrono::nanoseconds now) const;

    const elasticsearch_options& options_;
    bulk_queue& queue_;
    bulk_machine machine_;
    probe& counters_;
    clock& time_;
    logger log_;
    host_pool pool_;
    http::client client_;
    std::vector<std::vector<std::string>> host_headers_;
    std::vector<std::size_t> lane_host_;
    bool has_said_version_ = false;
    bool is_retry_lane_full_ = false;
    std::atomic<std::int64_t> deadline_ns_;
    std::thread thread_;
};

} // namespace logboom::sinks
