#include "pipelines/conf/truth.h"

#include "event/value_text.h"

#include <algorithm>
#include <string>

namespace logboom::conf {
namespace {

bool is_number(const value& of) {
    return of.is(value_kind::integer) || of.is(value_kind::real);
}

bool is_collection(const value& of) {
    return of.is(value_kind::array) || of.is(value_kind::map);
}

double as_double(const value& of) {
    return of.is(value_kind::integer) ? static_cast<double>(of.as_integer()) : of.as_real();
}

std::partial_ordering order_numbers(const value& left, const value& right) {
    if (left.is(value_kind::integer) && right.is(value_kind::integer)) {
        return left.as_integer() <=> right.as_integer();
    }
    if (left.is_unsigned() && right.is_unsigned()) {
        return left.as_unsigned() <=> right.as_unsigned();
    }
    return as_double(left) <=> as_double(right);
}

/// The text of a scalar; `buffer` holds it when it is not in the value itself.
std::string_view text_of(const value& of, std::string& buffer) {
    if (of.is(value_kind::string)) {
        return of.as_string();
    }
    buffer.clear();
    append_ruby_text(of, buffer);
    return buffer;
}

} // namespace

bool is_truthy(const value* of) noexcept {
    if (of == nullptr || of->is_nil()) {
        return false;
    }
    if (of->is(value_kind::boolean)) {
        return of->as_boolean();
    }
    return !of->is(value_kind::string) || (!of->as_string().empty() && of->as_string() != "false");
}

bool equal_values(const value* left, const value* right) noexcept {
    const bool has_left = left != nullptr && !left->is_nil();
    const bool has_right = right != nullptr && !right->is_nil();
    if (!has_left || !has_right) {
        return has_left == has_right;
    }
    if (is_number(*left) && is_number(*right)) {
        return order_numbers(*left, *right) == std::partial_ordering::equivalent;
    }
    return *left == *right;
}

std::optional<std::partial_ordering>
compare_values(const value* left, const value* right) noexcept {
    if (left == nullptr || right == nullptr) {
        return std::nullopt;
    }
    if (is_number(*left) && is_number(*right)) {
        return order_numbers(*left, *right);
    }
    if (left->is(value_kind::string) && right->is(value_kind::string)) {
        return left->as_string() <=> right->as_string();
    }
    if (left->is(value_kind::timestamp) && right->is(value_kind::timestamp)) {
        return left->as_timestamp() <=> right->as_timestamp();
    }
    return std::nullopt;
}

bool is_in_list(const value* left, const value_array& list) {
    if (left == nullptr || left->is_nil() || is_collection(*left)) {
        return false;
    }
    std::string left_buffer;
    std::string item_buffer;
    const std::string_view text = text_of(*left, left_buffer);
    return std::any_of(list.begin(), list.end(), [&](const value& item) {
        return !is_collection(item) && text_of(item, item_buffer) == text;
    });
}

bool is_in_value(const value* left, const value* right) {
    if (left == nullptr || right == nullptr || left->is_nil() || is_collection(*left)) {
        return false;
    }
    if (right->is(value_kind::string)) {
        std::string buffer;
        return right->as_string().find(text_of(*left, buffer)) != std::string_view::npos;
    }
    if (right->is(value_kind::array)) {
        const value_array& items = right->as_array();
        return std::any_of(items.begin(), items.end(), [&](const value& item) {
            return equal_values(left, &item);
        });
    }
    return false;
}

const char* kind_name(const value* of) noexcept {
    if (of == nullptr) {
        return "a missing field";
    }
    switch (of->kind()) {
    case value_kind::nil:
        return "nil";
    case value_kind::boolean:
        return "a boolean";
    case value_kind::integer:
    case value_kind::real:
        return "a number";
    case value_kind::string:
        return "a string";
    case value_kind::timestamp:
        return "a timestamp";
    case value_kind::array:
        return "an array";
    case value_kind::map:
        return "a map";
    }
    return "a value";
}

} // namespace logboom::conf
