// Records through a codec: which events came of which record, their names and decoration.
#include "buffer/client/partition_reader.h"

#include "event/utf8.h"

#include <algorithm>

namespace logboom::client {
namespace {

constexpr std::int64_t ns_of_ms = 1'000'000;

std::string_view origin_text(const rd_kafka_message_t& message) {
    rd_kafka_headers_t* headers = nullptr;
    const void* value = nullptr;
    std::size_t size = 0;
    if (rd_kafka_message_headers(&message, &headers) != RD_KAFKA_RESP_ERR_NO_ERROR ||
        rd_kafka_header_get_last(headers, origin_header.data(), &value, &size) !=
            RD_KAFKA_RESP_ERR_NO_ERROR) {
        return {};
    }
    return {static_cast<const char*>(value), size};
}

value headers_map(const rd_kafka_message_t& message, arena& memory) {
    value map = value::new_map(memory);
    rd_kafka_headers_t* headers = nullptr;
    if (rd_kafka_message_headers(&message, &headers) != RD_KAFKA_RESP_ERR_NO_ERROR) {
        return map;
    }
    const char* name = nullptr;
    const void* data = nullptr;
    std::size_t size = 0;
    for (std::size_t i = 0;
         rd_kafka_header_get_all(headers, i, &name, &data, &size) == RD_KAFKA_RESP_ERR_NO_ERROR;
         ++i) {
        const std::string_view text(static_cast<const char*>(data), size);
        if (data != nullptr && is_utf8(text)) {
            map.as_map().put(memory, memory.copy(name), value::of(memory.copy(text)));
        }
    }
    return map;
}

} // namespace

partition_reader::partition_reader(const reader_options& options, topic_partition at)
    : options_(options), at_(std::move(at)), decoder_(options.codec->make_line_decoder()) {}

bool partition_reader::read(const rd_kafka_message_t& message, event_batch& into) {
    source record;
    record.position = offset(message.offset);
    record.header = origin_text(message);
    const std::int64_t time_ms = rd_kafka_message_timestamp(&message, nullptr);
    record.time_ns = time_ms > 0 ? time_ms * ns_of_ms : options_.time->wall().count();

    const std::size_t before = into.events.size();
    const bytes_view payload(static_cast<const std::byte*>(message.payload), message.len);
    decoder_->decode(payload, true, record.time_ns, into);
    expected_ = record.position + 1;
    // What a holding codec lets go of comes first and began in the first record it held.
    const std::size_t own = held_ ? std::min(before + 1, into.events.size()) : before;
    const std::uint32_t first_part =
        own < into.events.size() ? into.events[own].origin.part : decoder_->held_part();
    if (!describe(before, own, held_ ? *held_ : record, into) ||
        !describe(own, into.events.size(), record, into)) {
        return false;
    }
    decorate(before, own, held_ ? *held_ : record, &message, into);
    decorate(own, into.events.size(), record, &message, into);
    if (!decoder_->is_holding()) {
        held_.reset();
    } else if (!held_ || into.events.size() > before) {
        record.begin = held_ ? begin_of_held(record, first_part) : record.position;
        if (options_.decorate != decoration::none) {
            record.decoration = std::make_shared<kept_decoration>();
            record.decoration->map = decoration_of(message, record.decoration->memory);
        }
        held_ = std::move(record);
    }
    return true;
}

offset partition_reader::begin_of_held(const source& record, std::uint32_t first_part) const {
    // Were reading to begin at the record, its front would be an event that there never was. But
    // the group must get on, whatever a stream of records without an end in sight.
    constexpr std::int64_t records_back_max = 1000;
    const bool is_cut = first_part > 0 && record.position - held_->begin < records_back_max;
    return is_cut ? held_->begin : record.position;
}

void partition_reader::flush(event_batch& into) {
    if (!held_) {
        return;
    }
    const std::size_t before = into.events.size();
    decoder_->flush(held_->time_ns, into);
    static_cast<void>(describe(before, into.events.size(), *held_, into));
    decorate(before, into.events.size(), *held_, nullptr, into);
    held_.reset();
}

bool partition_reader::describe(
    std::size_t from, std::size_t to, source& record, event_batch& into
) {
    if (from == to) {
        return true;
    }
    event_origin origin;
    if (record.header.empty() || !event_origin::parse(into.memory.copy(record.header), origin)) {
        if (stream_.empty()) {
            const std::string id = options_.topic_id(at_.topic);
            if (id.empty()) {
                return false;
            }
            stream_ = id + "/" + std::to_string(at_.partition.value());
        }
        origin = {};
        origin.stream = into.memory.copy(stream_);
        origin.position = record.position.value();
    }
    origin.topic = into.memory.copy(at_.topic);
    const std::uint32_t part = origin.part;
    for (std::size_t i = from; i < to; ++i) {
        event_origin& made = into.events[i].origin;
        record.part = std::max(record.part, made.part);
        origin.part = part + record.part++;
        made = origin;
    }
    return true;
}

void partition_reader::decorate(
    std::size_t from,
    std::size_t to,
    const source& record,
    const rd_kafka_message_t* message,
    event_batch& into
) const {
    if (options_.decorate == decoration::none) {
        return;
    }
    for (std::size_t i = from; i < to; ++i) {
        into.events[i].metadata().put(
            into.memory,
            "kafka",
            record.decoration ? record.decoration->map.clone(into.memory)
                              : decoration_of(*message, into.memory)
        );
    }
}

value partition_reader::decoration_of(const rd_kafka_message_t& message, arena& memory) const {
    value map = value::new_map(memory);
    value_map& kafka = map.as_map();
    const auto key = std::string_view(static_cast<const char*>(message.key), message.key_len);
    kafka.append(memory, "topic", value::of(memory.copy(at_.topic)));
    kafka.append(memory, "consumer_group", value::of(memory.copy(options_.group)));
    kafka.append(memory, "partition", value::of(std::int64_t{message.partition}));
    kafka.append(memory, "offset", value::of(message.offset));
    kafka.append(memory, "key", message.key == nullptr ? value() : value::of(memory.copy(key)));
    kafka.append(
        memory, "timestamp", value::of(std::int64_t{rd_kafka_message_timestamp(&message, nullptr)})
    );
    if (options_.decorate == decoration::extended) {
        kafka.append(memory, "headers", headers_map(message, memory));
    }
    return map;
}

} // namespace logboom::client
