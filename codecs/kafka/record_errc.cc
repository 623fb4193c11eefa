#include "codecs/kafka/record_errc.h"

namespace logboom::kafka {

const char* describe(record_errc value) noexcept {
    switch (value) {
    case record_errc::corrupt_message:
        return "the record batch is damaged or cut short";
    case record_errc::message_too_large:
        return "the record batch is larger than max.message.bytes";
    case record_errc::invalid_timestamp:
        return "a record's timestamp is further from now than the topic allows";
    case record_errc::unsupported_for_message_format:
        return "the message format has no room for what was asked";
    case record_errc::unsupported_compression_type:
        return "this version of the request does not allow the compression used";
    case record_errc::invalid_record:
        return "the record batch is not what a producer may send";
    }
    return "unknown record error";
}

} // namespace logboom::kafka
