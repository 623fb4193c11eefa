// Why records are refused. The values are Kafka's error codes, so that a handler answers with the
// value itself.
#pragma once

#include "base/result.h"

namespace logboom::kafka {

enum class record_errc {
    corrupt_message = 2,
    message_too_large = 10,
    invalid_timestamp = 32,
    unsupported_for_message_format = 43,
    unsupported_compression_type = 76,
    invalid_record = 87,
};

const char* describe(record_errc value) noexcept;
LB_ERROR_ENUM(record_errc, "kafka record")

} // namespace logboom::kafka

template <>
struct std::is_error_code_enum<logboom::kafka::record_errc> : std::true_type {};
