// Runs a batch, or a flush, through filters, branches and outputs as selections of events.
#include "pipelines/topology/worker.h"

#include "event/json_writer.h"

#include <algorithm>
#include <numeric>

namespace logboom::pipelines {
namespace {

void drop_cancelled(const event_batch& batch, selection& chosen) {
    std::erase_if(chosen, [&](std::uint32_t at) { return batch.events[at].is_cancelled(); });
}

void append(selection& into, const selection& more) {
    into.insert(into.end(), more.begin(), more.end());
}

/// A token that settles `inner` after `count` has been told how it ended.
template <class Count>
ack_token counted(ack_token inner, Count count) {
    // std::function wants what it holds to be copyable.
    auto held = std::make_shared<ack_token>(std::move(inner));
    return ack_token([held, count](ack_verdict verdict) {
        count(verdict);
        if (verdict == ack_verdict::delivered) {
            held->delivered();
        } else {
            held->lost();
        }
    });
}

} // namespace

selection worker::take_scratch() {
    if (scratch_.empty()) {
        return {};
    }
    selection given = std::move(scratch_.back());
    scratch_.pop_back();
    given.clear();
    return given;
}

void worker::give_back(selection used) {
    scratch_.push_back(std::move(used));
}

void worker::run(event_batch& batch, flush_call flush) {
    flush_ = flush;
    selection chosen = take_scratch();
    chosen.resize(batch.events.size());
    std::iota(chosen.begin(), chosen.end(), 0U);
    run_steps(program_.filtering, batch, chosen);
    const auto count = static_cast<std::int64_t>(chosen.size());
    series_->events_filtered.add(count);
    batch.ack = counted(std::move(batch.ack), [series = series_, count](ack_verdict verdict) {
        series->events_out.add(verdict == ack_verdict::delivered ? count : 0);
    });
    if (is_flushing()) {
        *unflushed_ += count;
        batch.ack =
            counted(std::move(batch.ack), [unflushed = unflushed_, count](ack_verdict verdict) {
                *unflushed -= verdict == ack_verdict::delivered ? count : 0;
            });
    }
    run_steps(program_.writing, batch, chosen);
    // What was cancelled, or reached no output, is final; the rest is up to the outputs' shares.
    batch.ack.delivered();
    give_back(std::move(chosen));
}

void worker::run_steps(const steps& all, event_batch& batch, selection& chosen) {
    for (const step& each : all) {
        // A flush goes through all of them: any filter may hold something.
        if (chosen.empty() && !is_flushing()) {
            return;
        }
        if (const auto* filter = std::get_if<const filter_holder*>(&each.what)) {
            run_filter(**filter, batch, chosen);
        } else if (const auto* output = std::get_if<const output_holder*>(&each.what)) {
            run_output(**output, batch, chosen);
        } else {
            run_branch(std::get<branch_step>(each.what), batch, chosen);
        }
    }
}

void worker::run_filter(const filter_holder& with, event_batch& batch, selection& chosen) {
    selection matched = take_scratch();
    with.series->events_in.add(static_cast<std::int64_t>(chosen.size()));
    at_work_ = &with.id;
    const auto begin = std::chrono::steady_clock::now();
    if (!chosen.empty()) {
        with.plugin(number_).apply(batch, chosen, matched);
    }
    if (is_flushing() && with.flushes) {
        const std::size_t before = batch.events.size();
        for (const auto& each : with.instances) {
            each->flush(time_.wall().count(), batch, flush_ == flush_call::last);
        }
        for (std::size_t i = before; i < batch.events.size(); ++i) {
            chosen.push_back(static_cast<std::uint32_t>(i));
        }
    }
    with.series->busy.add(std::chrono::steady_clock::now() - begin);
    if (!with.common->is_empty()) {
        for (const std::uint32_t at : matched) {
            if (!batch.events[at].is_cancelled()) {
                with.common->apply(batch.events[at]);
            }
        }
    }
    drop_cancelled(batch, chosen);
    with.series->events_out.add(static_cast<std::int64_t>(chosen.size()));
    give_back(std::move(matched));
}

void worker::run_output(const output_holder& with, event_batch& batch, const selection& chosen) {
    if (chosen.empty()) {
        return;
    }
    const auto count = static_cast<std::int64_t>(chosen.size());
    with.series->events_in.add(count);
    ack_token share =
        counted(batch.ack.share(), [series = with.series, count](ack_verdict verdict) {
            const bool is_settled = verdict == ack_verdict::delivered;
            (is_settled ? series->events_out : series->events_failed).add(count);
        });
    at_work_ = &with.id;
    const auto begin = std::chrono::steady_clock::now();
    with.plugin().write(batch, chosen, std::move(share));
    with.series->busy.add(std::chrono::steady_clock::now() - begin);
}

void worker::bury(const conf::condition& why, event_batch& batch, event& broken) {
    const std::string reason = why.why_broken(broken);
    if (const auto now = std::chrono::steady_clock::now(); now >= next_complaint_) {
        next_complaint_ = now + std::chrono::minutes(1);
        log_.warn("An event goes to the dead letters: {}.", reason);
    }
    std::string document;
    append_json(broken, document);
    dead_letter letter;
    letter.document = document;
    letter.output = "pipeline";
    letter.error_type = "condition";
    letter.reason = reason;
    letter.origin = broken.origin;
    program_.dead_letters->write(letter, batch.ack.share());
    broken.cancel();
}

/// Moves from `rest` to `yes` the events for which the arm's condition holds.
void worker::split(const arm& by, event_batch& batch, selection& rest, selection& yes) {
    if (!by.condition) {
        yes.swap(rest);
        return;
    }
    std::size_t kept = 0;
    for (const std::uint32_t at : rest) {
        switch (by.condition->test(batch.events[at])) {
        case conf::verdict::yes:
            yes.push_back(at);
            break;
        case conf::verdict::no:
            rest[kept++] = at;
            break;
        case conf::verdict::broken:
            by.broken->add();
            bury(*by.condition, batch, batch.events[at]);
            break;
        }
    }
    rest.resize(kept);
}

void worker::run_branch(const branch_step& with, event_batch& batch, selection& chosen) {
    selection rest = take_scratch();
    selection after = take_scratch();
    rest = chosen;
    for (const arm& each : with.arms) {
        if (rest.empty() && !is_flushing()) {
            break;
        }
        selection yes = take_scratch();
        split(each, batch, rest, yes);
        run_steps(each.body, batch, yes);
        append(after, yes);
        give_back(std::move(yes));
    }
    append(after, rest);
    if (!std::is_sorted(after.begin(), after.end())) {
        std::sort(after.begin(), after.end());
    }
    chosen.swap(after);
    give_back(std::move(rest));
    give_back(std::move(after));
}

} // namespace logboom::pipelines
