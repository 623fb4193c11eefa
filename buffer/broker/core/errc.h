// Why the broker refuses to start or to go on.
#pragma once

#include "base/result.h"

namespace logboom::broker {

enum class errc {
    metadata_conflict = 1,
    metadata_damaged,
    cannot_listen,
    unknown_partition,
    stopped,
    bad_configuration,
    unsupported_listener,
};

const char* describe(errc value) noexcept;
LB_ERROR_ENUM(errc, "broker")

} // namespace logboom::broker

template <>
struct std::is_error_code_enum<logboom::broker::errc> : std::true_type {};
