// Records of __consumer_offsets from any bytes: first as batches of the topic, then as one key and
// one value. What was read as an offset or a group must survive being written and read again.
#include "buffer/broker/group/consumer_protocol.h"
#include "buffer/broker/group/loader.h"
#include "buffer/broker/state/state_record.h"
#include "tests/fuzz/require.h"

using namespace logboom;
using namespace logboom::broker;
using fuzz::require;

namespace {

void read_value(bytes_view value) {
    if (const auto read = decode_committed_offset(value); read.has_value()) {
        const auto again = decode_committed_offset(encode_value(*read).view());
        require(again.has_value() && again->at == read->at && again->metadata == read->metadata);
    }
    if (const auto read = decode_group_metadata(value); read.has_value()) {
        const auto again = decode_group_metadata(encode_value(*read).view());
        require(again.has_value() && again->members.size() == read->members.size());
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const bytes_view input = std::as_bytes(std::span(data, size));
    group_loader loader;
    loader.add(input);
    static_cast<void>(loader.take());
    if (const auto key = decode_key(input); key.has_value()) {
        if (const auto* const at = std::get_if<offset_key>(&*key); at != nullptr) {
            require(decode_key(encode_key(*at).view()).has_value());
        }
    }
    read_value(input);
    static_cast<void>(subscribed_topics(input));
    const std::int32_t home = partition_of_state(as_text(input), 50).value();
    require(home >= 0 && home < 50);
    return 0;
}
