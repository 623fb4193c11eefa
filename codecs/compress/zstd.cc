#include "codecs/compress/output_buffer.h"

#include <zstd.h>
#include <zstd_errors.h>

namespace logboom::compress {
namespace {

struct context_closer {
    void operator()(ZSTD_DCtx* context) const noexcept { ZSTD_freeDCtx(context); }
};

/// A context costs 150 KiB to make, so each thread keeps one.
ZSTD_DCtx* context_of_thread() {
    thread_local const std::unique_ptr<ZSTD_DCtx, context_closer> own(ZSTD_createDCtx());
    return own.get();
}

} // namespace

result<bytes> unpack_zstd(bytes_view packed, std::size_t size_max) {
    ZSTD_DCtx* const context = context_of_thread();
    if (context == nullptr) {
        return error(errc::failed);
    }
    // In one go rather than as a stream: a stream allocates the window that the frame asks for. The
    // room grows by what the input can justify, not by what it declares.
    constexpr std::size_t room_min = 64U * 1024;
    std::size_t capacity = std::min(std::max(room_min, packed.size() * 8), size_max);
    while (true) {
        auto buffer =
            std::make_shared_for_overwrite<std::byte[]>(std::max<std::size_t>(capacity, 1));
        const std::size_t size =
            ZSTD_decompressDCtx(context, buffer.get(), capacity, packed.data(), packed.size());
        if (ZSTD_isError(size) == 0U) {
            const bytes_view made(buffer.get(), size);
            return bytes(std::move(buffer), made);
        }
        if (ZSTD_getErrorCode(size) != ZSTD_error_dstSize_tooSmall) {
            return error(errc::malformed);
        }
        if (capacity == size_max) {
            return error(errc::too_large);
        }
        capacity = capacity > size_max / 4 ? size_max : capacity * 4;
    }
}

result<bytes> pack_zstd(bytes_view plain) {
    const std::size_t bound = ZSTD_compressBound(plain.size());
    auto buffer = std::make_shared_for_overwrite<std::byte[]>(bound);
    const std::size_t size =
        ZSTD_compress(buffer.get(), bound, plain.data(), plain.size(), ZSTD_CLEVEL_DEFAULT);
    if (ZSTD_isError(size) != 0U) {
        return error(errc::failed);
    }
    const bytes_view made(buffer.get(), size);
    return bytes(std::move(buffer), made);
}

} // namespace logboom::compress
