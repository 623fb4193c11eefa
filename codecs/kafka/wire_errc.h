// What can be wrong with bytes that claim to be a Kafka request or response.
#pragma once

#include "base/result.h"

namespace logboom::kafka {

enum class wire_errc {
    truncated = 1,
    negative_length,
    null_not_allowed,
    count_too_large,
    varint_too_long,
    trailing_bytes,
    bad_boolean,
};

constexpr const char* describe(wire_errc why) noexcept {
    switch (why) {
    case wire_errc::truncated:
        return "the message ends before its last field";
    case wire_errc::negative_length:
        return "a length is below -1";
    case wire_errc::null_not_allowed:
        return "a field is null where this version allows no null";
    case wire_errc::count_too_large:
        return "an array claims more elements than the rest of the message can hold";
    case wire_errc::varint_too_long:
        return "a variable-length integer does not fit its type";
    case wire_errc::trailing_bytes:
        return "bytes are left behind the last field";
    case wire_errc::bad_boolean:
        return "a boolean is neither 0 nor 1";
    }
    return "unknown error";
}

LB_ERROR_ENUM(wire_errc, "kafka wire")

} // namespace logboom::kafka

template <>
struct std::is_error_code_enum<logboom::kafka::wire_errc> : std::true_type {};
