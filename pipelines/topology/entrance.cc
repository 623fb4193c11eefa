#include "pipelines/topology/entrance.h"

#include "event/json_writer.h"

namespace logboom::pipelines {

entrance::entrance(const entrance_context& shared, const input_holder& of)
    : shared_(shared)
    , of_(of)
    , can_read_again_(of.plugin().can_read_again())
    , patience_(
          can_read_again_ ? batch_queue::patience::until_refused
                          : batch_queue::patience::until_closed
      )
    , waited_(
          shared.counters,
          declared("logboom_pipeline_plugin_push_wait_seconds_total"),
          {shared.pipeline_id, kind_name(plugin_kind::input), of.name, of.id}
      )
    , undelivered_(std::make_shared<std::atomic<std::int64_t>>(0)) {}

void entrance::prepare(event_batch& batch) {
    const auto count = static_cast<std::int64_t>(batch.events.size());
    of_.series->events_in.add(count);
    if (!of_.common->is_empty()) {
        for (event& each : batch.events) {
            of_.common->apply(each);
        }
    }
    note(batch);
    *undelivered_ += count;
    batch.ack = shared_.tracker.wrap(
        std::move(batch.ack),
        [undelivered = undelivered_, count, forgets = can_read_again_](ack_verdict verdict) {
            if (forgets || verdict == ack_verdict::delivered) {
                *undelivered -= count;
            }
        }
    );
}

bool entrance::push(batch_ptr batch) {
    prepare(*batch);
    const auto count = static_cast<std::int64_t>(batch->events.size());
    if (!shared_.queue.push(std::move(batch), patience_, waited_)) {
        return false;
    }
    count_entered(count);
    return true;
}

offer_outcome entrance::offer(batch_ptr& batch, const std::shared_ptr<room_listener>& listener) {
    if (!std::exchange(batch->was_offered, true)) {
        prepare(*batch);
    }
    const auto count = static_cast<std::int64_t>(batch->events.size());
    const offer_outcome outcome = shared_.queue.offer(batch, patience_, listener);
    if (outcome == offer_outcome::taken) {
        count_entered(count);
    }
    count_wait(outcome != offer_outcome::full);
    return outcome;
}

void entrance::count_entered(std::int64_t events) const {
    shared_.series.events_in.add(events);
    of_.series->events_out.add(events);
}

void entrance::count_wait(bool found_room) {
    if (found_room && full_since_.load(std::memory_order_relaxed) == 0) [[likely]] {
        return;
    }
    const std::int64_t now = std::chrono::steady_clock::now().time_since_epoch().count();
    const std::int64_t before = full_since_.exchange(found_room ? 0 : now);
    waited_.add(before == 0 ? 0 : now - before);
}

void entrance::note(const event_batch& batch) const {
    const logger& log = shared_.log;
    if (!log.enabled(log_level::debug)) {
        return;
    }
    log.debug(
        "A batch came in. pipeline={} input={} events={} bytes={}",
        shared_.pipeline_id,
        of_.id,
        batch.events.size(),
        batch.memory.bytes_reserved()
    );
    for (const event& each : batch.events) {
        if (log.enabled(log_level::trace)) {
            std::string text;
            append_json(each, text);
            log.trace(
                "An event came in. pipeline={} input={} event={}", shared_.pipeline_id, of_.id, text
            );
        }
    }
}

} // namespace logboom::pipelines
