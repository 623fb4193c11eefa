// The registry behind the handles: families of series by name and labels, each series with the
// count of its handles, and their text for Prometheus.
#include "base/metrics.h"

#include "base/assertion.h"
#include "base/metric_list.h"

#include <fmt/format.h>

namespace logboom {

namespace {

struct metric_family {
    const metric* declaration = nullptr;
    std::map<label_values, std::unique_ptr<metric_series>> series;
    /// What the series above the limit share.
    std::unique_ptr<metric_series> hidden;
};

constexpr const metric& hidden_series = declared("logboom_metrics_series_hidden");

std::string escaped(std::string_view text, bool is_quoted) {
    std::string out;
    for (const char each : text) {
        if (each == '\n') {
            out.append("\\n");
            continue;
        }
        if (each == '\\' || (each == '"' && is_quoted)) {
            out.push_back('\\');
        }
        out.push_back(each);
    }
    return out;
}

std::string_view kind_text(metric_kind kind) {
    switch (kind) {
    case metric_kind::counter:
        return "counter";
    case metric_kind::gauge:
        return "gauge";
    case metric_kind::histogram:
        break;
    }
    return "histogram";
}

/// `a="x",b="y"`: what stands between the braces.
std::string labels_text(const metric& declaration, const label_values& values) {
    std::string out;
    for (std::size_t i = 0; i < values.size(); ++i) {
        if (!values[i].empty()) {
            out += fmt::format(
                "{}{}=\"{}\"",
                out.empty() ? "" : ",",
                declaration.labels[i],
                escaped(values[i], true)
            );
        }
    }
    return out;
}

std::string number_text(const metric& declaration, std::int64_t value) {
    return declaration.unit == "seconds" ? fmt::format("{}", static_cast<double>(value) / 1e9)
                                         : fmt::format("{}", value);
}

void append_line(
    std::string_view name,
    std::string_view suffix,
    std::string_view labels,
    std::string_view value,
    std::string& out
) {
    const bool is_bare = labels.empty();
    out += fmt::format(
        "{}{}{}{}{} {}\n", name, suffix, is_bare ? "" : "{", labels, is_bare ? "" : "}", value
    );
}

void append_histogram(
    const metric& declaration,
    const std::string& labels,
    const metric_series& from,
    std::string& out
) {
    const std::string_view separator = labels.empty() ? "" : ",";
    std::int64_t count = 0;
    for (std::size_t i = 0; i < from.buckets->size(); ++i) {
        count += (*from.buckets)[i].load(std::memory_order_relaxed);
        const std::string bound =
            i < histogram_bounds.size()
                ? fmt::format("{}", static_cast<double>(histogram_bounds[i].count()) / 1e6)
                : "+Inf";
        append_line(
            declaration.name,
            "_bucket",
            fmt::format("{}{}le=\"{}\"", labels, separator, bound),
            fmt::format("{}", count),
            out
        );
    }
    const std::int64_t sum = from.value.load(std::memory_order_relaxed);
    append_line(declaration.name, "_sum", labels, number_text(declaration, sum), out);
    append_line(declaration.name, "_count", labels, fmt::format("{}", count), out);
}

std::unique_ptr<metric_series>
make_series(const metric& declaration, std::shared_ptr<metric_families> owner) {
    auto made = std::make_unique<metric_series>();
    if (declaration.kind == metric_kind::histogram) {
        made->buckets = std::make_unique<decltype(metric_series::buckets)::element_type>();
    }
    made->owner = std::move(owner);
    made->declaration = &declaration;
    return made;
}

} // namespace

struct metric_families {
    explicit metric_families(std::size_t limit) : series_max(limit) {}

