// The bulk state machine: lanes and the retry lane, and what each answer means for each item.
#include "sinks/elasticsearch/bulk_machine.h"

#include "base/assertion.h"
#include "sinks/http_client/status.h"

#include <fmt/format.h>

#include <algorithm>

namespace logboom::sinks {
namespace {

constexpr std::size_t learnt_body_size_min = std::size_t{64} * 1024;

} // namespace

bulk_machine::bulk_machine(
    bulk_machine_options options, dead_letter_queue& dead_letters, probe& counters, logger log
)
    : options_(std::move(options))
    , dead_letters_(dead_letters)
    , counters_(counters)
    , log_(log)
    , trouble_(log)
    , backoff_(options_.retry_initial, options_.retry_max, options_.seed)
    , lanes_(options_.lanes + 1)
    , ready_(options_.is_ordered ? options_.lanes : 1) {
    LB_ASSERT(options_.lanes > 0);
}

void bulk_machine::add(lane_id lane, std::unique_ptr<bulk> sealed) {
    LB_ASSERT(lane < ready_.size() && !sealed->items.empty());
    ready_[lane].push_back(std::move(sealed));
}

bool bulk_machine::retry_lane_is_full() const {
    return retry_items_ >= options_.retry_items_max || retry_bytes_ >= options_.retry_bytes_max;
}

bool bulk_machine::fetch_retries(lane_state& lane, time now) {
    std::unique_ptr<bulk> made;
    for (auto each = retries_.begin(); each != retries_.end();) {
        if (each->due > now) {
            ++each;
            continue;
        }
        if (made &&
            (made->items.size() + each->items->items.size() > options_.retry_bulk_items_max ||
             made->body.size() + each->items->body.size() > options_.retry_bulk_bytes_max)) {
            break;
        }
        if (made) {
            made->adopt_all(*each->items);
        } else {
            made = std::move(each->items);
        }
        each = retries_.erase(each);
    }
    if (!made) {
        return false;
    }
    made->is_retry = true;
    lane.work.push_back(std::move(made));
    return true;
}

bool bulk_machine::fetch(lane_id which, time now) {
    lane_state& lane = lanes_[which];
    if (!lane.work.empty()) {
        return true;
    }
    if (which == options_.lanes) {
        return fetch_retries(lane, now);
    }
    auto& ready = ready_[options_.is_ordered ? which : 0];
    if (ready.empty() || retry_lane_is_full()) {
        return false;
    }
    lane.work.push_back(std::move(ready.front()));
    ready.pop_front();
    lane.due = now;
    return true;
}

std::optional<bulk_machine::lane_id> bulk_machine::next(time now) {
    if (pauses_ > 0 && (now < paused_until_ || sending_ > 0)) {
        return std::nullopt;
    }
    for (lane_id tried = 0; tried < lanes_.size(); ++tried) {
        const lane_id which = (turn_ + tried) % lanes_.size();
        lane_state& lane = lanes_[which];
        if (lane.is_sending || !fetch(which, now) || lane.due > now) {
            continue;
        }
        turn_ = which + 1;
        lane.is_sending = true;
        ++sending_;
        counters_.in_flight.set(static_cast<std::int64_t>(sending_));
        return which;
    }
    return std::nullopt;
}

const bulk& bulk_machine::at(lane_id lane) const {
    LB_ASSERT(lane < lanes_.size() && !lanes_[lane].work.empty());
    return *lanes_[lane].work.front();
}

void bulk_machine::answered(lane_id which, int status, std::string_view body, time now) {
    LB_ASSERT(which < lanes_.size() && lanes_[which].is_sending);
    lane_state& lane = lanes_[which];
    lane.is_sending = false;
    counters_.in_flight.set(static_cast<std::int64_t>(--sending_));
    bulk& front = *lane.work.front();
    front.closed_count = 0;
    const request_fate fate = decide_request(status, body);
    if (fate != request_fate::answered) {
        counters_.requests_failed.add();
    }
    const auto refused = [&](std::string_view consequence) {
        return refusal_text(status, front.items.size(), consequence, body);
    };
    switch (fate) {
    case request_fate::answered:
        break;
    case request_fate::again:
        counters_.retries_request.add();
        return again(lane, std::to_string(status), refused("which will be sent again"), now);
    case request_fate::pause:
        return pause(lane, refused("nothing is sent until this is repaired, nothing is lost"), now);
    case request_fate::split:
    case request_fate::bisect:
        return halve(lane, status, body, now);
    }
    const auto response = bulk_response::parse(body, front.items.size());
    if (!response) {
        counters_.requests_failed.add();
        counters_.retries_request.add();
        return again(lane, "malformed", refused("but not with a result for each item"), now);
    }
    pauses_ = 0;
    blame_left_ = blame_max;
    trouble_.over(now);
    (response->exceptions.empty() ? counters_.requests_ok : counters_.requests_with_errors).add();
    if (response->exceptions.empty()) {
        settle_all(lane);
    } else {
        settle_items(lane, *response, now);
    }
}

void bulk_machine::unanswered(lane_id which, no_answer why, const std::string& detail, time now) {
    LB_ASSERT(which < lanes_.size() && lanes_[which].is_sending);
    lane_state& lane = lanes_[which];
    lane.is_sending = false;
    counters_.in_flight.set(static_cast<std::int64_t>(--sending_));
    counters_.requests_failed.add();
    bulk& front = *lane.work.front();
    switch (why) {
    case no_answer::cannot_connect:
        counters_.retries_connection.add();
        lane.due = now;
        return;
    case no_answer::answer_too_large:
        return halve(lane, 0, detail, now);
    case no_answer::closed:
        if (++front.closed_count == closed_count_max && !front.packed.empty()) {
            log_.warn(
                "The connection was closed {} times without an answer; this bulk of {} items is "
                "sent without gzip now.",
                front.closed_count,
                front.items.size()
            );
            front.packed.clear();
        }
        break;
    case no_answer::timed_out:
        break;
    }
    counters_.retries_connection.add();
    again(
        lane,
        "unanswered",
        fmt::format("No answer to a bulk of {} items: {}", front.items.size(), detail),
        now
    );
}

void bulk_machine::again(
    lane_state& lane, const std::string& kind, const std::string& what, time now
) {
    bulk& front = *lane.work.front();
    const time delay = backoff_.delay(++front.attempts);
    lane.due = now + delay;
    trouble_.report(kind, what, now, delay);
}

void bulk_machine::pause(lane_state& lane, const std::string& what, time now) {
    // Requests that were in flight together are one refusal, not several steps.
    if (now >= paused_until_) {
        paused_until_ = now + backoff_.delay(++pauses_);
    }
    lane.due = paused_until_;
    trouble_.report("pause", what, now, paused_until_ - now);
}

void bulk_machine::halve(lane_state& lane, int status, std::string_view body, time now) {
    bulk& front = *lane.work.front();
    if (front.items.size() == 1) {
        if (status == http_status::bad_request && blame_left_ == 0) {
            // Its neighbours go first: one that is taken proves that the fault is in this one.
            std::rotate(lane.work.begin(), lane.work.begin() + 1, lane.work.end());
            return pause(
                lane,
                refusal_text(
                    status, 1, "as to all others; nothing is lost, check path and parameters", body
                ),
                now
            );
        }
        blame_left_ -= status == http_status::bad_request ? 1 : 0;
        bulk_item_result why;
        why.status = status;
        why.error_type = status == http_status::too_large ? "request_too_large" : "request_refused";
        why.reason = status == http_status::too_large
                         ? fmt::format("the document of {} bytes is too large", front.body.size())
                         : quote(body);
        ++unreported_;
        complain(front, why, now);
        bury(front, front.items.front(), why);
        finish_front(lane);
        return;
    }
    if (status == http_status::too_large) {
        const std::size_t half = std::max(front.body.size() / 2, learnt_body_size_min);
        learnt_body_size_ = std::min(learnt_body_size_.value_or(half), half);
        log_.warn(
            "A bulk of {} bytes was too large for the server (413); from now on at most {} bytes.",
            front.body.size(),
            *learnt_body_size_
        );
    }
    counters_.splits.add();
    auto second = front.split_off_half();
    lane.work.insert(lane.work.begin() + 1, std::move(second));
}

void bulk_machine::settle(bulk& owner, const bulk_item& item) {
    ack_group& group = *owner.groups[item.group];
    LB_ASSERT(group.unsettled > 0);
    if (--group.unsettled == 0) {
        group.token.delivered();
    }
}

void bulk_machine::settle_all(lane_state& lane) {
    bulk& front = *lane.work.front();
    log_.debug("A bulk is stored. documents={}", front.items.size());
    for (const bulk_item& item : front.items) {
        note(front, item, "is stored");
        settle(front, item);
    }
    counters_.stored.add(static_cast<std::int64_t>(front.items.size()));
    finish_front(lane);
}

/// What became of one document, for trace.
void bulk_machine::note(const bulk& owner, const bulk_item& item, std::string_view outcome) const {
    if (log_.enabled(log_level::trace)) {
        const action_text action = parse_action(owner.action_of(item));
        log_.trace("A document: {}. index={} id={}", outcome, action.index, action.id);
    }
}

void bulk_machine::bury(bulk& owner, const bulk_item& item, const bulk_item_result& why) {
    const action_text action = parse_action(owner.action_of(item));
    ack_group& group = *owner.groups[item.group];
    dead_letter letter;
    letter.document = owner.document_of(item);
    letter.output = "elasticsearch";
    letter.status = why.status;
    letter.error_type = why.error_type;
    letter.reason = why.reason;
    letter.target = action.index;
    letter.id = action.id;
    const std::string_view origin = item.id_is_origin ? action.id : owner.origin_of(item);
    if (origin.empty() || !event_origin::parse(origin, letter.origin)) {
        letter.origin = {};
    }
    letter.origin.topic = group.topic;
    dead_letters_.write(letter, group.token.share());
    counters_.dead_letters.add();
    settle(owner, item);
}

void bulk_machine::settle_items(lane_state& lane, const bulk_response& response, time now) {
    bulk& front = *lane.work.front();
    log_exceptions(response, front, now);
    log_.debug(
        "A bulk is answered. documents={} not_stored={}",
        front.items.size(),
        response.exceptions.size()
    );
    auto later = std::make_unique<bulk>();
    auto exception = response.exceptions.begin();
    for (std::size_t i = 0; i < front.items.size(); ++i) {
        bulk_item& item = front.items[i];
        if (exception == response.exceptions.end() || exception->index != i) {
            counters_.stored.add();
            note(front, item, "is stored");
            settle(front, item);
            continue;
        }
        const bulk_item_result& result = *exception++;
        note(front, item, result.reason);
        switch (fate_of(front, result)) {
        case item_fate::stored:
            (result.is_in_failure_store ? counters_.failure_store : counters_.stored).add();
            settle(front, item);
            break;
        case item_fate::duplicate:
            counters_.duplicates.add();
            settle(front, item);
            break;
        case item_fate::superseded:
            counters_.superseded.add();
            settle(front, item);
            break;
        case item_fate::dropped:
            counters_.dropped.add();
            settle(front, item);
            break;
        case item_fate::dead_letter:
            bury(front, item, result);
            break;
        case item_fate::retry:
            counters_.retries_item.add();
            constexpr std::uint8_t attempts_max = 255;
            item.attempts = static_cast<std::uint8_t>(std::min(item.attempts + 1, +attempts_max));
            later->adopt(front, item);
            break;
        }
    }
    finish_front(lane);
    if (!later->items.empty()) {
        keep_for_retry(std::move(later), now);
    }
}

void bulk_machine::keep_for_retry(std::unique_ptr<bulk> items, time now) {
    const auto most = std::max_element(
        items->items.begin(),
        items->items.end(),
        [](const bulk_item& left, const bulk_item& right) { return left.attempts < right.attempts; }
    );
    items->is_retry = true;
    retry_items_ += items->items.size();
    retry_bytes_ += items->body.size();
    counters_.retry_lane_items.set(static_cast<std::int64_t>(retry_items_));
    const time due = now + backoff_.delay(most->attempts);
    retries_.push_back({std::move(items), due});
}

void bulk_machine::finish_front(lane_state& lane) {
    const bulk& front = *lane.work.front();
    if (front.is_retry) {
        LB_ASSERT(retry_items_ >= front.items.size() && retry_bytes_ >= front.body.size());
        retry_items_ -= front.items.size();
        retry_bytes_ -= front.body.size();
        counters_.retry_lane_items.set(static_cast<std::int64_t>(retry_items_));
    } else {
        released_ += front.body.size();
    }
    lane.work.pop_front();
}

item_fate bulk_machine::fate_of(const bulk& owner, const bulk_item_result& result) const {
    return decide_item(
        owner.items[result.index],
        {result.status, result.error_type},
        {options_.dead_letter_codes, options_.drop_error_types}
    );
}

void bulk_machine::log_exceptions(const bulk_response& response, const bulk& owner, time now) {
    const bulk_item_result* first = nullptr;
    const auto& silent = options_.silenced_error_types;
    for (const bulk_item_result& each : response.exceptions) {
        const item_fate fate = fate_of(owner, each);
        if (fate == item_fate::duplicate || fate == item_fate::superseded ||
            std::find(silent.begin(), silent.end(), each.error_type) != silent.end()) {
            continue;
        }
        first = first == nullptr ? &each : first;
        ++unreported_;
    }
    if (first != nullptr) {
        complain(owner, *first, now);
    }
}

void bulk_machine::complain(const bulk& owner, const bulk_item_result& why, time now) {
    constexpr std::chrono::seconds report_interval{1};
    if (reported_at_ && now - *reported_at_ < report_interval) {
        return;
    }
    reported_at_ = now;
    const std::size_t count = std::exchange(unreported_, 0);
    const action_text action = parse_action(owner.action_of(owner.items[why.index]));
    if (why.is_in_failure_store) {
        log_.warn("{} items went to the failure store of index={}.", count, action.index);
        return;
    }
    log_.warn(
        "{} items were not stored, one of them {}: index={} id={} status={} type={} reason={}",
        count,
        text_of(fate_of(owner, why)),
        action.index,
        action.id,
        why.status,
        why.error_type,
        why.reason
    );
}

std::optional<bulk_machine::time> bulk_machine::wake_at(time now) const {
    if (pauses_ > 0 && sending_ > 0) {
        return std::nullopt;
    }
    std::optional<time> out;
    const auto consider = [&](time when) {
        when = std::max(when, now);
        out = out ? std::min(*out, when) : when;
    };
    for (const lane_state& lane : lanes_) {
        if (!lane.is_sending && !lane.work.empty()) {
            consider(lane.due);
        }
    }
    if (!lanes_.back().is_sending && lanes_.back().work.empty()) {
        for (const retry_entry& each : retries_) {
            consider(each.due);
        }
    }
    if (out && pauses_ > 0) {
        out = std::max(*out, paused_until_);
    }
    return out;
}

bool bulk_machine::is_empty() const {
    return retries_.empty() && waiting_count() == 0 &&
           std::all_of(lanes_.begin(), lanes_.end(), [](const lane_state& lane) {
               return lane.work.empty();
           });
}

void bulk_machine::abandon() {
    for (lane_state& each : lanes_) {
        each.work.clear();
        each.is_sending = false;
    }
    for (auto& each : ready_) {
        each.clear();
    }
    retries_.clear();
    sending_ = retry_items_ = retry_bytes_ = 0;
}

bool bulk_machine::has_free_lane() const {
    return waiting_count() == 0 && !retry_lane_is_full() &&
           std::any_of(lanes_.begin(), lanes_.end() - 1, [](const lane_state& lane) {
               return lane.work.empty();
           });
}

std::size_t bulk_machine::item_count() const {
    std::size_t count = 0;
    for (const lane_state& lane : lanes_) {
        for (const auto& each : lane.work) {
            count += each->items.size();
        }
    }
    for (const auto& lane : ready_) {
        for (const auto& each : lane) {
            count += each->items.size();
        }
    }
    for (const retry_entry& each : retries_) {
        count += each.items->items.size();
    }
    return count;
}

std::size_t bulk_machine::waiting_count() const {
    std::size_t count = 0;
    for (const auto& each : ready_) {
        count += each.size();
    }
    return count;
}

} // namespace logboom::sinks
