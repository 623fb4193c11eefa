// Beside calls that block: polls the client, so that its errors are heard while they happen, and
// says once what a call waits for when it takes more than a second.
#pragma once

#include "buffer/client/connection_trouble.h"

#include <chrono>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

namespace logboom::client {

/// "127.0.0.1:9092: cannot connect: Connection refused", or who has not answered. On a thread of
/// the watch.
using waiting_notice = std::function<void(const std::string& what)>;

class call_watch {
  public:
    /// `client` and `trouble` outlive the watch.
    call_watch(
        rd_kafka_t* client,
        const connection_trouble& trouble,
        std::string servers,
        waiting_notice notice
    );
    call_watch(const call_watch&) = delete;
    call_watch& operator=(const call_watch&) = delete;

    /// Lives as long as one call.
    class call {
      public:
        explicit call(call_watch& watch) : watch_(watch) {
            watch_.set_begin(std::chrono::steady_clock::now());
        }
        ~call() { watch_.set_begin({}); }
        call(const call&) = delete;
        call& operator=(const call&) = delete;

      private:
        call_watch& watch_;
    };

  private:
    using time = std::chrono::steady_clock::time_point;

    void set_begin(time begin) {
        const std::lock_guard lock(mutex_);
        begin_ = begin;
    }
    void run(const std::stop_token& stop);

    rd_kafka_t* client_;
    const connection_trouble& trouble_;
    std::string servers_;
    waiting_notice notice_;
    std::mutex mutex_;
    /// Of the call that goes on; zero: none does.
    time begin_;
    std::jthread thread_;
};

} // namespace logboom::client
