// Takes a template apart at load and renders it for each event; daily dates are remembered per
// thread.
#include "event/sprintf.h"

#include "base/clock.h"
#include "event/json_writer.h"
#include "event/value_text.h"

#include <array>
#include <atomic>

namespace logboom {
namespace {

/// The last day each date of a template was rendered for, one table per thread; templates whose ids
/// fall on one slot push each other out.
struct daily_text {
    std::uint64_t id = 0;
    std::int64_t day = 0;
    std::string text;
};
constexpr std::size_t daily_slots = 16;

std::uint64_t next_id() noexcept {
    static std::atomic<std::uint64_t> last{0};
    return last.fetch_add(1, std::memory_order_relaxed) + 1;
}

void append_joined(const value_array& list, std::string& out) {
    bool first = true;
    for (const value& item : list) {
        if (!first) {
            out.push_back(',');
        }
        first = false;
        if (item.is(value_kind::array)) {
            append_joined(item.as_array(), out);
        } else if (!item.is_nil()) {
            append_java_text(item, out);
        }
    }
}

const value* timestamp_of(const event& with) noexcept {
    const value* held = with.get(field::timestamp);
    return held != nullptr && held->is(value_kind::timestamp) ? held : nullptr;
}

std::int64_t day_of(std::int64_t timestamp_ns) noexcept {
    constexpr std::int64_t day_ns = seconds_per_day * nanoseconds_per_second;
    return timestamp_ns / day_ns - (timestamp_ns % day_ns < 0 ? 1 : 0);
}

} // namespace

void append_sprintf_text(const value& from, std::string& out) {
    switch (from.kind()) {
    case value_kind::string:
        out.append(from.as_string());
        break;
    case value_kind::array:
        append_joined(from.as_array(), out);
        break;
    case value_kind::map:
        append_json(from, out);
        break;
    default:
        append_java_text(from, out);
        break;
    }
}

sprintf_template::sprintf_template(std::string_view text) : text_(text) {
    std::size_t at = 0;
    for (;;) {
        const std::size_t open = text.find("%{", at);
        const std::size_t close = open == std::string_view::npos ? open : text.find('}', open);
        if (close == std::string_view::npos) {
            break;
        }
        add_literal(text.substr(at, open - at));
        const std::string_view inner = text.substr(open + 2, close - open - 2);
        if (inner.starts_with('{') && close + 1 < text.size() && text[close + 1] == '}') {
            add_date(time_dialect::java, inner.substr(1));
            at = close + 2;
            continue;
        }
        // As the original compares: a prefix of "+%s", even an empty one, will do.
        if (std::string_view("+%s").starts_with(inner)) {
            elements_.push_back({part::epoch_seconds, {}, {}, {}, 0});
        } else if (inner.starts_with('+')) {
            add_date(time_dialect::joda, inner.substr(1));
        } else {
            add_reference(inner);
        }
        at = close + 1;
    }
    add_literal(text.substr(at));
}

void sprintf_template::add_literal(std::string_view text) {
    if (text.empty()) {
        return;
    }
    if (!elements_.empty() && elements_.back().what == part::literal) {
        elements_.back().text.append(text);
    } else {
        elements_.push_back({part::literal, std::string(text), {}, {}, 0});
    }
}

void sprintf_template::add_reference(std::string_view inner) {
    const std::string whole = "%{" + std::string(inner) + "}";
    auto reference = field_reference::parse(inner);
    if (!reference) {
        if (problem_.empty()) {
            problem_ = "\"" + whole + "\" is no legal field reference and will stay as it is";
        }
        add_literal(whole);
        return;
    }
    auto held = std::make_shared<const field_reference>(*std::move(reference));
    elements_.push_back({part::field, whole, std::move(held), {}, 0});
}

void sprintf_template::add_date(time_dialect dialect, std::string_view pattern) {
    if (dialect == time_dialect::java && pattern == "TIME_NOW") {
        elements_.push_back({part::now, {}, {}, {}, 0});
        return;
    }
    auto parsed = std::make_shared<const time_pattern>(dialect, pattern);
    if (problem_.empty() && !parsed->problem().empty()) {
        problem_ = "\"" + std::string(pattern) + "\": " + parsed->problem();
    }
    elements_.push_back({part::date, {}, {}, std::move(parsed), next_id()});
}

bool sprintf_template::is_constant() const noexcept {
    return elements_.empty() || (elements_.size() == 1 && elements_.front().what == part::literal);
}

void sprintf_template::append_daily(
    const element& date, std::int64_t timestamp_ns, std::string& out
) {
    thread_local std::array<daily_text, daily_slots> remembered;
    daily_text& held = remembered[date.id % daily_slots];
    const std::int64_t day = day_of(timestamp_ns);
    if (held.id != date.id || held.day != day) {
        held.id = date.id;
        held.day = day;
        held.text.clear();
        date.pattern->append(timestamp_ns, held.text);
    }
    out.append(held.text);
}

bool sprintf_template::render(const event& with, std::string& out) const {
    bool complete = true;
    for (const element& each : elements_) {
        switch (each.what) {
        case part::literal:
            out.append(each.text);
            break;
        case part::field: {
            const value* found = with.get(*each.field);
            if (found == nullptr || found->is_nil()) {
                out.append(each.text);
                complete = false;
            } else {
                append_sprintf_text(*found, out);
            }
            break;
        }
        case part::now:
            append_iso8601(real_clock().wall().count(), out);
            break;
        case part::epoch_seconds:
        case part::date: {
            const value* time = timestamp_of(with);
            if (time == nullptr) {
                break;
            }
            const std::int64_t timestamp_ns = time->as_timestamp();
            if (each.what == part::epoch_seconds) {
                const bool below = timestamp_ns % nanoseconds_per_second < 0;
                append_integer(timestamp_ns / nanoseconds_per_second - (below ? 1 : 0), out);
            } else if (each.pattern->is_daily()) {
                append_daily(each, timestamp_ns, out);
            } else {
                each.pattern->append(timestamp_ns, out);
            }
            break;
        }
        }
    }
    return complete;
}

std::string sprintf_template::rendered(const event& with) const {
    std::string out;
    render(with, out);
    return out;
}

} // namespace logboom
