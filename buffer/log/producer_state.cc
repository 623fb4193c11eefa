// Kafka's rules for sequences of idempotent producers, and the bytes of a .snapshot file.
#include "buffer/log/producer_state.h"

#include "base/assertion.h"
#include "base/crc32c.h"
#include "buffer/log/errc.h"

#include <algorithm>
#include <limits>

namespace logboom::log {
namespace {

using kafka::load_big;
using kafka::store_big;

constexpr std::int16_t snapshot_version = 1;
constexpr std::size_t snapshot_header_size = 10;
constexpr std::size_t snapshot_entry_size = 46;
constexpr std::size_t checksummed_from = 6;
constexpr std::int64_t sequence_count = std::int64_t{std::numeric_limits<std::int32_t>::max()} + 1;

/// Sequences wrap from the largest int32 to 0.
std::int32_t moved(std::int32_t sequence, std::int64_t by) noexcept {
    return static_cast<std::int32_t>((sequence + by + sequence_count) % sequence_count);
}

sequence_range range_of(const kafka::record_batch_view& batch) noexcept {
    const std::int32_t first = batch.base_sequence();
    const bool numbered = first >= 0;
    return {
        .first = first,
        .last = numbered ? moved(first, batch.last_offset_delta()) : first,
        .last_offset = batch.last_offset(),
        .offset_delta = batch.last_offset_delta(),
        .timestamp = batch.max_timestamp(),
    };
}

} // namespace

result<std::optional<sequence_range>> producer_state::check(const kafka::record_batch_view& batch
) const {
    const auto found = producers_.find(batch.producer());
    if (found == producers_.end()) {
        // Unknown, perhaps expired: any sequence may come.
        return std::optional<sequence_range>();
    }
    const producer& known = found->second;
    const std::int16_t epoch = batch.epoch_of_producer().value();
    const auto context = [&] {
        return "producer " + std::to_string(batch.producer().value()) + " epoch " +
               std::to_string(epoch) + " sequence " + std::to_string(batch.base_sequence());
    };
    if (epoch < known.epoch) {
        return error(errc::invalid_producer_epoch, context());
    }
    if (epoch > known.epoch) {
        if (batch.base_sequence() != 0 && known.epoch >= 0) {
            return error(errc::out_of_order_sequence, context());
        }
        return std::optional<sequence_range>();
    }
    const sequence_range sent = range_of(batch);
    for (std::size_t i = 0; i < known.kept; ++i) {
        if (known.batches[i].first == sent.first && known.batches[i].last == sent.last) {
            return std::optional(known.batches[i]);
        }
    }
    if (known.kept > 0 && sent.first != moved(known.batches[known.kept - 1U].last, 1)) {
        return error(errc::out_of_order_sequence, context());
    }
    return std::optional<sequence_range>();
}

void producer_state::update(const kafka::record_batch_view& batch) {
    LB_ASSERT(batch.offsets_are_sane());
    if (!batch.has_producer()) {
        return;
    }
    producer& known = producers_[batch.producer()];
    if (batch.epoch_of_producer().value() != known.epoch) {
        known.epoch = batch.epoch_of_producer().value();
        known.kept = 0;
    }
    if (batch.is_control()) {
        return;
    }
    if (known.kept == kept_batches) {
        std::rotate(known.batches.begin(), known.batches.begin() + 1, known.batches.end());
        --known.kept;
    }
    LB_ASSERT(known.kept < kept_batches);
    known.batches[known.kept] = range_of(batch);
    ++known.kept;
}

std::unordered_map<producer_id, offset> producer_state::last_offsets() const {
    std::unordered_map<producer_id, offset> found;
    for (const auto& [id, known] : producers_) {
        if (known.kept > 0) {
            found.emplace(id, known.batches[known.kept - 1U].last_offset);
        }
    }
    return found;
}

producer_id producer_state::largest() const noexcept {
    // Clients may send any; one near the end of all numbers must not leave none to give.
    constexpr producer_id beyond(std::int64_t{1} << 62U);
    producer_id found(-1);
    for (const auto& [id, known] : producers_) {
        found = id < beyond ? std::max(found, id) : found;
    }
    return found;
}

void producer_state::expire(timestamp_ms before) {
    std::erase_if(producers_, [before](const auto& entry) {
        const producer& known = entry.second;
        return known.kept == 0 || known.batches[known.kept - 1U].timestamp < before;
    });
}

std::string producer_state::encode() const {
    std::string out(snapshot_header_size + producers_.size() * snapshot_entry_size, '\0');
    auto* const begin = reinterpret_cast<std::byte*>(out.data());
    store_big(begin, snapshot_version);
    store_big(begin + checksummed_from, static_cast<std::int32_t>(producers_.size()));
    std::byte* entry = begin + snapshot_header_size;
    for (const auto& [id, known] : producers_) {
        const sequence_range last = known.kept > 0 ? known.batches[known.kept - 1U]
                                                   : sequence_range{.last_offset = no_offset};
        store_big(entry, id.value());
        store_big(entry + 8, known.epoch);
        store_big(entry + 10, last.last);
        store_big(entry + 14, last.last_offset.value());
        store_big(entry + 22, last.offset_delta);
        store_big(entry + 26, last.timestamp.value());
        store_big(entry + 34, known.coordinator_epoch);
        store_big(entry + 38, known.transaction_first);
        entry += snapshot_entry_size;
    }
    LB_ASSERT(entry == begin + out.size());
    store_big(begin + 2, crc32c(as_bytes(out).subspan(checksummed_from)));
    return out;
}

result<void> producer_state::decode(bytes_view snapshot) {
    if (snapshot.size() < snapshot_header_size ||
        load_big<std::int16_t>(snapshot.data()) != snapshot_version ||
        load_big<std::uint32_t>(snapshot.data() + 2) !=
            crc32c(snapshot.subspan(checksummed_from))) {
        return error(errc::malformed_file, "producer snapshot");
    }
    const auto count = load_big<std::int32_t>(snapshot.data() + checksummed_from);
    if (count < 0 || (snapshot.size() - snapshot_header_size) / snapshot_entry_size !=
                         static_cast<std::size_t>(count)) {
        return error(errc::malformed_file, "producer snapshot");
    }
    producers_.clear();
    const std::byte* entry = snapshot.data() + snapshot_header_size;
    for (std::int32_t i = 0; i < count; ++i, entry += snapshot_entry_size) {
        producer& known = producers_[producer_id(load_big<std::int64_t>(entry))];
        known.epoch = load_big<std::int16_t>(entry + 8);
        sequence_range last;
        last.last = load_big<std::int32_t>(entry + 10);
        last.last_offset = offset(load_big<std::int64_t>(entry + 14));
        last.offset_delta = std::max(load_big<std::int32_t>(entry + 22), 0);
        last.timestamp = timestamp_ms(load_big<std::int64_t>(entry + 26));
        known.coordinator_epoch = load_big<std::int32_t>(entry + 34);
        known.transaction_first = load_big<std::int64_t>(entry + 38);
        known.kept = 0;
        if (last.last >= 0) {
            last.first = moved(last.last, -std::int64_t{last.offset_delta});
            known.batches[0] = last;
            known.kept = 1;
        }
    }
    return {};
}

} // namespace logboom::log
