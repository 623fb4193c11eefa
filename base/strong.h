// strong<Value, Tag>: an integer with a meaning. Two strong types never mix, so an offset cannot be
// passed where a partition is wanted; value() is the one way out. Value semantics, no invariant.
#pragma once

#include <compare>
#include <cstddef>
#include <functional>

namespace logboom {

template <class Value, class Tag>
class strong {
  public:
    using value_type = Value;

    constexpr strong() noexcept = default;
    constexpr explicit strong(Value value) noexcept : value_(value) {}

    [[nodiscard]] constexpr Value value() const noexcept { return value_; }

    friend constexpr auto operator<=>(strong, strong) noexcept = default;

    constexpr strong& operator++() noexcept {
        ++value_;
        return *this;
    }
    friend constexpr strong operator+(strong left, Value right) noexcept {
        return strong(static_cast<Value>(left.value_ + right));
    }
    friend constexpr strong operator-(strong left, Value right) noexcept {
        return strong(static_cast<Value>(left.value_ - right));
    }
    /// The distance between two, which has no meaning of its own.
    friend constexpr Value operator-(strong left, strong right) noexcept {
        return static_cast<Value>(left.value_ - right.value_);
    }

  private:
    Value value_{};
};

} // namespace logboom

template <class Value, class Tag>
struct std::hash<logboom::strong<Value, Tag>> {
    std::size_t operator()(logboom::strong<Value, Tag> id) const noexcept {
        return std::hash<Value>{}(id.value());
    }
};
