// The coordinator wired to a broker: reading __consumer_offsets at start, timers, deleted topics.
#include "buffer/broker/group/group_service.h"

#include "base/metric_list.h"
#include "buffer/broker/topics/topic_catalog.h"

#include <fmt/core.h>

namespace logboom::broker {

namespace {

constexpr const char* offsets_topic = "__consumer_offsets";

/// As Java prints a UUID: member ids end with it.
std::string random_id() {
    const uuid made = uuid::random();
    std::string text;
    for (std::size_t i = 0; i < made.octets.size(); ++i) {
        if (i == 4 || i == 6 || i == 8 || i == 10) {
            text += '-';
        }
        text += fmt::format("{:02x}", made.octets[i]);
    }
    return text;
}

coordinator_options options_from(const group_config& config) {
    auto made = make_coordinator_options(config);
    made.limits.make_id = random_id;
    return made;
}

} // namespace

group_service::group_service(broker_context& context)
    : context_(context)
    , topic_(
          context,
          {offsets_topic,
           context.config.groups.offsets_topic_partitions,
           context.config.groups.offsets_topic_replication_factor,
           context.config.groups.offsets_topic_segment_bytes}
      )
    , coordinator_(
          options_from(context.config.groups),
          context.time,
          [this](
              partition_id to, std::vector<state_record> records, std::function<void(bool)> done
          ) { topic_.append(to, std::move(records), std::move(done)); },
          context.counters,
          context.messages
      )
    , unreadable_count_(
          context.counters, declared("logboom_broker_group_unreadable_records_total")
      ) {}

void group_service::start() {
    coordinator_.members().on_deadline(while_running([this] { arm(); }));
    context_.topics.on_deleted(while_running([this](const topic_state& topic) {
        coordinator_.offsets().forget_topic(topic.name);
    }));
    arm_expiry();
    loads_pending_ = topic_.partition_count();
    if (loads_pending_ == 0) {
        return;
    }
    coordinator_.open(loads_pending_);
    for (std::int32_t i = 0; i < coordinator_.partition_count(); ++i) {
        load(partition_id(i));
    }
}

void group_service::stop() {
    alive_.reset();
    timer_.reset();
    expiry_timer_.reset();
    topic_.stop();
}

void group_service::load(partition_id which) {
    const auto loader = std::make_shared<group_loader>();
    topic_.load(
        which,
        [loader](bytes_view batches) { loader->add(batches); },
        while_running([this, which, loader](const result<void>& outcome) {
            if (outcome.has_error()) {
                context_.messages.error(
                    "A partition of __consumer_offsets cannot be read: its groups are not served. "
                    "partition={} error={}",
                    which.value(),
                    outcome.error().text()
                );
                coordinator_.load_failed(which);
            } else {
                take(which, *loader);
            }
            load_ended();
        })
    );
}

void group_service::take(partition_id which, group_loader& loader) {
    if (loader.unreadable() > 0) {
        unreadable_count_.add(loader.unreadable());
        context_.messages.error(
            "Records of __consumer_offsets cannot be read and are left out. partition={} "
            "records={}",
            which.value(),
            loader.unreadable()
        );
    }
    coordinator_.loaded(which, loader.take());
}

void group_service::load_ended() {
    if (--loads_pending_ == 0) {
        context_.messages.info("All groups are loaded. groups={}", coordinator_.group_count());
        forget_missing_topics();
    }
}

void group_service::forget_missing_topics() {
    // Deleted just before the last stop: their offsets must not meet a new topic of that name.
    for (const std::string& topic : coordinator_.offsets().topics()) {
        if (context_.topics.find(topic) == nullptr) {
            coordinator_.offsets().forget_topic(topic);
        }
    }
}

void group_service::open(opened done) {
    if (coordinator_.is_open()) {
        return done(true);
    }
    topic_.open([this, done = std::move(done)](std::int32_t partition_count) {
        if (partition_count > 0 && !coordinator_.is_open()) {
            // Just made: there is nothing to load.
            coordinator_.open(partition_count);
            for (std::int32_t i = 0; i < partition_count; ++i) {
                coordinator_.loaded(partition_id(i), {});
            }
        }
        done(partition_count > 0);
    });
}

void group_service::disconnected(request_token token) {
    coordinator_.members().disconnected(token);
}

void group_service::arm() {
    const clock::duration next = coordinator_.members().next_deadline();
    if (next == never || (timer_ && timer_at_ <= next)) {
        return;
    }
    timer_at_ = next;
    const auto wait = std::max(next - context_.time.steady(), clock::duration::zero());
    timer_ = context_.loop.call_after(wait, while_running([this] {
                                          timer_at_ = never;
                                          coordinator_.members().tick();
                                          arm();
                                      }));
}

void group_service::arm_expiry() {
    expiry_timer_ = context_.loop.call_after(
        context_.config.groups.offsets_retention_check_interval, while_running([this] {
            coordinator_.offsets().expire();
            arm_expiry();
        })
    );
}

} // namespace logboom::broker