    const std::size_t series_max;
    mutable std::mutex mutex;
    std::map<std::string_view, metric_family> by_name;
    /// Handles whose series are not shown.
    std::int64_t hidden_handles = 0;
};

label_values extended(label_values with, std::string more) {
    with.push_back(std::move(more));
    return with;
}

metric_handle::metric_handle(
    metrics& registry, const metric& declaration, label_values labels, metric_kind kind
) {
    LB_ASSERT(declaration.kind == kind);
    LB_ASSERT(labels.size() <= declaration.label_count());
    metric_families& families = *registry.families_;
    const std::lock_guard guard(families.mutex);
    metric_family& family = families.by_name[declaration.name];
    LB_ASSERT(family.declaration == nullptr || family.declaration == &declaration);
    family.declaration = &declaration;
    const auto found = family.series.find(labels);
    if (found != family.series.end()) {
        series_ = found->second.get();
    } else if (family.series.size() < families.series_max) {
        const auto made =
            family.series.emplace(std::move(labels), make_series(declaration, registry.families_))
                .first;
        series_ = made->second.get();
        series_->labels = &made->first;
    } else {
        if (!family.hidden) {
            family.hidden = make_series(declaration, registry.families_);
        }
        series_ = family.hidden.get();
        ++families.hidden_handles;
    }
    ++series_->handles;
}

metric_handle::metric_handle(const metric_handle& other) : series_(other.series_) {
    if (series_ != nullptr) {
        const std::lock_guard guard(series_->owner->mutex);
        ++series_->handles;
        series_->owner->hidden_handles += series_->labels == nullptr ? 1 : 0;
    }
}

metric_handle::~metric_handle() {
    if (series_ == nullptr) {
        return;
    }
    // The series may hold the last reference.
    const std::shared_ptr<metric_families> families = series_->owner;
    const std::lock_guard guard(families->mutex);
    LB_ASSERT(series_->handles > 0);
    families->hidden_handles -= series_->labels == nullptr ? 1 : 0;
    if (--series_->handles > 0) {
        return;
    }
    const auto family = families->by_name.find(series_->declaration->name);
    LB_ASSERT(family != families->by_name.end());
    if (series_->labels == nullptr) {
        family->second.hidden.reset();
    } else {
        family->second.series.erase(family->second.series.find(*series_->labels));
    }
    if (family->second.series.empty() && !family->second.hidden) {
        families->by_name.erase(family);
    }
}

void histogram::observe(std::chrono::nanoseconds took, std::int64_t times) const noexcept {
    std::size_t bucket = 0;
    while (bucket < histogram_bounds.size() && took > histogram_bounds[bucket]) {
        ++bucket;
    }
    (*series_->buckets)[bucket].fetch_add(times, std::memory_order_relaxed);
    series_->value.fetch_add(took.count() * times, std::memory_order_relaxed);
}

void counter_set::add(std::string_view last_label, std::int64_t by) {
    const std::lock_guard guard(mutex_);
    auto found = counters_.find(last_label);
    if (found == counters_.end()) {
        const std::string value(counters_.size() < values_max_ ? last_label : "other");
        found =
            counters_.try_emplace(value, registry_, declaration_, extended(labels_, value)).first;
    }
    found->second.add(by);
}

metrics::metrics(std::size_t series_max)
    : families_(std::make_shared<metric_families>(series_max)) {}

metrics::~metrics() = default;

std::int64_t metrics::sum(std::string_view name) const {
    const std::lock_guard guard(families_->mutex);
    std::int64_t total = 0;
    if (const auto found = families_->by_name.find(name); found != families_->by_name.end()) {
        for (const auto& [labels, each] : found->second.series) {
            total += each->value.load(std::memory_order_relaxed);
        }
    }
    return total;
}

std::vector<metric_sample>
metrics::samples(std::string_view name, std::span<const std::string> first_labels) const {
    const std::lock_guard guard(families_->mutex);
    std::vector<metric_sample> out;
    const auto found = families_->by_name.find(name);
    if (found == families_->by_name.end()) {
        return out;
    }
    for (const auto& [labels, each] : found->second.series) {
        const bool is_wanted = labels.size() >= first_labels.size() &&
                               std::equal(first_labels.begin(), first_labels.end(), labels.begin());
        if (is_wanted) {
            out.push_back({labels, each->value.load(std::memory_order_relaxed)});
        }
    }
    return out;
}

std::string metrics::text() const {
    const std::lock_guard guard(families_->mutex);
    std::string out;
    const auto append_head = [&out](const metric& of) {
        out += fmt::format(
            "# HELP {0} {1}.\n# TYPE {0} {2}\n",
            of.name,
            escaped(of.help, false),
            kind_text(of.kind)
        );
    };
    for (const auto& [name, family] : families_->by_name) {
        const metric& declaration = *family.declaration;
        append_head(declaration);
        for (const auto& [values, each] : family.series) {
            const std::string labels = labels_text(declaration, values);
            if (declaration.kind == metric_kind::histogram) {
                append_histogram(declaration, labels, *each, out);
            } else {
                const std::int64_t value = each->value.load(std::memory_order_relaxed);
                append_line(name, "", labels, number_text(declaration, value), out);
            }
        }
    }
    if (families_->hidden_handles > 0) {
        append_head(hidden_series);
        append_line(hidden_series.name, "", "", fmt::format("{}", families_->hidden_handles), out);
    }
    return out;
}

} // namespace logboom
