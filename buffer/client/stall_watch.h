// Notices that records wait and nothing comes back: librdkafka repeats by itself and tells nobody.
// Sans-IO: the producer's poll thread looks from time to time and says what it sees.
#pragma once

#include <chrono>
#include <cstdint>

namespace logboom::client {

class stall_watch {
  public:
    enum class finding {
        nothing_new,
        /// It has lasted for as long as is bearable, or goes on a minute after it was said.
        stalled,
        /// What was called stalled moves again.
        moves_again,
    };

    explicit stall_watch(std::chrono::nanoseconds bearable) : bearable_(bearable) {}

    /// `settled`: how many records have come back, ever; only its changes count.
    finding look(std::chrono::nanoseconds now, bool is_waiting, std::int64_t settled);
    /// Half of the bearable time is over: the cause should be listened for.
    [[nodiscard]] bool is_suspicious() const noexcept { return is_suspicious_; }
    /// Called stalled, and not moving since.
    [[nodiscard]] bool is_stalled() const noexcept { return is_stalled_; }
    [[nodiscard]] std::chrono::nanoseconds lasting(std::chrono::nanoseconds now) const noexcept {
        return now - since_;
    }

  private:
    std::chrono::nanoseconds bearable_;
    std::chrono::nanoseconds since_{0};
    std::chrono::nanoseconds next_complaint_{0};
    std::int64_t settled_ = -1;
    bool was_waiting_ = false;
    bool is_suspicious_ = false;
    bool is_stalled_ = false;
};

} // namespace logboom::client
