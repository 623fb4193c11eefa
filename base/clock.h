// Time, as a seam: whoever needs it gets a clock by reference, so that tests can move it.
#pragma once

#include "base/ids.h"

#include <atomic>
#include <chrono>

namespace logboom {

class clock {
  public:
    using duration = std::chrono::nanoseconds;

    virtual ~clock() = default;
    /// Wall clock: since the epoch; may jump. For records and people.
    [[nodiscard]] virtual duration wall() const noexcept = 0;
    /// Never goes back. For time-outs and intervals.
    [[nodiscard]] virtual duration steady() const noexcept = 0;

    [[nodiscard]] timestamp_ms wall_ms() const noexcept {
        return timestamp_ms(std::chrono::duration_cast<std::chrono::milliseconds>(wall()).count());
    }
};

/// The machine's clocks. Thread-safe.
class real_clock final : public clock {
  public:
    [[nodiscard]] duration wall() const noexcept override {
        return std::chrono::system_clock::now().time_since_epoch();
    }
    [[nodiscard]] duration steady() const noexcept override {
        return std::chrono::steady_clock::now().time_since_epoch();
    }
};

/// A clock that stands still until it is moved. Thread-safe.
class manual_clock final : public clock {
  public:
    explicit manual_clock(duration start = std::chrono::seconds(1'700'000'000)) noexcept
        : wall_(start.count()) {}

    [[nodiscard]] duration wall() const noexcept override { return duration(wall_.load()); }
    [[nodiscard]] duration steady() const noexcept override { return duration(steady_.load()); }

    void advance(duration by) noexcept {
        wall_ += by.count();
        steady_ += by.count();
    }
    /// Moves the wall clock alone, as an operator or NTP may.
    void jump_wall(duration by) noexcept { wall_ += by.count(); }

  private:
    std::atomic<duration::rep> wall_;
    std::atomic<duration::rep> steady_{0};
};

} // namespace logboom
