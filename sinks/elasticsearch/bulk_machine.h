// Decides what is sent when, and what becomes of every event: the bulk state machine. It is fed
// with sealed bulks, answers and the time, and does no IO but for handing dead letters over. Owned
// by the sender's thread; nothing in it is thread-safe.
//
// Each lane sends one bulk at a time; a bulk keeps its lane until every item is final or has moved
// to the retry lane, which has a request of its own, so that an index that refuses does not stop
// the others. A request that fails as a whole stays in its lane and is sent again.
#pragma once

#include "base/log.h"
#include "plugin/dead_letter.h"
#include "sinks/elasticsearch/bulk.h"
#include "sinks/elasticsearch/bulk_backoff.h"
#include "sinks/elasticsearch/bulk_decision.h"
#include "sinks/elasticsearch/bulk_response.h"
#include "sinks/elasticsearch/probe.h"
#include "sinks/elasticsearch/trouble_log.h"

#include <chrono>
#include <deque>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace logboom::sinks {

struct bulk_machine_options {
    /// Requests in flight, without the one of the retry lane.
    std::size_t lanes = 4;
    /// Bulks are added to a certain lane (add()'s argument) and stay in order there.
    bool is_ordered = false;
    std::chrono::nanoseconds retry_initial = std::chrono::seconds(2);
    std::chrono::nanoseconds retry_max = std::chrono::seconds(64);
    std::size_t retry_items_max = 50'000;
    std::size_t retry_bytes_max = std::size_t{32} * 1024 * 1024;
    /// Of one request of the retry lane.
    std::size_t retry_bulk_bytes_max = std::size_t{4} * 1024 * 1024;
    std::size_t retry_bulk_items_max = 2000;
    std::vector<int> dead_letter_codes;
    std::vector<std::string> drop_error_types;
    std::vector<std::string> silenced_error_types;
    std::uint64_t seed = 1;
};

enum class no_answer {
    /// Nothing was sent. The host pool waits for a host, so that no pause is needed here.
    cannot_connect,
    timed_out,
    closed,
    answer_too_large,
};

class bulk_machine {
  public:
    using time = std::chrono::nanoseconds;
    using lane_id = std::size_t;

    /// A body of one lane with this many connections closed on it is sent without gzip: a proxy
    /// that cannot read it may be the reason.
    static constexpr unsigned closed_count_max = 3;
    static constexpr std::size_t blame_max = 100;

    bulk_machine(
        bulk_machine_options options, dead_letter_queue& dead_letters, probe& counters, logger log
    );

    /// `lane` below options.lanes when is_ordered, else 0.
    void add(lane_id lane, std::unique_ptr<bulk> sealed);
    /// The lane whose bulk is to be sent now; it counts as sent. Ends with answered/unanswered.
    std::optional<lane_id> next(time now);
    [[nodiscard]] const bulk& at(lane_id lane) const;
    void answered(lane_id lane, int status, std::string_view body, time now);
    void unanswered(lane_id lane, no_answer why, const std::string& detail, time now);

    /// When next() has something again, unless something is added or answered; nullopt: never.
    [[nodiscard]] std::optional<time> wake_at(time now) const;
    [[nodiscard]] bool is_empty() const;
    [[nodiscard]] bool is_sending() const { return sending_ > 0; }
    /// Lets go of everything: tokens are lost.
    void abandon();
    /// A bulk that is added now would be sent at once.
    [[nodiscard]] bool has_free_lane() const;
    /// Everything that is not final.
    [[nodiscard]] std::size_t item_count() const;
    /// Sealed bulks that no lane has taken.
    [[nodiscard]] std::size_t waiting_count() const;
    /// Bytes of bodies that are final since the last call.
    std::size_t take_released() { return std::exchange(released_, 0); }
    /// What a 413 has taught: the largest body worth trying. nullopt until there was one.
    [[nodiscard]] std::optional<std::size_t> learnt_body_size() const { return learnt_body_size_; }
    [[nodiscard]] std::size_t retry_items() const { return retry_items_; }
    [[nodiscard]] bool retry_lane_is_full() const;

  private:
    struct lane_state {
        /// The front is what is sent; more only after a split.
        std::deque<std::unique_ptr<bulk>> work;
        time due{};
        bool is_sending = false;
    };
    struct retry_entry {
        std::unique_ptr<bulk> items;
        time due{};
    };

    bool fetch(lane_id lane, time now);
    bool fetch_retries(lane_state& lane, time now);
    void settle_all(lane_state& lane);
    void settle_items(lane_state& lane, const bulk_response& response, time now);
    void settle(bulk& owner, const bulk_item& item);
    void note(const bulk& owner, const bulk_item& item, std::string_view outcome) const;
    void bury(bulk& owner, const bulk_item& item, const bulk_item_result& why);
    void again(lane_state& lane, const std::string& kind, const std::string& what, time now);
    void pause(lane_state& lane, const std::string& what, time now);
    void halve(lane_state& lane, int status, std::string_view body, time now);
    void finish_front(lane_state& lane);
    void keep_for_retry(std::unique_ptr<bulk> items, time now);
    [[nodiscard]] item_fate fate_of(const bulk& owner, const bulk_item_result& result) const;
    void log_exceptions(const bulk_response& response, const bulk& owner, time now);
    void complain(const bulk& owner, const bulk_item_result& why, time now);

    bulk_machine_options options_;
    dead_letter_queue& dead_letters_;
    probe& counters_;
    logger log_;
    trouble_log trouble_;
    bulk_backoff backoff_;
    /// The last one is the retry lane.
    std::vector<lane_state> lanes_;
    std::vector<std::deque<std::unique_ptr<bulk>>> ready_;
    std::deque<retry_entry> retries_;
    std::size_t sending_ = 0;
    std::size_t retry_items_ = 0;
    std::size_t retry_bytes_ = 0;
    std::size_t released_ = 0;
    lane_id turn_ = 0;
    unsigned pauses_ = 0;
    /// How many more events may be blamed for a 400 to their request; as many again whenever a
    /// request is taken. When none is, the fault is in our settings or on the way.
    std::size_t blame_left_ = 0;
    std::size_t unreported_ = 0;
    std::optional<time> reported_at_;
    time paused_until_{};
    std::optional<std::size_t> learnt_body_size_;
};

} // namespace logboom::sinks
