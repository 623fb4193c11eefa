// Why the log refuses or fails. Values below 1000 are Kafka's error codes, to be answered as they
// are; the others are for the operator, and a client gets KAFKA_STORAGE_ERROR (56) for them.
#pragma once

#include "base/result.h"

namespace logboom::log {

enum class errc {
    offset_out_of_range = 1,
    record_list_too_large = 18,
    out_of_order_sequence = 45,
    invalid_producer_epoch = 47,
    /// A write or sync failed: the partition stays closed until the program starts again.
    storage_failed = 56,
    fenced_leader_epoch = 74,
    /// Bytes that were known to be on disk are not what was written.
    corrupt = 1000,
    malformed_file,
    already_exists,
    not_found,
    locked,
    wrong_cluster,
    canceled,
};

const char* describe(errc value) noexcept;
LB_ERROR_ENUM(errc, "log")

} // namespace logboom::log

template <>
struct std::is_error_code_enum<logboom::log::errc> : std::true_type {};
