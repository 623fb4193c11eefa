// Walks field references through maps and arrays: to get, to set what may be set, to move without
// losing, and to make an event of a map as Logstash does.
#include "event/event.h"

#include "base/assertion.h"
#include "event/time/timestamp.h"
#include "event/value_text.h"

#include <algorithm>
#include <charconv>

namespace logboom {
namespace {

/// How far behind the end of an array something may be set. Logstash has no limit; here a short
/// document must not ask for much memory.
constexpr std::int64_t array_gap_max = 100;

/// The place that `key` names in an array, which may be a little behind its end; negative counts
/// from the end.
std::optional<std::int64_t> place_of(const value_array& in, std::string_view key) noexcept {
    std::int64_t index = 0;
    const auto [end, code] = std::from_chars(key.data(), key.data() + key.size(), index);
    if (code != std::errc{} || end != key.data() + key.size()) {
        return std::nullopt;
    }
    index += index < 0 ? in.size : 0;
    return index >= 0 && index < in.size + array_gap_max ? std::optional(index) : std::nullopt;
}

value* child(const value& of, std::string_view key) noexcept {
    if (of.is(value_kind::map)) {
        return of.as_map().find(key);
    }
    if (!of.is(value_kind::array)) {
        return nullptr;
    }
    const value_array& list = of.as_array();
    const auto place = place_of(list, key);
    return place && *place < list.size ? list.items + *place : nullptr;
}

/// Can something be set at `path` below `from`? What is missing or nil on the way can be made.
bool is_open(const value& from, const std::vector<std::string>& path) noexcept {
    const value* here = &from;
    for (const std::string& key : path) {
        if (here->is(value_kind::array) && !place_of(here->as_array(), key)) {
            return false;
        }
        if (!here->is(value_kind::map) && !here->is(value_kind::array)) {
            return false;
        }
        here = child(*here, key);
        if (here == nullptr || here->is_nil()) {
            return true;
        }
    }
    return true;
}

/// The value at `key` in a map or an array, made (as nil) when it is missing.
value& slot(value& in, std::string_view key, arena& memory) {
    if (value* existing = child(in, key)) {
        return *existing;
    }
    if (in.is(value_kind::map)) {
        return in.as_map().append(memory, memory.copy(key), value());
    }
    value_array& list = in.as_array();
    const auto place = place_of(list, key);
    LB_ASSERT(place.has_value());
    while (list.size <= *place) {
        list.push_back(memory, value());
    }
    return list.items[*place];
}

/// May `item` stand at the top-level field `name`?
bool is_allowed(std::string_view name, const value& item) noexcept {
    if (name == field::timestamp) {
        return item.is(value_kind::timestamp);
    }
    return name != field::tags || !item.is(value_kind::map);
}

bool are_tags(const value& item) noexcept {
    if (item.is(value_kind::array)) {
        const value_array& list = item.as_array();
        return std::all_of(list.begin(), list.end(), [](const value& each) {
            return each.is(value_kind::string);
        });
    }
    return item.is(value_kind::string) || item.is_nil();
}

std::optional<std::int64_t> timestamp_of(const value& item) noexcept {
    if (item.is(value_kind::timestamp)) {
        return item.as_timestamp();
    }
    return item.is(value_kind::string) ? parse_iso8601(item.as_string()) : std::nullopt;
}

} // namespace

void event_origin::append_text(std::string& out) const {
    out.append(stream);
    out.push_back('/');
    out.append(std::to_string(position));
    if (part != 0) {
        out.push_back('.');
        out.append(std::to_string(part));
    }
}

bool event_origin::parse(std::string_view text, event_origin& out) {
    const auto slash = text.rfind('/');
    if (slash == std::string_view::npos || slash == 0) {
        return false;
    }
    event_origin origin;
    origin.stream = text.substr(0, slash);
    const std::string_view numbers = text.substr(slash + 1);
    const char* const last = numbers.data() + numbers.size();
    auto [end, code] = std::from_chars(numbers.data(), last, origin.position);
    if (code == std::errc{} && end != last && *end == '.') {
        std::tie(end, code) = [&] {
            const auto parsed = std::from_chars(end + 1, last, origin.part);
            return std::pair{parsed.ptr, parsed.ec};
        }();
    }
    if (code != std::errc{} || end != last || origin.position < 0) {
        return false;
    }
    out = origin;
    return true;
}

value* event::get(std::string_view top_level) const noexcept {
    return fields().find(top_level);
}

value* event::get(const field_reference& at) const noexcept {
    const value* here = at.in_metadata() ? &metadata_ : &fields_;
    for (const std::string& key : at.path()) {
        here = child(*here, key);
        if (here == nullptr) {
            return nullptr;
        }
    }
    return const_cast<value*>(here);
}

void event::set(std::string_view top_level, const value& item) {
    if (value* existing = fields().find(top_level)) {
        *existing = item;
        return;
    }
    fields().append(*memory_, memory_->copy(top_level), item);
}

bool event::set(const field_reference& at, const value& item) {
    value* here = at.in_metadata() ? &metadata_ : &fields_;
    if (at.path().empty()) {
        if (!item.is(value_kind::map)) {
            return false;
        }
        *here = item;
        return true;
    }
    if (!at.in_metadata() && at.path().size() == 1 && !is_allowed(at.path().front(), item)) {
        return false;
    }
    const bool is_in_tags =
        !at.in_metadata() && at.path().size() > 1 && at.path().front() == field::tags;
    if (const value* tags = get(field::tags); is_in_tags && (tags == nullptr || tags->is_nil())) {
        return false;
    }
    // Nothing may change when the path is blocked: look first.
    if (!is_open(*here, at.path())) {
        return false;
    }
    for (const std::string& key : at.path()) {
        if (here->is_nil()) {
            *here = value::new_map(*memory_);
        }
        here = &slot(*here, key, *memory_);
    }
    *here = item;
    return true;
}

value* event::holder(const field_reference& at) const noexcept {
    const value* here = at.in_metadata() ? &metadata_ : &fields_;
    for (std::size_t i = 0; i + 1 < at.path().size() && here != nullptr; ++i) {
        here = child(*here, at.path()[i]);
    }
    return const_cast<value*>(here);
}

bool event::move(const field_reference& from, const field_reference& to) {
    const value* held = get(from);
    if (held == nullptr) {
        return true;
    }
    const value moved = *held;
    if (from.path().empty()) {
        remove(from);
        const bool is_set = set(to, moved);
        metadata_ = is_set ? metadata_ : moved;
        return is_set;
    }
    value* in = holder(from);
    LB_ASSERT(in != nullptr);
    if (in->is(value_kind::map)) {
        value_map& map = in->as_map();
        auto* entry = std::find_if(map.begin(), map.end(), [&](const map_entry& each) {
            return &each.item == held;
        });
        const map_entry before = *entry;
        const auto place = entry - map.begin();
        map.erase(before.key);
        if (set(to, moved)) {
            return true;
        }
        // A set that fails changes nothing: the place is still there.
        map.append(*memory_, before.key, before.item);
        std::rotate(map.begin() + place, map.end() - 1, map.end());
        return false;
    }
    value_array& list = in->as_array();
    const auto place = held - list.begin();
    remove(from);
    if (set(to, moved)) {
        return true;
    }
    list.push_back(*memory_, moved);
    std::rotate(list.begin() + place, list.end() - 1, list.end());
    return false;
}

bool event::remove(const field_reference& at) {
    if (at.path().empty()) {
        metadata_ = value::new_map(*memory_);
        return true;
    }
    value* in = holder(at);
    if (in == nullptr) {
        return false;
    }
    const std::string& last = at.path().back();
    if (in->is(value_kind::map)) {
        return in->as_map().erase(last);
    }
    value* item = child(*in, last);
    if (item == nullptr) {
        return false;
    }
    value_array& list = in->as_array();
    std::copy(item + 1, list.end(), item);
    --list.size;
    return true;
}

std::int64_t event::timestamp() const noexcept {
    const value* held = fields().find(field::timestamp);
    return held != nullptr && held->is(value_kind::timestamp) ? held->as_timestamp() : 0;
}

void event::set_timestamp(std::int64_t nanoseconds) {
    fields().put(*memory_, field::timestamp, value::timestamp(nanoseconds));
}

void event::tag(std::string_view text) {
    value* tags = fields().find(field::tags);
    if (tags == nullptr || !tags->is(value_kind::array)) {
        value array = value::new_array(*memory_);
        if (tags != nullptr && !tags->is_nil()) {
            array.as_array().push_back(*memory_, *tags);
        }
        tags = &fields().put(*memory_, field::tags, array);
    }
    value_array& list = tags->as_array();
    const bool present = std::any_of(list.begin(), list.end(), [&](const value& each) {
        return each.is(value_kind::string) && each.as_string() == text;
    });
    if (!present) {
        list.push_back(*memory_, value::of(memory_->copy(text)));
    }
}

void event::take_fields(const value_map& from) {
    const value* bad_timestamp = nullptr;
    const value* bad_tags = nullptr;
    for (const map_entry& entry : from) {
        if (entry.key == field::timestamp) {
            if (const auto parsed = timestamp_of(entry.item)) {
                set_timestamp(*parsed);
            } else if (!entry.item.is_nil()) {
                bad_timestamp = &entry.item;
            }
        } else if (entry.key == field::version) {
            fields().put(*memory_, field::version, entry.item);
        } else if (entry.key == field::metadata) {
            if (entry.item.is(value_kind::map)) {
                metadata_ = entry.item;
            }
        } else if (entry.key == field::tags && !are_tags(entry.item)) {
            bad_tags = &entry.item;
        } else {
            fields().append(*memory_, entry.key, entry.item);
        }
    }
    // At the end, so that they join and replace what came with the map.
    if (bad_tags != nullptr) {
        fields().put(*memory_, "_tags", *bad_tags);
        tag("_tagsparsefailure");
    }
    if (bad_timestamp != nullptr) {
        fields().put(*memory_, "_@timestamp", *bad_timestamp);
        tag("_timestampparsefailure");
    }
}

void event::append_summary(std::string& out) const {
    const auto append = [&](std::string_view name) {
        const value* held = get(name);
        if (held == nullptr || held->is_nil()) {
            out.append("%{").append(name).append("}");
        } else {
            append_java_text(*held, out);
        }
    };
    if (const value* time = get(field::timestamp);
        time != nullptr && time->is(value_kind::timestamp)) {
        append_iso8601(time->as_timestamp(), out);
        out.push_back(' ');
    }
    append("host");
    out.push_back(' ');
    append(field::message);
}

} // namespace logboom
