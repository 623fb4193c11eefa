// Notices partitions that stand still while others move: a partition without a leader, or one whose
// broker does not answer, looks like nothing at all from where records come back. Fed with
// librdkafka's statistics. Sans-IO, of one thread: the poll thread of a producer or a consumer.
#pragma once

#include "base/ids.h"
#include "buffer/client/connection_trouble.h"

#include <chrono>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace logboom::client {

/// A partition that a client writes to or reads from.
struct partition_state {
    /// Partition -1: records whose topic the brokers have not told of yet.
    topic_partition at;
    /// -1: none is known.
    std::int32_t leader = -1;
    /// "host:port" of the leader; empty when it is not known.
    std::string address;
    bool is_connected = false;
    /// Records that were handed over and have not come back.
    std::int64_t waiting = 0;
    bool is_read = false;
};

/// Those of a statistics text of librdkafka with records that wait, or that are read. Empty when it
/// is none.
std::vector<partition_state> partition_states(std::string_view statistics);

/// Has a client of `properties` give statistics thrice in the time that is bearable, unless they
/// say how often.
void ask_for_statistics(property_list& properties, std::chrono::nanoseconds bearable);

/// Why the partition stands still, as far as the client knows.
std::string cause_of_stall(const partition_state& state, const connection_trouble& trouble);

/// "logs-0, logs-3 and 12 more".
std::string names_of(std::span<const topic_partition> partitions);

class partition_watch {
  public:
    struct stall {
        std::vector<topic_partition> partitions;
        std::int64_t waiting = 0;
    };
    struct finding {
        /// Have stood still for as long as is bearable, by cause; each is found once.
        std::map<std::string, stall> stalled;
        /// Were found once, and move again or have nothing left.
        std::vector<topic_partition> moving;
    };

    explicit partition_watch(std::chrono::nanoseconds bearable) : bearable_(bearable) {}

    /// A record came back from there. `topic_key` distinguishes topics until the next look().
    void moved(const void* topic_key, const char* topic, std::int32_t partition);
    finding look(
        std::chrono::nanoseconds now,
        std::span<const partition_state> states,
        const connection_trouble& trouble
    );
    /// Somebody else says what waits: nothing moves at all.
    void forget();
    /// Some have stood still for half of the bearable time: their cause should be listened for.
    [[nodiscard]] bool is_suspicious() const noexcept { return is_suspicious_; }

  private:
    struct suspect {
        std::chrono::nanoseconds since{0};
        bool was_found = false;
        bool is_standing = true;
    };
    using place = std::pair<const void*, std::int32_t>;

    std::chrono::nanoseconds bearable_;
    std::map<topic_partition, suspect> suspects_;
    std::map<place, topic_partition> moved_;
    place last_moved_{nullptr, -1};
    bool is_suspicious_ = false;
};

} // namespace logboom::client
