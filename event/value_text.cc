// Floats and collections as Java and as Ruby write them; where the two differ is told in the
// header.
#include "event/value_text.h"

#include "event/time/timestamp.h"
#include "event/utf8.h"

#include <array>
#include <charconv>
#include <cmath>
#include <cstdlib>

namespace logboom {
namespace {

/// The shortest decimal digits of a finite number, and where the point is: 0.d1d2... * 10^exponent.
struct decimal {
    std::array<char, 24> digits{};
    int count = 0;
    int exponent = 0;

    [[nodiscard]] std::string_view text(int from, int size) const {
        return std::string_view(digits.data(), static_cast<std::size_t>(count))
            .substr(static_cast<std::size_t>(from), static_cast<std::size_t>(size));
    }
};

decimal shortest(double number) {
    std::array<char, 40> buffer{};
    const auto [end, code] = std::to_chars(
        buffer.data(), buffer.data() + buffer.size(), number, std::chars_format::scientific
    );
    LB_ASSERT(code == std::errc{});
    decimal made;
    const char* at = buffer.data();
    for (; at != end && *at != 'e'; ++at) {
        if (*at != '.') {
            made.digits[static_cast<std::size_t>(made.count++)] = *at;
        }
    }
    const bool negative = at[1] == '-';
    std::from_chars(at + 2, end, made.exponent);
    made.exponent = (negative ? -made.exponent : made.exponent) + 1;
    return made;
}

/// False (after writing it) when the number is not finite; else its sign is written.
bool begin_float(double number, std::string& out) {
    if (std::isnan(number)) {
        out.append("NaN");
        return false;
    }
    if (std::signbit(number)) {
        out.push_back('-');
    }
    if (std::isinf(number)) {
        out.append("Infinity");
        return false;
    }
    if (number == 0) {
        out.append("0.0");
        return false;
    }
    return true;
}

/// "123.45": without an exponent.
void append_plain(const decimal& number, std::string& out) {
    if (number.exponent <= 0) {
        out.append("0.");
        out.append(static_cast<std::size_t>(-number.exponent), '0');
        out.append(number.text(0, number.count));
    } else if (number.exponent >= number.count) {
        out.append(number.text(0, number.count));
        out.append(static_cast<std::size_t>(number.exponent - number.count), '0');
        out.append(".0");
    } else {
        out.append(number.text(0, number.exponent));
        out.push_back('.');
        out.append(number.text(number.exponent, number.count));
    }
}

/// "1.2345" of "1.2345e7".
void append_mantissa(const decimal& number, std::string& out) {
    out.append(number.text(0, 1));
    out.push_back('.');
    out.append(number.count > 1 ? number.text(1, number.count) : std::string_view("0"));
}

template <class Number>
void append_whole(Number number, std::string& out) {
    std::array<char, 24> buffer{};
    const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), number).ptr;
    out.append(buffer.data(), static_cast<std::size_t>(end - buffer.data()));
}

template <class Element>
void append_list(const value_array& list, std::string& out, Element element) {
    out.push_back('[');
    bool first = true;
    for (const value& item : list) {
        out.append(first ? "" : ", ");
        first = false;
        element(item);
    }
    out.push_back(']');
}

} // namespace

void append_integer(std::int64_t number, std::string& out) {
    append_whole(number, out);
}

void append_java_float(double number, std::string& out) {
    if (!begin_float(number, out)) {
        return;
    }
    const decimal digits = shortest(std::fabs(number));
    if (digits.exponent > -3 && digits.exponent <= 7) {
        append_plain(digits, out);
        return;
    }
    append_mantissa(digits, out);
    out.push_back('E');
    append_integer(digits.exponent - 1, out);
}

void append_ruby_float(double number, std::string& out) {
    if (!begin_float(number, out)) {
        return;
    }
    const decimal digits = shortest(std::fabs(number));
    if (digits.exponent > -4 && digits.exponent <= 16) {
        append_plain(digits, out);
        return;
    }
    append_mantissa(digits, out);
    const int exponent = digits.exponent - 1;
    out.append(exponent < 0 ? "e-" : "e+");
    if (std::abs(exponent) < 10) {
        out.push_back('0');
    }
    append_integer(std::abs(exponent), out);
}

void append_java_real(const value& from, std::string& out) {
    from.is_unsigned() ? append_whole(from.as_unsigned(), out)
                       : append_java_float(from.as_real(), out);
}

void append_ruby_real(const value& from, std::string& out) {
    from.is_unsigned() ? append_whole(from.as_unsigned(), out)
                       : append_ruby_float(from.as_real(), out);
}

void append_java_text(const value& from, std::string& out) {
    switch (from.kind()) {
    case value_kind::nil:
        out.append("null");
        break;
    case value_kind::boolean:
        out.append(from.as_boolean() ? "true" : "false");
        break;
    case value_kind::integer:
        append_integer(from.as_integer(), out);
        break;
    case value_kind::real:
        append_java_real(from, out);
        break;
    case value_kind::string:
        out.append(from.as_string());
        break;
    case value_kind::timestamp:
        append_iso8601(from.as_timestamp(), out);
        break;
    case value_kind::array:
        append_list(from.as_array(), out, [&](const value& item) { append_java_text(item, out); });
        break;
    case value_kind::map: {
        out.push_back('{');
        bool first = true;
        for (const map_entry& entry : from.as_map()) {
            out.append(first ? "" : ", ");
            first = false;
            out.append(entry.key);
            out.push_back('=');
            append_java_text(entry.item, out);
        }
        out.push_back('}');
        break;
    }
    }
}

void append_ruby_text(const value& from, std::string& out) {
    switch (from.kind()) {
    case value_kind::nil:
        break;
    case value_kind::string:
        out.append(from.as_string());
        break;
    default:
        append_ruby_value_inspect(from, out);
        break;
    }
}

void append_ruby_value_inspect(const value& from, std::string& out) {
    switch (from.kind()) {
    case value_kind::nil:
        out.append("nil");
        break;
    case value_kind::boolean:
        out.append(from.as_boolean() ? "true" : "false");
        break;
    case value_kind::integer:
        append_integer(from.as_integer(), out);
        break;
    case value_kind::real:
        append_ruby_real(from, out);
        break;
    case value_kind::string:
        out.push_back('"');
        append_ruby_inspect(from.as_string(), out);
        out.push_back('"');
        break;
    case value_kind::timestamp:
        append_iso8601(from.as_timestamp(), out);
        break;
    case value_kind::array:
        append_list(from.as_array(), out, [&](const value& item) {
            append_ruby_value_inspect(item, out);
        });
        break;
    case value_kind::map: {
        out.push_back('{');
        bool first = true;
        for (const map_entry& entry : from.as_map()) {
            out.append(first ? "\"" : ", \"");
            first = false;
            append_ruby_inspect(entry.key, out);
            out.append("\"=>");
            append_ruby_value_inspect(entry.item, out);
        }
        out.push_back('}');
        break;
    }
    }
}

} // namespace logboom
