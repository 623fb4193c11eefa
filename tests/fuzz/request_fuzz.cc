// Frame, header and the body of every request and response in every version: what a client can make
// the broker read, and what our own clients of the wire would read. Decoding must end with a value
// or an error; a value must encode, decode and encode again to the same bytes.
#include "buffer/broker/net/frame_assembler.h"
#include "codecs/kafka/frame_header.h"
#include "codecs/kafka/messages/all.h"
#include "tests/fuzz/require.h"

#include <cstdint>

namespace {

using namespace logboom;
using namespace logboom::kafka;
using fuzz::require;

template <class T>
void check_body(bytes_view body, wire_context in) {
    const auto first = decode<T>(body, in);
    if (first.has_error()) {
        return;
    }
    wire_writer once;
    encode(*first, in, once);
    require(once.total_size() == encoded_size(*first, in));
    const auto second = decode<T>(once.view(), in);
    require(second.has_value());
    wire_writer twice;
    encode(*second, in, twice);
    require(once.buffer() == twice.buffer());
    require(!to_text(*first, api_version(in.version)).empty());
}

template <class Api>
void check_api(const request_header& header, bytes_view body) {
    if (Api::spec.key != header.api_key || !Api::spec.speaks(header.version)) {
        return;
    }
    const wire_context in = context_of<Api>(header.version);
    check_body<typename Api::request>(body, in);
    check_body<typename Api::response>(body, in);
}

void check_frame(bytes_view frame) {
    for (const bool flexible : {false, true}) {
        wire_reader from(frame);
        request_header header = read_header_start(from);
        read_header_rest(from, flexible, header);
        if (!from.failed()) {
            const bytes_view body = from.take(from.remaining());
            for_each_api([&]<class Api>() { check_api<Api>(header, body); });
        }
    }
}

void check_stream(bytes_view stream) {
    broker::memory_budget budget(1 << 20);
    broker::frame_assembler frames(budget, 1 << 16);
    std::byte scratch[64];
    while (!stream.empty() && frames.status() == broker::frame_assembler::verdict::fine) {
        std::size_t taken = 0;
        for (const mutable_bytes each : frames.buffers(scratch)) {
            const std::size_t size = std::min(each.size(), stream.size());
            std::copy_n(stream.begin(), size, each.begin());
            stream = stream.subspan(size);
            taken += size;
        }
        frames.received(taken);
        while (frames.next()) {
        }
        frames.stash();
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const bytes_view input(reinterpret_cast<const std::byte*>(data), size);
    check_frame(input);
    check_stream(input);
    return 0;
}
