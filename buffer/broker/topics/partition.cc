#include "buffer/broker/topics/partition.h"

#include "base/metric_list.h"
#include "buffer/broker/core/errc.h"

namespace logboom::broker {

std::string partition::offline_reason() const {
    if (log_ != nullptr) {
        return log_->failed() ? "its disk failed" : "";
    }
    return offline_reason_;
}

void partition::retire() {
    log_ = nullptr;
    offline_reason_ = "its topic is deleted";
    shown_.reset();
    fail_syncs(error(errc::unknown_partition, name_.topic));
}

void partition::stop_waiting(const append_waiter& who) {
    std::erase_if(readers_, [&](const std::weak_ptr<append_waiter>& each) {
        const auto alive = each.lock();
        return !alive || alive.get() == &who;
    });
}

void partition::collect_ready(std::size_t bytes, readers& into) const {
    for (const auto& each : readers_) {
        const auto reader = each.lock();
        if (reader && reader->appended(bytes)) {
            into.push_back(each);
        }
    }
}

void partition::wait_for_sync(const log::append_result& written, appended done) {
    LB_ASSERT(log_ != nullptr);
    syncs_.push_back({written, std::move(done)});
}

bool partition::settle_syncs() {
    LB_ASSERT(log_ != nullptr);
    const offset flushed = log_->bounds().flushed();
    std::vector<sync_waiter> later;
    std::vector<sync_waiter> now;
    for (sync_waiter& each : std::exchange(syncs_, {})) {
        (each.outcome.last_offset < flushed ? now : later).push_back(std::move(each));
    }
    syncs_ = std::move(later);
    const bool failed = log_->failed();
    const bool more = !failed && !syncs_.empty();
    const error storage_failed(log::errc::storage_failed, log_->directory());
    for (const sync_waiter& each : now) {
        each.done(each.outcome);
    }
    if (failed) {
        fail_syncs(storage_failed);
    }
    return more;
}

void partition::fail_syncs(const error& why) {
    for (const sync_waiter& each : std::exchange(syncs_, {})) {
        each.done(why);
    }
}

void partition::show(metrics& to) {
    if (log_ == nullptr) {
        return;
    }
    if (!shown_) {
        const label_values labels{name_.topic, std::to_string(name_.partition.value())};
        shown_.emplace(shown_gauges{
            {to, declared("logboom_log_start_offset"), labels},
            {to, declared("logboom_log_end_offset"), labels},
            {to, declared("logboom_log_size_bytes"), labels}});
    }
    shown_->start.set(log_->bounds().start().value());
    shown_->end.set(log_->bounds().end().value());
    shown_->size.set(static_cast<std::int64_t>(log_->size_bytes()));
}

} // namespace logboom::broker
