// An internal topic that is the memory of a coordinator: compacted, made when first wanted, read
// whole at start, appended to durably. Knows nothing of what its records say. On the loop; what is
// read is handed over on a thread for disk work.
#pragma once

#include "buffer/broker/core/broker_context.h"
#include "buffer/broker/state/state_record.h"

#include <functional>
#include <string>
#include <vector>

namespace logboom::broker {

struct state_topic_options {
    std::string name;
    std::int32_t partitions;
    std::int16_t replication_factor;
    std::int64_t segment_bytes;
};

class state_topic {
  public:
    /// How many partitions there are; 0 when the topic cannot be made.
    using opened = std::function<void(std::int32_t partition_count)>;
    /// Whole batches back to back; off the loop.
    using read_call = std::function<void(bytes_view batches)>;
    using done_call = std::function<void(result<void>)>;

    /// `context` outlives it.
    state_topic(broker_context& context, state_topic_options options);
    state_topic(const state_topic&) = delete;
    state_topic& operator=(const state_topic&) = delete;

    [[nodiscard]] const std::string& name() const noexcept { return options_.name; }
    /// Of the topic that is there; 0 when there is none.
    [[nodiscard]] std::int32_t partition_count() const;
    /// Makes the topic when there is none; `done` perhaps at once. Calls made meanwhile share it.
    void open(opened done);
    /// Reads a partition from its start to where it ends now: `add` for each piece, in order, then
    /// `done` on the loop. Errors: errc::unknown_partition when it is offline, those of the log.
    void load(partition_id which, read_call add, done_call done);
    /// One batch; `done(true)` when it is on disk. Calls of `done` come in the order of appends.
    void
    append(partition_id which, std::vector<state_record> records, std::function<void(bool)> done);
    /// No callback is called any more.
    void stop() { alive_.reset(); }

  private:
    struct load_job;

    void load_step(std::shared_ptr<load_job> job);
    /// Wraps a callback so that it does nothing after stop().
    template <class Call>
    auto while_running(Call call) {
        return [alive = std::weak_ptr<int>(alive_), call = std::move(call)](auto&&... values) {
            if (!alive.expired()) {
                call(std::forward<decltype(values)>(values)...);
            }
        };
    }

    broker_context& context_;
    state_topic_options options_;
    std::vector<opened> waiting_;
    std::shared_ptr<int> alive_ = std::make_shared<int>(0);
};

} // namespace logboom::broker
