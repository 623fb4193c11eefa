// What stands before the body of a request or a response. Which header version goes with which
// message follows from the api (reference: KIP-482): flexible requests have header 2, whose
// client_id keeps the classic encoding; flexible responses have header 1, except ApiVersions, whose
// response header is always 0 because the client does not yet know what the broker speaks.
#pragma once

#include "codecs/kafka/description.h"

namespace logboom::kafka {

/// The fixed part, which is readable for every api and version: 8 bytes and a nullable client id.
struct request_header {
    std::int16_t api_key = 0;
    api_version version{0};
    std::int32_t correlation_id = 0;
    /// Into the frame.
    std::optional<std::string_view> client_id;
};

/// The least a frame can hold: key, version and correlation id.
constexpr std::size_t frame_size_min = 8;

/// Reads key, version and correlation id only; client id and tags are read by read_header_rest once
/// the api is known to be spoken.
request_header read_header_start(wire_reader& from);
void read_header_rest(wire_reader& from, bool flexible, request_header& into);

void write_request_header(const request_header& header, bool flexible, wire_writer& to);
/// `flexible` as the api says at that version.
void write_response_header(
    std::int32_t correlation_id, std::int16_t api_key, bool flexible, wire_writer& to
);

/// A whole frame, size first.
template <class Api>
std::string encode_request_frame(const request_header& header, const typename Api::request& body) {
    wire_writer to;
    to.integer<std::int32_t>(0);
    write_request_header(header, Api::spec.flexible(header.version), to);
    encode(body, context_of<Api>(header.version), to);
    to.patch<std::int32_t>(0, static_cast<std::int32_t>(to.total_size() - sizeof(std::int32_t)));
    return to.take_buffer();
}

} // namespace logboom::kafka
