// Counters, gauges and histograms, for /metrics, the API's answers and tests. What may be counted
// is declared once, in metric_list.h; a part makes a handle for each series that it feeds and keeps
// it:
//
//     counter lines_{registry, declared("logboom_agent_lines_total"), {pipeline, plugin, id}};
//
// A series lives as long as its handles: when a topic, a file or a pipeline goes, so does what it
// showed. Handles of equal labels share one series. A handle may outlive its registry. All calls
// are thread-safe; counting is one relaxed atomic add, making and dropping a handle takes a lock.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace logboom {

enum class metric_kind : std::uint8_t { counter, gauge, histogram };

/// What one metric means. Lives for ever.
struct metric {
    metric_kind kind;
    std::string_view name;
    /// "bytes", "records", "seconds" and the like. Series in seconds hold nanoseconds and are shown
    /// as seconds.
    std::string_view unit;
    /// One sentence without its full stop.
    std::string_view help;
    std::array<std::string_view, 6> labels{};

    [[nodiscard]] constexpr std::size_t label_count() const noexcept {
        std::size_t count = 0;
        while (count < labels.size() && !labels[count].empty()) {
            ++count;
        }
        return count;
    }
};

/// Values in the order of the declaration's labels. Values that are missing at the end, or empty,
/// are labels that are not shown. Raw text: escaping is done here.
using label_values = std::vector<std::string>;

/// The values with more behind them.
label_values extended(label_values with, std::string more);

/// Upper bounds of every histogram's buckets; the last bucket has none.
inline constexpr std::array histogram_bounds{
    std::chrono::microseconds(250),
    std::chrono::microseconds(500),
    std::chrono::microseconds(1'000),
    std::chrono::microseconds(2'500),
    std::chrono::microseconds(5'000),
    std::chrono::microseconds(10'000),
    std::chrono::microseconds(25'000),
    std::chrono::microseconds(50'000),
    std::chrono::microseconds(100'000),
    std::chrono::microseconds(250'000),
    std::chrono::microseconds(500'000),
    std::chrono::microseconds(1'000'000),
    std::chrono::microseconds(2'500'000),
    std::chrono::microseconds(10'000'000),
    std::chrono::microseconds(60'000'000),
};

class metrics;

/// One series; only handles and the registry touch it.
struct metric_series {
    /// Of a histogram: the sum, in nanoseconds.
    std::atomic<std::int64_t> value{0};
    /// Of a histogram: observations by bucket.
    std::unique_ptr<std::array<std::atomic<std::int64_t>, histogram_bounds.size() + 1>> buckets;

    // Guarded by the registry's lock.
    std::shared_ptr<struct metric_families> owner;
    const metric* declaration = nullptr;
    const label_values* labels = nullptr;
    std::size_t handles = 0;
};

class metric_handle {
  public:
    metric_handle(const metric_handle& other);
    metric_handle(metric_handle&& other) noexcept : series_(other.series_) {
        other.series_ = nullptr;
    }
    metric_handle& operator=(metric_handle other) noexcept {
        std::swap(series_, other.series_);
        return *this;
    }
    ~metric_handle();

    [[nodiscard]] std::int64_t value() const noexcept {
        return series_->value.load(std::memory_order_relaxed);
    }

  protected:
    metric_handle(
        metrics& registry, const metric& declaration, label_values labels, metric_kind kind
    );
    /// Null after a move only.
    metric_series* series_;
};

class counter : public metric_handle {
  public:
    counter(metrics& registry, const metric& declaration, label_values labels = {})
        : metric_handle(registry, declaration, std::move(labels), metric_kind::counter) {}

    void add(std::int64_t by = 1) const noexcept {
        series_->value.fetch_add(by, std::memory_order_relaxed);
    }
    /// For a metric in seconds.
    void add(std::chrono::nanoseconds by) const noexcept { add(by.count()); }
};

class gauge : public metric_handle {
  public:
    gauge(metrics& registry, const metric& declaration, label_values labels = {})
        : metric_handle(registry, declaration, std::move(labels), metric_kind::gauge) {}

    void set(std::int64_t to) const noexcept {
        series_->value.store(to, std::memory_order_relaxed);
    }
    void add(std::int64_t by) const noexcept {
        series_->value.fetch_add(by, std::memory_order_relaxed);
    }
};

/// How long something took.
class histogram : public metric_handle {
  public:
    histogram(metrics& registry, const metric& declaration, label_values labels = {})
        : metric_handle(registry, declaration, std::move(labels), metric_kind::histogram) {}

    /// `times` of them that took as long.
    void observe(std::chrono::nanoseconds took, std::int64_t times = 1) const noexcept;
};

/// Counters of one metric that differ in their last label, made when its value is first met:
/// reasons, outcomes, topics. Above `values_max` values the others share the value "other".
class counter_set {
  public:
    counter_set(
        metrics& registry,
        const metric& declaration,
        label_values labels = {},
        std::size_t values_max = 100
    )
        : registry_(registry)
        , declaration_(declaration)
        , labels_(std::move(labels))
        , values_max_(values_max) {}

    void add(std::string_view last_label, std::int64_t by = 1);

  private:
    metrics& registry_;
    const metric& declaration_;
    const label_values labels_;
    const std::size_t values_max_;
    std::mutex mutex_;
    std::map<std::string, counter, std::less<>> counters_;
};

/// What a series shows, for those who make something else of it than text.
struct metric_sample {
    label_values labels;
    std::int64_t value = 0;
};

class metrics {
  public:
    /// So many series one metric may have; those above are counted together, in
    /// logboom_metrics_series_hidden, and not shown.
    explicit metrics(std::size_t series_max = 20'000);
    ~metrics();
    metrics(const metrics&) = delete;
    metrics& operator=(const metrics&) = delete;

    /// Sum over all series of `name`; 0 when there is none.
    [[nodiscard]] std::int64_t sum(std::string_view name) const;
    /// The series of `name` whose first labels have these values.
    [[nodiscard]] std::vector<metric_sample>
    samples(std::string_view name, std::span<const std::string> first_labels = {}) const;
    /// Prometheus text exposition format 0.0.4.
    [[nodiscard]] std::string text() const;

  private:
    friend class metric_handle;
    std::shared_ptr<metric_families> families_;
};

} // namespace logboom
