#include "base/metrics.h"

#include <fmt/format.h>

namespace logboom {

std::string label_text(std::string_view name) {
    std::string out;
    for (const char each : name) {
        if (each == '\n') {
            out.append("\\n");
            continue;
        }
        if (each == '"' || each == '\\') {
            out.push_back('\\');
        }
        out.push_back(each);
    }
    return out;
}

counter& metrics::get(std::string_view name, std::string_view labels) {
    const std::lock_guard guard(mutex_);
    auto& slot = counters_[std::string(name)][std::string(labels)];
    if (!slot) {
        slot = std::make_unique<counter>();
    }
    return *slot;
}

std::int64_t metrics::sum(std::string_view name) const {
    const std::lock_guard guard(mutex_);
    std::int64_t total = 0;
    if (const auto found = counters_.find(name); found != counters_.end()) {
        for (const auto& [labels, each] : found->second) {
            total += each->value();
        }
    }
    return total;
}

std::string metrics::text() const {
    const std::lock_guard guard(mutex_);
    std::string out;
    for (const auto& [name, by_labels] : counters_) {
        const bool is_sum = name.ends_with("_total");
        fmt::format_to(
            std::back_inserter(out), "# TYPE {} {}\n", name, is_sum ? "counter" : "gauge"
        );
        for (const auto& [labels, each] : by_labels) {
            if (labels.empty()) {
                fmt::format_to(std::back_inserter(out), "{} {}\n", name, each->value());
            } else {
                fmt::format_to(
                    std::back_inserter(out), "{}{{{}}} {}\n", name, labels, each->value()
                );
            }
        }
    }
    return out;
}

} // namespace logboom
