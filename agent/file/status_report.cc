#include "agent/file/status_report.h"

#include <fmt/format.h>

namespace logboom::agent {
namespace {

template <std::size_t Count>
std::vector<std::pair<std::string_view, std::int64_t>> by_reason(
    const std::array<std::string_view, Count>& reasons, const std::array<std::int64_t, Count>& parts
) {
    std::vector<std::pair<std::string_view, std::int64_t>> out;
    for (std::size_t i = 0; i < Count; ++i) {
        out.emplace_back(reasons[i], parts[i]);
    }
    return out;
}

byte_account account_of(const byte_ledger& ledger) {
    const byte_fates& fates = ledger.fates();
    return {
        ledger.read(),
        fates.delivered,
        ledger.in_flight(),
        by_reason(skip_reasons, fates.skipped),
        by_reason(loss_reasons, fates.lost)};
}

/// On the thread that counts, so that the sums fit each other.
byte_account account_of(const ledger_series& all) {
    byte_account out{all.read.value(), all.delivered.value(), all.in_flight.value(), {}, {}};
    for (std::size_t i = 0; i < skip_reasons.size(); ++i) {
        out.skipped.emplace_back(skip_reasons[i], all.skipped[i].value());
    }
    for (std::size_t i = 0; i < loss_reasons.size(); ++i) {
        out.lost.emplace_back(loss_reasons[i], all.lost[i].value());
    }
    return out;
}

std::string_view state_of(const followed_file& which) {
    if (which.progress.is_broken()) {
        return "rewinding";
    }
    if (!which.last_error.empty()) {
        return which.is_damaged ? "damaged" : "retrying";
    }
    switch (which.phase) {
    case file_phase::following:
        break;
    case file_phase::waiting:
        return "waiting";
    case file_phase::ending:
        return "ending";
    case file_phase::ended:
        return "ended";
    case file_phase::completing:
        return "completing";
    }
    return which.has_backlog() ? "reading" : "following";
}

std::int64_t lag_of(const followed_file& which) {
    return which.progress.undelivered() - (which.ends_blank() ? which.progress.unread() : 0);
}

file_status status_of(const followed_file& which, clock::duration now) {
    const file_progress& progress = which.progress;
    return {
        .id = fmt::format("{}/{}", progress.origin().text(), progress.generation().value()),
        .path = progress.path(),
        .position = progress.record().position.value(),
        .size = progress.size(),
        .lag = lag_of(which),
        .lag_time = which.behind.lag(now),
        .state = state_of(which),
        .is_open = which.is_open(),
        .has_name = which.has_name(),
        .last_error = which.last_error,
        .bytes = account_of(progress.ledger())};
}

} // namespace

files_status status_report(const tail_set& files, std::size_t count_max, clock::duration now) {
    std::vector<std::pair<std::int64_t, const followed_file*>> chosen;
    for (const auto& [key, each] : files.files()) {
        chosen.emplace_back(lag_of(each), &each);
    }
    const std::size_t count = std::min(chosen.size(), count_max);
    const auto count_end = chosen.begin() + static_cast<std::ptrdiff_t>(count);
    std::partial_sort(
        chosen.begin(),
        count_end,
        chosen.end(),
        [](const auto& left, const auto& right) {
            return left.first != right.first
                       ? left.first > right.first
                       : left.second->progress.path() < right.second->progress.path();
        }
    );
    files_status out;
    out.is_known = true;
    out.file_count = chosen.size();
    out.bytes = account_of(files.bytes());
    for (auto each = chosen.begin(); each != count_end; ++each) {
        out.files.push_back(status_of(*each->second, now));
    }
    return out;
}

std::size_t status_desk::count_max() const {
    const std::lock_guard lock(mutex_);
    return count_max_;
}

void status_desk::answer(files_status what) {
    {
        const std::lock_guard lock(mutex_);
        is_asked_.store(false);
        answered_ = asked_;
        count_max_ = 0;
        answer_ = std::move(what);
    }
    changed_.notify_all();
}

} // namespace logboom::agent
