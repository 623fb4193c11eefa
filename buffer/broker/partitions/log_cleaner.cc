#include "buffer/broker/partitions/log_cleaner.h"

#include "base/metric_list.h"

#include <algorithm>

namespace logboom::broker {
namespace {

/// A log that could not be compacted is left alone for so long: it fills no message log.
constexpr auto retry_wait = std::chrono::minutes(10);

} // namespace

log_cleaner::log_cleaner(services with)
    : with_(std::move(with))
    , compactions_(with_.counters, declared("logboom_broker_compactions_total"))
    , failures_(with_.counters, declared("logboom_broker_compaction_failures_total"))
    , bytes_before_(with_.counters, declared("logboom_broker_compaction_before_bytes_total"))
    , bytes_after_(with_.counters, declared("logboom_broker_compaction_after_bytes_total")) {
    with_.topics.on_deleted([this](const topic_state& topic) {
        if (current_ && current_->source->name().topic == topic.name) {
            current_->job.cancel();
        }
    });
}

void log_cleaner::start(std::chrono::milliseconds backoff) {
    // Kafka allows 0; that would be a busy loop.
    backoff_ = std::max(backoff, std::chrono::milliseconds(1));
    look_after(backoff_);
}

void log_cleaner::stop(std::function<void()> done) {
    stopping_ = true;
    timer_.reset();
    if (!current_) {
        done();
        return;
    }
    stopped_ = std::move(done);
    current_->job.cancel();
}

void log_cleaner::look_after(std::chrono::milliseconds wait) {
    timer_ = with_.loop.call_after(wait, [this] { look(); });
}

void log_cleaner::look() {
    if (stopping_) {
        return;
    }
    if (auto source = dirtiest()) {
        if (auto job = source->log()->compaction().begin()) {
            begin(std::move(source), *std::move(job));
            return;
        }
    }
    look_after(backoff_);
}

std::shared_ptr<partition> log_cleaner::dirtiest() {
    std::shared_ptr<partition> found;
    double ratio = 0;
    for (const auto& [name, topic] : with_.topics.all()) {
        for (const auto& each : topic.partitions) {
            if (!each->is_online() || !each->log()->config().cleanup_compact ||
                !each->may_compact(with_.time.steady())) {
                continue;
            }
            log::partition_log& log = *each->log();
            const auto size = log.compaction().cleanable();
            if (size.has_error()) {
                report_failure(*each, size.error());
                continue;
            }
            if (must_compact(*size, log.config()) && size->dirty_ratio() > ratio) {
                found = each;
                ratio = size->dirty_ratio();
            }
        }
    }
    return found;
}

void log_cleaner::begin(std::shared_ptr<partition> source, log::compaction_job job) {
    current_ = std::make_shared<running>(running{std::move(source), std::move(job), {}});
    with_.loop.run_long([work = current_] { work->outcome = work->job.run(); }, [this] { swap(); });
}

void log_cleaner::swap() {
    if (current_->log() == nullptr) {
        finish();
        return;
    }
    const auto renamed = current_->log()->compaction().begin_swap(current_->outcome);
    if (renamed.has_error() || current_->outcome.cleaned.empty()) {
        finish();
        return;
    }
    with_.loop.run_long([work = current_] { work->outcome.sync(); }, [this] { finish(); });
}

void log_cleaner::finish() {
    const auto work = std::exchange(current_, nullptr);
    if (work->log() != nullptr) {
        const std::uint64_t before = work->outcome.bytes_before;
        const std::uint64_t after = work->outcome.bytes_after;
        if (auto done = work->log()->compaction().finish(std::move(work->outcome));
            done.has_value()) {
            compactions_.add();
            bytes_before_.add(static_cast<std::int64_t>(before));
            bytes_after_.add(static_cast<std::int64_t>(after));
        } else if (done.error().code != log::errc::canceled) {
            report_failure(*work->source, done.error());
        }
    }
    if (stopped_) {
        std::exchange(stopped_, nullptr)();
        return;
    }
    // There may be more to do at once; in a turn of its own.
    if (!stopping_) {
        look_after(std::chrono::milliseconds(0));
    }
}

void log_cleaner::report_failure(partition& of, const error& why) {
    failures_.add();
    of.put_off_compaction(with_.time.steady() + retry_wait);
    with_.messages.error(
        "A log cannot be compacted and keeps growing; the next attempt is in ten minutes. "
        "directory={} error={}",
        of.log()->directory(),
        why.text()
    );
}

} // namespace logboom::broker
