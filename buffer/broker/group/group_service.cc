#include "buffer/broker/group/group_service.h"

#include "buffer/broker/topics/topic_catalog.h"
#include "codecs/kafka/record_batch_builder.h"

#include <fmt/core.h>

namespace logboom::broker {

namespace {

constexpr const char* offsets_topic = "__consumer_offsets";
constexpr std::size_t load_step_bytes = 4U << 20U;

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
    coordinator_options made;
    made.limits.session_timeout_min = config.min_session_timeout;
    made.limits.session_timeout_max = config.max_session_timeout;
    made.limits.initial_rebalance_delay = config.initial_rebalance_delay;
    made.limits.member_count_max = static_cast<std::size_t>(std::max(config.max_size, 1));
    made.limits.make_id = random_id;
    made.offset_metadata_size_max =
        static_cast<std::size_t>(std::max(config.offset_metadata_max_bytes, 0));
    made.offsets_retention = config.offsets_retention;
    return made;
}

} // namespace

/// One partition on its way into memory.
struct group_service::load_job {
    topic_partition at;
    offset next{0};
    group_loader loader;
    result<void> outcome;
};

group_service::group_service(broker_context& context)
    : context_(context)
    , coordinator_(
          options_from(context.config.groups),
          context.time,
          [this](
              partition_id to, std::vector<group_record> records, std::function<void(bool)> done
          ) { append(to, std::move(records), std::move(done)); },
          context.counters,
          context.messages
      ) {}

void group_service::start() {
    coordinator_.on_deadline(while_running([this] { arm(); }));
    context_.topics.on_deleted(while_running([this](const std::string& name) {
        coordinator_.forget_topic(name);
    }));
    arm_expiry();
    const topic_state* const topic = context_.topics.find(offsets_topic);
    if (topic == nullptr) {
        return;
    }
    coordinator_.open(static_cast<std::int32_t>(topic->partitions.size()));
    loads_pending_ = topic->partitions.size();
    for (std::size_t i = 0; i < topic->partitions.size(); ++i) {
        auto job = std::make_shared<load_job>();
        job->at = {offsets_topic, partition_id(static_cast<std::int32_t>(i))};
        if (const log::partition_log* const from = context_.topics.log_of(job->at)) {
            job->next = from->log_start_offset();
        }
        load(std::move(job));
    }
}

void group_service::stop() {
    alive_.reset();
    timer_.reset();
    expiry_timer_.reset();
}

void group_service::load(std::shared_ptr<load_job> job) {
    log::partition_log* const from = context_.topics.log_of(job->at);
    if (from == nullptr) {
        context_.messages.error(
            "A partition of __consumer_offsets is offline: its groups cannot be served. "
            "partition={}",
            job->at.partition.value()
        );
        coordinator_.load_failed(job->at.partition);
        return load_ended();
    }
    log::read_options options;
    options.from = job->next;
    options.bytes_max = load_step_bytes;
    options.below = from->log_end_offset();
    auto read = from->read(options);
    if (read.has_error()) {
        job->outcome = read.error();
    }
    if (read.has_error() || read->slices.empty()) {
        return load_done(*job);
    }
    job->next = read->next_offset;
    const auto work = [job, slices = std::move(read->slices)] {
        for (const log::log_slice& each : slices) {
            const auto data = log::read_slice(each);
            if (data.has_error()) {
                job->outcome = data.error();
                return;
            }
            job->loader.add(*data);
        }
    };
    context_.loop.run_blocking(work, while_running([this, job] {
                                   job->outcome.has_error() ? load_done(*job) : load(job);
                               }));
}

void group_service::load_done(load_job& job) {
    if (job.outcome.has_error()) {
        context_.messages.error(
            "A partition of __consumer_offsets cannot be read: its groups are not served. "
            "partition={} error={}",
            job.at.partition.value(),
            job.outcome.error().text()
        );
        coordinator_.load_failed(job.at.partition);
        return load_ended();
    }
    if (job.loader.unreadable() > 0) {
        context_.counters.get("logboom_broker_group_unreadable_records_total")
            .add(job.loader.unreadable());
        context_.messages.error(
            "Records of __consumer_offsets cannot be read and are left out. partition={} "
            "records={}",
            job.at.partition.value(),
            job.loader.unreadable()
        );
    }
    coordinator_.loaded(job.at.partition, job.loader.take());
    load_ended();
}

