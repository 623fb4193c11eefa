#include "codecs/compress/output_buffer.h"

#include <lz4frame.h>

namespace logboom::compress {
namespace {

struct frame_closer {
    void operator()(LZ4F_dctx* context) const noexcept { LZ4F_freeDecompressionContext(context); }
};

} // namespace

result<bytes> unpack_lz4(bytes_view packed, std::size_t size_max) {
    LZ4F_dctx* raw = nullptr;
    if (LZ4F_isError(LZ4F_createDecompressionContext(&raw, LZ4F_VERSION)) != 0U) {
        return error(errc::failed);
    }
    const std::unique_ptr<LZ4F_dctx, frame_closer> context(raw);
    output_buffer out(size_max, packed.size() * 4);
    // A frame is complete when the library expects nothing more.
    std::size_t expected = 1;
    while (true) {
        const mutable_bytes room = out.room();
        std::size_t produced = room.size();
        std::size_t consumed = packed.size();
        expected = LZ4F_decompress(
            context.get(), room.data(), &produced, packed.data(), &consumed, nullptr
        );
        if (LZ4F_isError(expected) != 0U) {
            return error(errc::malformed);
        }
        out.commit(produced);
        packed = packed.subspan(consumed);
        if (out.over_limit()) {
            return error(errc::too_large);
        }
        if (expected == 0 && packed.empty()) {
            return out.finish();
        }
        if (produced == 0 && consumed == 0) {
            return error(errc::malformed);
        }
    }
}

result<bytes> pack_lz4(bytes_view plain) {
    LZ4F_preferences_t preferences{};
    // Java's reader knows independent blocks only.
    preferences.frameInfo.blockMode = LZ4F_blockIndependent;
    const std::size_t bound = LZ4F_compressFrameBound(plain.size(), &preferences);
    auto buffer = std::make_shared_for_overwrite<std::byte[]>(bound);
    const std::size_t size =
        LZ4F_compressFrame(buffer.get(), bound, plain.data(), plain.size(), &preferences);
    if (LZ4F_isError(size) != 0U) {
        return error(errc::failed);
    }
    const bytes_view made(buffer.get(), size);
    return bytes(std::move(buffer), made);
}

} // namespace logboom::compress
