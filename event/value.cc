// What grows and copies arrays and maps in an arena, and compares values.
#include "event/value.h"

#include <algorithm>

namespace logboom {
namespace {

/// Most nested maps and arrays (host, log.file, event, tags) stay this small.
constexpr std::uint32_t capacity_first = 2;

template <class T>
void move_to(arena& memory, T*& items, std::uint32_t size, std::uint32_t wanted) {
    T* moved = memory.allocate_array<T>(wanted);
    std::copy_n(items, size, moved);
    items = moved;
}

template <class T>
void grow(arena& memory, T*& items, std::uint32_t size, std::uint32_t& capacity) {
    const std::uint32_t wanted = capacity == 0 ? capacity_first : capacity * 2;
    move_to(memory, items, size, wanted);
    capacity = wanted;
}

bool equal_maps(const value_map& left, const value_map& right) noexcept {
    if (left.size != right.size) {
        return false;
    }
    return std::all_of(left.begin(), left.end(), [&](const map_entry& entry) {
        const value* other = right.find(entry.key);
        return other != nullptr && *other == entry.item;
    });
}

} // namespace

void value_array::push_back(arena& memory, const value& item) {
    if (size == capacity) {
        grow(memory, items, size, capacity);
    }
    items[size++] = item;
}

void value_array::reserve(arena& memory, std::uint32_t count) {
    if (count > capacity) {
        move_to(memory, items, size, count);
        capacity = count;
    }
}

void value_map::make_room(arena& memory) {
    grow(memory, entries, size, capacity);
}

value& value_map::put(arena& memory, std::string_view key, const value& item) {
    if (value* existing = find(key)) {
        *existing = item;
        return *existing;
    }
    return append(memory, key, item);
}

void value_map::reserve(arena& memory, std::uint32_t count) {
    if (count > capacity) {
        move_to(memory, entries, size, count);
        capacity = count;
    }
}

bool value_map::erase(std::string_view key) noexcept {
    const auto found =
        std::find_if(begin(), end(), [&](const map_entry& entry) { return entry.key == key; });
    if (found == end()) {
        return false;
    }
    std::copy(found + 1, end(), found);
    --size;
    return true;
}

value value::new_array(arena& memory) {
    value made(value_kind::array);
    made.array_ = new (memory.allocate(sizeof(value_array), alignof(value_array))) value_array;
    return made;
}

value value::new_map(arena& memory) {
    value made(value_kind::map);
    made.map_ = new (memory.allocate(sizeof(value_map), alignof(value_map))) value_map;
    return made;
}

value value::clone(arena& memory) const {
    switch (kind_) {
    case value_kind::string:
        return of(memory.copy(as_string()));
    case value_kind::array: {
        value copy = new_array(memory);
        for (const value& item : as_array()) {
            copy.as_array().push_back(memory, item.clone(memory));
        }
        return copy;
    }
    case value_kind::map: {
        value copy = new_map(memory);
        for (const map_entry& entry : as_map()) {
            copy.as_map().append(memory, memory.copy(entry.key), entry.item.clone(memory));
        }
        return copy;
    }
    default:
        return *this;
    }
}

value value::clone_containers(arena& memory) const {
    switch (kind_) {
    case value_kind::array: {
        value copy = new_array(memory);
        for (const value& item : as_array()) {
            copy.as_array().push_back(memory, item.clone_containers(memory));
        }
        return copy;
    }
    case value_kind::map: {
        value copy = new_map(memory);
        copy.as_map().reserve(memory, as_map().size);
        for (const map_entry& entry : as_map()) {
            copy.as_map().append(memory, entry.key, entry.item.clone_containers(memory));
        }
        return copy;
    }
    default:
        return *this;
    }
}

bool operator==(const value& left, const value& right) noexcept {
    if (left.kind_ != right.kind_) {
        return false;
    }
    switch (left.kind_) {
    case value_kind::nil:
        return true;
    case value_kind::boolean:
    case value_kind::integer:
    case value_kind::timestamp:
        return left.integer_ == right.integer_;
    case value_kind::real:
        return left.is_unsigned() && right.is_unsigned() ? left.integer_ == right.integer_
                                                         : left.as_real() == right.as_real();
    case value_kind::string:
        return left.as_string() == right.as_string();
    case value_kind::array:
        return std::equal(
            left.array_->begin(), left.array_->end(), right.array_->begin(), right.array_->end()
        );
    case value_kind::map:
        return equal_maps(*left.map_, *right.map_);
    }
    return false;
}

} // namespace logboom
