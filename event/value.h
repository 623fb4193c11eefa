// One field's value: nil, boolean, integer, float, string, timestamp, array or map, as in
// Logstash's event (Ruby's types). 16 bytes, trivially copyable; strings, arrays and maps are
// pointers into the arena of the batch that the value belongs to. Copying a value shares what it
// points to: use clone() to get a deep copy (into the same or another arena).
#pragma once

#include "base/assertion.h"
#include "event/arena.h"

#include <cstdint>
#include <limits>
#include <string_view>

namespace logboom {

enum class value_kind : std::uint8_t { nil, boolean, integer, real, string, timestamp, array, map };

class value;
struct map_entry;

/// Growable, in an arena; elements in order.
struct value_array {
    value* items = nullptr;
    std::uint32_t size = 0;
    std::uint32_t capacity = 0;

    void push_back(arena& memory, const value& item);
    /// Room for so many elements without growing.
    void reserve(arena& memory, std::uint32_t count);
    [[nodiscard]] value* begin() const noexcept { return items; }
    [[nodiscard]] value* end() const noexcept;
};

/// String keys in order of insertion; looked up by a linear scan, as events have few fields.
struct value_map {
    map_entry* entries = nullptr;
    std::uint32_t size = 0;
    std::uint32_t capacity = 0;

    [[nodiscard]] value* find(std::string_view key) const noexcept;
    /// Replaces or appends. `key` is stored as it is: it must live as long as the arena.
    value& put(arena& memory, std::string_view key, const value& item);
    /// Appends without looking for an existing entry: for a caller who knows that there is none.
    value& append(arena& memory, std::string_view key, const value& item);
    bool erase(std::string_view key) noexcept;
    /// Room for so many entries without growing.
    void reserve(arena& memory, std::uint32_t count);
    [[nodiscard]] map_entry* begin() const noexcept { return entries; }
    [[nodiscard]] map_entry* end() const noexcept;

  private:
    void make_room(arena& memory);
};

class value {
  public:
    constexpr value() noexcept : integer_(0) {}

    static value of(bool flag) noexcept {
        value made(value_kind::boolean);
        made.integer_ = flag ? 1 : 0;
        return made;
    }
    static value of(std::int64_t number) noexcept {
        value made(value_kind::integer);
        made.integer_ = number;
        return made;
    }
    static value of(double number) noexcept {
        value made(value_kind::real);
        made.real_ = number;
        return made;
    }
    /// An integer when it fits one; else a float that keeps what it was made of.
    static value of(std::uint64_t number) noexcept {
        const bool fits = number <= std::uint64_t{std::numeric_limits<std::int64_t>::max()};
        value made(fits ? value_kind::integer : value_kind::real);
        made.integer_ = static_cast<std::int64_t>(number);
        made.size_ = fits ? 0 : 1;
        return made;
    }
    /// `text` must live as long as the arena; arena::copy makes it so. At most 4 GiB.
    static value of(std::string_view text) noexcept {
        value made(value_kind::string);
        made.size_ = static_cast<std::uint32_t>(text.size());
        made.text_ = text.data();
        return made;
    }
    static value of(const char*) = delete;
    /// Nanoseconds since the epoch, UTC.
    static value timestamp(std::int64_t nanoseconds) noexcept {
        value made(value_kind::timestamp);
        made.integer_ = nanoseconds;
        return made;
    }
    static value new_array(arena& memory);
    static value new_map(arena& memory);

    [[nodiscard]] value_kind kind() const noexcept { return kind_; }
    [[nodiscard]] bool is(value_kind kind) const noexcept { return kind_ == kind; }
    [[nodiscard]] bool is_nil() const noexcept { return kind_ == value_kind::nil; }

    /// A float that is exactly as_unsigned(), from 2^63 on.
    [[nodiscard]] bool is_unsigned() const noexcept {
        return kind_ == value_kind::real && size_ != 0;
    }

    // Asked only of a value of that kind (asserted).
    [[nodiscard]] bool as_boolean() const noexcept {
        return checked(value_kind::boolean).integer_ != 0;
    }
    [[nodiscard]] std::int64_t as_integer() const noexcept {
        return checked(value_kind::integer).integer_;
    }
    [[nodiscard]] double as_real() const noexcept {
        return is_unsigned() ? static_cast<double>(as_unsigned()) : checked(value_kind::real).real_;
    }
    [[nodiscard]] std::uint64_t as_unsigned() const noexcept {
        LB_ASSERT(is_unsigned());
        return static_cast<std::uint64_t>(integer_);
    }
    [[nodiscard]] std::string_view as_string() const noexcept {
        return {checked(value_kind::string).text_, size_};
    }
    [[nodiscard]] std::int64_t as_timestamp() const noexcept {
        return checked(value_kind::timestamp).integer_;
    }
    [[nodiscard]] value_array& as_array() const noexcept {
        return *checked(value_kind::array).array_;
    }
    [[nodiscard]] value_map& as_map() const noexcept { return *checked(value_kind::map).map_; }

    /// A deep copy whose strings, keys and containers live in `memory`.
    [[nodiscard]] value clone(arena& memory) const;
    /// The same within one arena: new arrays and maps, but the same strings, which never change.
    [[nodiscard]] value clone_containers(arena& memory) const;
    /// Deep, typed equality: "5" is not 5; maps compare without regard to order.
    friend bool operator==(const value& left, const value& right) noexcept;

  private:
    explicit constexpr value(value_kind kind) noexcept : kind_(kind), integer_(0) {}

    [[nodiscard]] const value& checked(value_kind kind) const noexcept {
        LB_ASSERT(kind_ == kind);
        return *this;
    }

    value_kind kind_ = value_kind::nil;
    std::uint32_t size_ = 0;
    union {
        std::int64_t integer_;
        double real_;
        const char* text_;
        value_array* array_;
        value_map* map_;
    };
};
static_assert(sizeof(value) == 16);

struct map_entry {
    std::string_view key;
    value item;
};

inline value* value_array::end() const noexcept {
    return items + size;
}
inline map_entry* value_map::end() const noexcept {
    return entries + size;
}
// Here, because the agent does a dozen of these a line with keys that are known to the compiler.
inline value* value_map::find(std::string_view key) const noexcept {
    for (map_entry& entry : *this) {
        if (entry.key == key) {
            return &entry.item;
        }
    }
    return nullptr;
}
inline value& value_map::append(arena& memory, std::string_view key, const value& item) {
    if (size == capacity) [[unlikely]] {
        make_room(memory);
    }
    map_entry& made = entries[size++];
    made = {key, item};
    return made.item;
}

} // namespace logboom
