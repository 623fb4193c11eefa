#include "codecs/compress/compress.h"

#include "codecs/compress/output_buffer.h"

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

result<bytes> decompress(codec with, bytes_view packed, std::size_t size_max) {
    switch (with) {
    case codec::none:
        if (packed.size() > size_max) {
            return error(errc::too_large);
        }
        return bytes::copy_of(packed);
    case codec::gzip:
        return unpack_gzip(packed, size_max);
    case codec::snappy:
        return unpack_snappy(packed, size_max);
    case codec::lz4:
        return unpack_lz4(packed, size_max);
    case codec::zstd:
        return unpack_zstd(packed, size_max);
    }
    return error(errc::unknown_codec);
}

result<bytes> compress(codec with, bytes_view plain) {
    switch (with) {
    case codec::none:
        return bytes::copy_of(plain);
    case codec::gzip:
        return pack_gzip(plain);
    case codec::snappy:
        return pack_snappy(plain);
    case codec::lz4:
        return pack_lz4(plain);
    case codec::zstd:
        return pack_zstd(plain);
    }
    return error(errc::unknown_codec);
}

} // namespace logboom::compress
