#include "agent/file/byte_ledger.h"

#include "base/metric_list.h"

#include <numeric>

namespace logboom::agent {
namespace {

template <std::size_t Count>
std::vector<counter> by_reason(
    metrics& registry,
    const metric& declaration,
    const label_values& labels,
    const std::array<std::string_view, Count>& reasons
) {
    // The reason is the last label: those before it may be missing in a test.
    constexpr std::size_t owner_labels = 3;
    std::vector<counter> out;
    for (const std::string_view reason : reasons) {
        label_values with = labels;
        with.resize(owner_labels);
        with.emplace_back(reason);
        out.emplace_back(registry, declaration, std::move(with));
    }
    return out;
}

template <std::size_t Count>
std::int64_t sum_of(const std::array<std::int64_t, Count>& parts) noexcept {
    return std::accumulate(parts.begin(), parts.end(), std::int64_t{0});
}

template <std::size_t Count>
void add(const std::array<std::int64_t, Count>& parts, const std::vector<counter>& into) {
    for (std::size_t i = 0; i < Count; ++i) {
        if (parts[i] != 0) {
            into[i].add(parts[i]);
        }
    }
}

template <std::size_t Count>
void add(
    const std::array<std::int64_t, Count>& parts, std::array<std::int64_t, Count>& into
) noexcept {
    for (std::size_t i = 0; i < Count; ++i) {
        into[i] += parts[i];
    }
}

} // namespace

std::int64_t byte_fates::sum() const noexcept {
    return delivered + sum_of(skipped) + sum_of(lost);
}

std::int64_t byte_fates::lost_sum() const noexcept {
    return sum_of(lost);
}

byte_fates& byte_fates::operator+=(const byte_fates& other) noexcept {
    delivered += other.delivered;
    add(other.skipped, skipped);
    add(other.lost, lost);
    return *this;
}

ledger_series::ledger_series(metrics& registry, const label_values& labels)
    : read(registry, declared("logboom_agent_read_bytes_total"), labels)
    , delivered(registry, declared("logboom_agent_delivered_bytes_total"), labels)
    , in_flight(registry, declared("logboom_agent_in_flight_bytes"), labels)
    , skipped(
          by_reason(registry, declared("logboom_agent_skipped_bytes_total"), labels, skip_reasons)
      )
    , lost(by_reason(registry, declared("logboom_agent_lost_bytes_total"), labels, loss_reasons)) {}

void byte_ledger::add_read(std::int64_t size) {
    LB_ASSERT(size >= 0);
    read_ += size;
    all_.read.add(size);
    all_.in_flight.add(size);
}

void byte_ledger::settle(const byte_fates& fates) {
    fates_ += fates;
    LB_ASSERT(in_flight() >= 0);
    all_.delivered.add(fates.delivered);
    add(fates.skipped, all_.skipped);
    add(fates.lost, all_.lost);
    all_.in_flight.add(-fates.sum());
}

} // namespace logboom::agent
