// How long to wait before the next try: doubling from `initial` to `most`, each time a random part
// between half and all of it, so that many senders do not come back together.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <random>

namespace logboom::sinks {

class bulk_backoff {
  public:
    /// A pause of nothing would be a loop without one.
    static constexpr std::chrono::milliseconds least{10};

    bulk_backoff(
        std::chrono::nanoseconds initial, std::chrono::nanoseconds most, std::uint64_t seed
    )
        : initial_(std::max<std::chrono::nanoseconds>(initial, least))
        , most_(std::max(initial_, most))
        , random_(seed) {}

    /// Before the try after `failures` failed ones (1 or more).
    [[nodiscard]] std::chrono::nanoseconds step(unsigned failures) const {
        std::chrono::nanoseconds full = initial_;
        for (unsigned i = 1; i < failures && full < most_; ++i) {
            full *= 2;
        }
        return std::min(full, most_);
    }
    [[nodiscard]] std::chrono::nanoseconds delay(unsigned failures) {
        const auto full = step(failures);
        std::uniform_real_distribution<double> part(0.5, 1.0);
        return std::chrono::nanoseconds(
            static_cast<std::int64_t>(static_cast<double>(full.count()) * part(random_))
        );
    }

  private:
    std::chrono::nanoseconds initial_;
    std::chrono::nanoseconds most_;
    std::minstd_rand random_;
};

} // namespace logboom::sinks
