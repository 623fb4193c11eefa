// What can be wrong with the records of __consumer_offsets.
#pragma once

#include "base/result.h"

namespace logboom::broker {

enum class group_errc {
    unknown_record_version = 1,
};

constexpr const char* describe(group_errc why) noexcept {
    switch (why) {
    case group_errc::unknown_record_version:
        return "a record of __consumer_offsets has a value of a version this program does not know";
    }
    return "unknown error";
}

LB_ERROR_ENUM(group_errc, "group")

} // namespace logboom::broker

template <>
struct std::is_error_code_enum<logboom::broker::group_errc> : std::true_type {};
