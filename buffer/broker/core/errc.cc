#include "buffer/broker/core/errc.h"

namespace logboom::broker {

const char* describe(errc value) noexcept {
    switch (value) {
    case errc::metadata_conflict:
        return "somebody else changed it first";
    case errc::metadata_damaged:
        return "the metadata file is damaged before its end";
    case errc::cannot_listen:
        return "cannot listen there";
    case errc::unknown_partition:
        return "this broker has no such partition, or it is offline";
    case errc::stopped:
        return "the broker is stopping";
    case errc::bad_configuration:
        return "the configuration cannot be used";
    case errc::unsupported_listener:
        return "only PLAINTEXT listeners are supported";
    }
    return "unknown error";
}

} // namespace logboom::broker
