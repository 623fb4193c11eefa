#include "buffer/log/errc.h"

namespace logboom::log {

const char* describe(errc value) noexcept {
    switch (value) {
    case errc::offset_out_of_range:
        return "the log does not reach to this offset";
    case errc::record_list_too_large:
        return "the records are larger than segment.bytes";
    case errc::out_of_order_sequence:
        return "the producer's sequence has a gap before this batch";
    case errc::invalid_producer_epoch:
        return "a newer instance of this producer has taken over";
    case errc::storage_failed:
        return "writing to disk failed; the partition stays closed until a restart recovers it";
    case errc::fenced_leader_epoch:
        return "the leader epoch is older than the log's";
    case errc::corrupt:
        return "bytes that were safely on disk have changed; restore the partition";
    case errc::malformed_file:
        return "the file is not in the format its name says";
    case errc::already_exists:
        return "there is such a partition already";
    case errc::not_found:
        return "there is no such partition";
    case errc::locked:
        return "another process uses this log directory";
    case errc::wrong_cluster:
        return "the log directory belongs to another cluster or node";
    case errc::canceled:
        return "the work was given up: the partition is going away or the broker is stopping";
    }
    return "unknown log error";
}

} // namespace logboom::log
