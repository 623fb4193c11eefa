#include "buffer/broker/state/state_topic.h"

#include "buffer/broker/core/errc.h"
#include "buffer/broker/topics/topic_catalog.h"
#include "codecs/kafka/record_batch_builder.h"

namespace logboom::broker {

namespace {

constexpr std::size_t load_step_bytes = 4U << 20U;

} // namespace

/// One partition on its way into memory.
struct state_topic::load_job {
    topic_partition which;
    read_call add;
    done_call done;
    offset next{0};
    result<void> outcome;
};

state_topic::state_topic(broker_context& context, state_topic_options options)
    : context_(context), options_(std::move(options)) {}

std::int32_t state_topic::partition_count() const {
    const topic_state* const topic = context_.topics.find(options_.name);
    return topic == nullptr ? 0 : static_cast<std::int32_t>(topic->partitions.size());
}

void state_topic::open(opened done) {
    if (const std::int32_t count = partition_count(); count > 0 && waiting_.empty()) {
        return done(count);
    }
    waiting_.push_back(std::move(done));
    if (waiting_.size() > 1) {
        return;
    }
    new_topic topic;
    topic.name = options_.name;
    topic.partitions = options_.partitions;
    topic.replication_factor = options_.replication_factor;
    topic.overrides["cleanup.policy"] = "compact";
    topic.overrides["compression.type"] = "producer";
    topic.overrides["segment.bytes"] = std::to_string(options_.segment_bytes);
    context_.topics.create(
        std::move(topic),
        while_running([this](const topic_refusal& refusal, const topic_state* made) {
            if (made == nullptr) {
                context_.messages.error(
                    "A topic of internal state cannot be created: nobody who needs it can be "
                    "served. topic={} error={}",
                    options_.name,
                    refusal.message
                );
            }
            const std::int32_t count =
                made == nullptr ? 0 : static_cast<std::int32_t>(made->partitions.size());
            for (const opened& each : std::exchange(waiting_, {})) {
                each(count);
            }
        })
    );
}

void state_topic::load(partition_id which, read_call add, done_call done) {
    auto job = std::make_shared<load_job>();
    job->which = {options_.name, which};
    job->add = std::move(add);
    job->done = std::move(done);
    const partition* const source = context_.topics.find(job->which);
    if (source != nullptr && source->log() != nullptr) {
        job->next = source->log()->bounds().start();
    }
    load_step(std::move(job));
}

void state_topic::load_step(std::shared_ptr<load_job> job) {
    const partition* const source = context_.topics.find(job->which);
    if (source == nullptr || source->log() == nullptr) {
        return job->done(error(errc::unknown_partition, options_.name));
    }
    log::partition_log* const from = source->log();
    log::read_options options;
    options.from = job->next;
    options.bytes_max = load_step_bytes;
    options.below = from->bounds().end();
    auto read = from->read(options);
    if (read.has_error()) {
        job->outcome = read.error();
    }
    if (read.has_error() || read->slices.empty()) {
        return job->done(std::move(job->outcome));
    }
    job->next = read->next_offset;
    const auto work = [job, slices = std::move(read->slices)] {
        for (const log::log_slice& each : slices) {
            const auto data = log::read_slice(each);
            if (data.has_error()) {
                job->outcome = data.error();
                return;
            }
            job->add(*data);
        }
    };
    context_.loop.run_blocking(work, while_running([this, job] {
                                   job->outcome.has_error() ? job->done(std::move(job->outcome))
                                                            : load_step(job);
                               }));
}

void state_topic::append(
    partition_id which, std::vector<state_record> records, std::function<void(bool)> done
) {
    kafka::record_batch_builder builder;
    const timestamp_ms now = context_.time.wall_ms();
    for (const state_record& each : records) {
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
        {options_.name, which},
        *batch,
        options,
        durability::synced,
        while_running([this, which, done = std::move(done)](const result<log::append_result>& made
                      ) {
            if (made.has_error()) {
                context_.messages.error(
                    "A write to a topic of internal state failed. topic={} partition={} "
                    "error={}",
                    options_.name,
                    which.value(),
                    made.error().text()
                );
            }
            done(made.has_value());
        })
    );
}

} // namespace logboom::broker
