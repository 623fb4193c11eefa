#include "codecs/kafka/frame_header.h"

#include "codecs/kafka/messages/18_api_versions.h"

namespace logboom::kafka {

request_header read_header_start(wire_reader& from) {
    request_header header;
    header.api_key = from.integer<std::int16_t>();
    header.version = api_version(from.integer<std::int16_t>());
    header.correlation_id = from.integer<std::int32_t>();
    return header;
}

void read_header_rest(wire_reader& from, bool flexible, request_header& into) {
    into.client_id = from.string(encoding::classic, nullability::nullable);
    if (flexible) {
        from.skip_tagged_fields();
    }
}

void write_request_header(const request_header& header, bool flexible, wire_writer& to) {
    to.integer(header.api_key);
    to.integer(header.version.value());
    to.integer(header.correlation_id);
    if (header.client_id) {
        to.string(*header.client_id, encoding::classic);
    } else {
        to.null_string(encoding::classic);
    }
    if (flexible) {
        to.unsigned_varint(0);
    }
}

void write_response_header(
    std::int32_t correlation_id, std::int16_t key, bool flexible, wire_writer& to
) {
    to.integer(correlation_id);
    if (flexible && key != api_versions_api::spec.key) {
        to.unsigned_varint(0);
    }
}

} // namespace logboom::kafka
