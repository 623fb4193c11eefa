#include "buffer/log/time_lookup.h"

#include "base/assertion.h"
#include "buffer/log/errc.h"
#include "codecs/kafka/record_batch_reader.h"

namespace logboom::log {
namespace {

/// The first record of a batch that is old enough, and not before the log's start.
result<std::optional<timestamp_offset>> record_in_batch(
    const segment& source,
    const batch_place& place,
    timestamp_ms wanted,
    const time_lookup_limits& limits
) {
    std::vector<std::byte> batch(place.size);
    LB_TRY(const std::size_t got, source.records()->pread(batch, place.position));
    if (got != batch.size()) {
        return error(errc::corrupt, source.path() + " is shorter than its batches");
    }
    LB_CHECK(kafka::check_batch(batch));
    LB_TRY(auto records, kafka::record_reader::open(batch, limits.unpacked_size_max));
    kafka::record each;
    while (true) {
        LB_TRY(const bool more, records.next(each));
        if (!more) {
            return std::optional<timestamp_offset>();
        }
        if (each.timestamp >= wanted && each.offset >= limits.start) {
            return std::optional(timestamp_offset{
                each.timestamp, each.offset, kafka::record_batch_view(batch).epoch()});
        }
    }
}

} // namespace

result<std::optional<timestamp_offset>>
find_time(const segment_list& segments, timestamp_ms wanted, const time_lookup_limits& limits) {
    for (std::size_t i = segments.index_of(limits.start); i < segments.size(); ++i) {
        segment& each = segments.at(i);
        LB_TRY(auto place, each.find_time(wanted, limits.start));
        // The header's maximum may be an empty promise, or below the start: then the next batch.
        while (place) {
            LB_TRY(const auto found, record_in_batch(each, *place, wanted, limits));
            if (found) {
                LB_ASSERT(found->timestamp >= wanted);
                LB_ASSERT(found->offset >= limits.start);
                return found;
            }
            LB_TRY(place, each.find_time(wanted, place->last + 1));
        }
    }
    return std::optional<timestamp_offset>();
}

result<std::optional<timestamp_offset>>
find_max_timestamp(const segment_list& segments, const time_lookup_limits& limits) {
    segment* newest = nullptr;
    for (std::size_t i = 0; i < segments.size(); ++i) {
        segment& each = segments.at(i);
        const bool is_newer = newest == nullptr || each.max_timestamp() > newest->max_timestamp();
        if (each.max_timestamp().value() >= 0 && is_newer) {
            newest = &each;
        }
    }
    if (newest == nullptr) {
        return std::optional<timestamp_offset>();
    }
    LB_TRY(const auto place, newest->find(newest->offset_of_max_timestamp()));
    if (!place) {
        return std::optional<timestamp_offset>();
    }
    return record_in_batch(*newest, *place, newest->max_timestamp(), limits);
}

} // namespace logboom::log
