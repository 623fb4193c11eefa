// Counters and gauges, by name and labels, for /metrics, for the demo's progress and for tests.
// Names: logboom_<part>_<noun>_<unit>_total. A part asks for its counters once, keeps the
// references (they live as long as the registry) and counts per batch. All calls are thread-safe;
// counting is one relaxed atomic add.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

namespace logboom {

class counter {
  public:
    void add(std::int64_t by = 1) noexcept { value_.fetch_add(by, std::memory_order_relaxed); }
    /// For a gauge: a level, not a sum.
    void set(std::int64_t to) noexcept { value_.store(to, std::memory_order_relaxed); }
    [[nodiscard]] std::int64_t value() const noexcept {
        return value_.load(std::memory_order_relaxed);
    }

  private:
    std::atomic<std::int64_t> value_{0};
};

/// A name that users chose, as it may stand between the quotes of a label.
std::string label_text(std::string_view name);

class metrics {
  public:
    /// The counter of this name and these labels (`topic="logs",partition="0"`; empty for none).
    counter& get(std::string_view name, std::string_view labels = {});
    /// Sum over all labels of `name`; 0 when there is none.
    [[nodiscard]] std::int64_t sum(std::string_view name) const;
    /// Prometheus text exposition format 0.0.4.
    [[nodiscard]] std::string text() const;

  private:
    mutable std::mutex mutex_;
    std::map<std::string, std::map<std::string, std::unique_ptr<counter>>, std::less<>> counters_;
};

} // namespace logboom
