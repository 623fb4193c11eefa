// The records of a batch, one after the other, none of their lengths believed.
#include "codecs/kafka/record_batch_reader.h"

#include "codecs/kafka/record_varint.h"

#include <algorithm>

namespace logboom::kafka {
namespace {

error bad_record(std::int32_t index) {
    return {record_errc::invalid_record, "record " + std::to_string(index)};
}

/// -1 stands for null.
bool read_nullable(varint_cursor& at, std::optional<bytes_view>& out) noexcept {
    std::int32_t size = 0;
    if (!at.read_int32(size) || size < -1) {
        return false;
    }
    if (size == -1) {
        out.reset();
        return true;
    }
    bytes_view found;
    if (!at.take(static_cast<std::size_t>(size), found)) {
        return false;
    }
    out = found;
    return true;
}

bool read_header(varint_cursor& at, record_header& out) noexcept {
    std::int32_t size = 0;
    bytes_view key;
    if (!at.read_int32(size) || size < 0 || !at.take(static_cast<std::size_t>(size), key)) {
        return false;
    }
    out.key = as_text(key);
    return read_nullable(at, out.value);
}

/// Steps over the rest of a record behind its value; false unless it ends exactly where it should.
bool walk_headers(varint_cursor& at, std::int32_t& count) noexcept {
    if (!at.read_int32(count) || count < 0) {
        return false;
    }
    if (count == 0) [[likely]] {
        return at.left() == 0;
    }
    record_header ignored;
    for (std::int32_t i = 0; i < count; ++i) {
        if (!read_header(at, ignored)) {
            return false;
        }
    }
    return at.left() == 0;
}

/// The fields of a record up to its headers.
struct record_prefix {
    std::int64_t timestamp_delta = 0;
    std::int32_t offset_delta = 0;
};

bool read_prefix(varint_cursor& at, record_prefix& out) noexcept {
    // The attributes byte is unused; Kafka ignores its value.
    return at.skip(1) && at.read_int64(out.timestamp_delta) && at.read_int32(out.offset_delta);
}

bool take_record(varint_cursor& from, bytes_view& body) noexcept {
    std::int32_t size = 0;
    return from.read_int32(size) && size >= 0 && from.take(static_cast<std::size_t>(size), body);
}

} // namespace

bool record_header_range::next(record_header& out) noexcept {
    if (left_ <= 0) {
        return false;
    }
    --left_;
    varint_cursor at(encoded_);
    if (!read_header(at, out)) {
        left_ = 0;
        return false;
    }
    encoded_ = encoded_.last(at.left());
    return true;
}

result<record_reader> record_reader::open(bytes_view data, std::size_t unpacked_size_max) {
    const record_batch_view batch(data);
    record_reader made;
    made.base_offset_ = batch.base_offset();
    made.base_timestamp_ = batch.base_timestamp().value();
    if (batch.time_type() == timestamp_type::log_append_time) {
        made.append_time_ = batch.max_timestamp();
    }
    made.delta_max_ = batch.last_offset_delta();
    made.count_ = batch.record_count();
    if (made.count_ < 0 || !batch.offsets_are_sane()) {
        return error(record_errc::invalid_record, "record count or offsets");
    }
    made.all_ = batch.payload();
    if (batch.compression() != compress::codec::none && made.count_ > 0) {
        auto unpacked = compress::decompress(batch.compression(), made.all_, unpacked_size_max);
        if (unpacked.has_error()) {
            const bool bomb = unpacked.error().code == compress::errc::too_large;
            return error(
                bomb ? record_errc::message_too_large : record_errc::corrupt_message,
                unpacked.error().text()
            );
        }
        made.unpacked_ = *std::move(unpacked);
        made.all_ = made.unpacked_.view();
    }
    made.left_ = made.all_;
    return made;
}

result<bool> record_reader::next(record& out) {
    if (seen_ == count_) {
        if (!left_.empty()) {
            return error(record_errc::invalid_record, "bytes behind the last record");
        }
        return false;
    }
    varint_cursor outer(left_);
    if (!take_record(outer, out.encoded)) {
        return bad_record(seen_);
    }
    varint_cursor at(out.encoded);
    record_prefix prefix;
    if (!read_prefix(at, prefix) || prefix.offset_delta <= last_delta_ ||
        prefix.offset_delta > delta_max_ || !read_nullable(at, out.key) ||
        !read_nullable(at, out.value)) {
        return bad_record(seen_);
    }
    varint_cursor headers = at;
    std::int32_t header_count = 0;
    if (!walk_headers(at, header_count)) {
        return bad_record(seen_);
    }
    headers.read_int32(header_count);
    out.headers = record_header_range({headers.position(), headers.left()}, header_count);
    out.offset_delta = last_delta_ = prefix.offset_delta;
    out.offset = base_offset_ + std::int64_t{prefix.offset_delta};
    // Unsigned, because what a client sends may overflow.
    const auto sum = static_cast<std::uint64_t>(base_timestamp_) +
                     static_cast<std::uint64_t>(prefix.timestamp_delta);
    out.timestamp = append_time_.value_or(timestamp_ms(static_cast<std::int64_t>(sum)));
    left_ = left_.last(outer.left());
    ++seen_;
    return true;
}

result<walked_records> walk_records(bytes_view payload, std::int32_t count) {
    walked_records found;
    varint_cursor all(payload);
    for (std::int32_t i = 0; i < count; ++i) {
        bytes_view body;
        if (!take_record(all, body)) {
            return bad_record(i);
        }
        varint_cursor at(body);
        record_prefix prefix;
        std::int32_t key_size = 0;
        std::int32_t value_size = 0;
        std::int32_t header_count = 0;
        const bool fits = read_prefix(at, prefix) && prefix.offset_delta == i &&
                          at.read_int32(key_size) && key_size >= -1 &&
                          at.skip(static_cast<std::size_t>(std::max(key_size, 0))) &&
                          at.read_int32(value_size) && value_size >= -1 &&
                          at.skip(static_cast<std::size_t>(std::max(value_size, 0))) &&
                          walk_headers(at, header_count);
        if (!fits) [[unlikely]] {
            return bad_record(i);
        }
        if (i == 0) {
            found.timestamp_delta_min = found.timestamp_delta_max = prefix.timestamp_delta;
        }
        found.timestamp_delta_min = std::min(found.timestamp_delta_min, prefix.timestamp_delta);
        found.timestamp_delta_max = std::max(found.timestamp_delta_max, prefix.timestamp_delta);
        if (key_size < 0 && found.first_keyless < 0) {
            found.first_keyless = i;
        }
    }
    if (all.left() != 0) {
        return error(record_errc::invalid_record, "bytes behind the last record");
    }
    return found;
}

} // namespace logboom::kafka