void group_service::load_ended() {
    if (--loads_pending_ == 0) {
        context_.messages.info("All groups are loaded. groups={}", coordinator_.group_count());
        forget_missing_topics();
    }
}

void group_service::forget_missing_topics() {
    // Deleted just before the last stop: their offsets must not meet a new topic of that name.
    for (const std::string& topic : coordinator_.topics()) {
        if (context_.topics.find(topic) == nullptr) {
            coordinator_.forget_topic(topic);
        }
    }
}

void group_service::open(opened done) {
    if (coordinator_.is_open()) {
        return done(true);
    }
    waiting_for_topic_.push_back(std::move(done));
    if (waiting_for_topic_.size() > 1) {
        return;
    }
    const group_config& config = context_.config.groups;
    new_topic topic;
    topic.name = offsets_topic;
    topic.partitions = config.offsets_topic_partitions;
    topic.replication_factor = config.offsets_topic_replication_factor;
    topic.overrides["cleanup.policy"] = "compact";
    topic.overrides["compression.type"] = "producer";
    topic.overrides["segment.bytes"] = std::to_string(config.offsets_topic_segment_bytes);
    context_.topics.create(
        std::move(topic),
        while_running([this](const topic_refusal& refusal, const topic_state* made) {
            if (made == nullptr) {
                context_.messages.error(
                    "__consumer_offsets cannot be created: no group can be served. error={}",
                    refusal.message
                );
            }
            topic_created(
                made != nullptr,
                made == nullptr ? 0 : static_cast<std::int32_t>(made->partitions.size())
            );
        })
    );
}

void group_service::topic_created(bool done, std::int32_t partition_count) {
    if (done && !coordinator_.is_open()) {
        coordinator_.open(partition_count);
        for (std::int32_t i = 0; i < partition_count; ++i) {
            coordinator_.loaded(partition_id(i), {});
        }
    }
    for (const opened& each : std::exchange(waiting_for_topic_, {})) {
        each(done);
    }
}

void group_service::append(
    partition_id to, std::vector<group_record> records, std::function<void(bool)> done
) {
    kafka::record_batch_builder builder;
    const timestamp_ms now = context_.time.wall_ms();
    for (const group_record& each : records) {
        builder.add(
            now, each.key.view(), each.value ? std::optional(each.value->view()) : std::nullopt
        );
    }
    auto batch = builder.finish();
    if (batch.has_error()) {
        return done(false);
    }
    log::append_options options;
    options.from_client = false;
    context_.partitions.append(
        {offsets_topic, to},
        *batch,
        options,
        durability::synced,
        while_running([this, to, done = std::move(done)](const result<log::append_result>& made) {
            if (made.has_error()) {
                context_.messages.error(
                    "A write to __consumer_offsets failed. partition={} error={}",
                    to.value(),
                    made.error().text()
                );
            }
            done(made.has_value());
        })
    );
}

void group_service::disconnected(request_token token) {
    coordinator_.disconnected(token);
}

void group_service::arm() {
    const clock::duration next = coordinator_.next_deadline();
    if (next == never || (timer_ && timer_at_ <= next)) {
        return;
    }
    timer_at_ = next;
    const auto wait = std::max(next - context_.time.steady(), clock::duration::zero());
    timer_ = context_.loop.call_after(wait, while_running([this] {
                                          timer_at_ = never;
                                          coordinator_.tick();
                                          arm();
                                      }));
}

void group_service::arm_expiry() {
    expiry_timer_ = context_.loop.call_after(
        context_.config.groups.offsets_retention_check_interval, while_running([this] {
            coordinator_.expire();
            arm_expiry();
        })
    );
}

} // namespace logboom::broker
