#include "codecs/compress/compress.h"

namespace logboom::compress {

const char* describe(errc value) noexcept {
    switch (value) {
    case errc::malformed:
        return "the compressed bytes are damaged or cut short";
    case errc::too_large:
        return "the compressed bytes unpack to more than the limit";
    case errc::unknown_codec:
        return "no such compression codec";
    case errc::failed:
        return "the compression library failed";
    }
    return "unknown compression error";
}

const char* name_of(codec value) noexcept {
    switch (value) {
    case codec::none:
        return "none";
    case codec::gzip:
        return "gzip";
    case codec::snappy:
        return "snappy";
    case codec::lz4:
        return "lz4";
    case codec::zstd:
        return "zstd";
    }
    return "unknown";
}

} // namespace logboom::compress
