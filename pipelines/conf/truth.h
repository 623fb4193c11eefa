// What Logstash's conditions mean by true, equal, less and in. nullptr stands for a field that the
// event does not have. Pure functions.
#pragma once

#include "event/value.h"

#include <compare>
#include <optional>

namespace logboom::conf {

/// It exists, and its text is neither "" nor "false": 0 is true.
bool is_truthy(const value* of) noexcept;
/// Typed: "5" is not 5, but 5 is 5.0. A field that is not there equals only another such.
bool equal_values(const value* left, const value* right) noexcept;
/// nullopt when they cannot be compared: one is missing, or they are not both numbers, strings or
/// timestamps.
std::optional<std::partial_ordering> compare_values(const value* left, const value* right) noexcept;
/// `left in [..]`, written out: by text, so that 200 is in ["200"].
bool is_in_list(const value* left, const value_array& list);
/// `left in right`: part of a string, or element of an array.
bool is_in_value(const value* left, const value* right);
/// For messages: with its article.
const char* kind_name(const value* of) noexcept;

} // namespace logboom::conf
