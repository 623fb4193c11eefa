#include "codecs/compress/output_buffer.h"

#include <zlib.h>

#include <limits>

namespace logboom::compress {
namespace {

/// 15 is the window of every gzip; 32 more reads zlib's own framing too.
constexpr int window_any_framing = 15 + 32;
constexpr int window_gzip_framing = 15 + 16;

class inflater {
  public:
    inflater() : ready_(inflateInit2(&stream_, window_any_framing) == Z_OK) {}
    ~inflater() {
        if (ready_) {
            inflateEnd(&stream_);
        }
    }
    inflater(const inflater&) = delete;
    inflater& operator=(const inflater&) = delete;

    [[nodiscard]] bool ready() const noexcept { return ready_; }
    [[nodiscard]] z_stream& stream() noexcept { return stream_; }

  private:
    z_stream stream_{};
    bool ready_;
};

Bytef* input(bytes_view from) noexcept {
    return const_cast<Bytef*>(reinterpret_cast<const Bytef*>(from.data()));
}

} // namespace

result<bytes> unpack_gzip(bytes_view packed, std::size_t size_max) {
    inflater own;
    if (!own.ready() || packed.size() > std::numeric_limits<uInt>::max()) {
        return error(errc::failed);
    }
    z_stream& stream = own.stream();
    stream.next_in = input(packed);
    stream.avail_in = static_cast<uInt>(packed.size());
    output_buffer out(size_max, packed.size() * 4);
    while (true) {
        const mutable_bytes room = out.room();
        stream.next_out = reinterpret_cast<Bytef*>(room.data());
        stream.avail_out = static_cast<uInt>(std::min<std::size_t>(room.size(), 1U << 30U));
        const uInt offered = stream.avail_out;
        const int outcome = inflate(&stream, Z_NO_FLUSH);
        out.commit(offered - stream.avail_out);
        if (out.over_limit()) {
            return error(errc::too_large);
        }
        if (outcome == Z_STREAM_END) {
            // Several gzip members may follow one another.
            if (stream.avail_in == 0) {
                return out.finish();
            }
            if (inflateReset(&stream) != Z_OK) {
                return error(errc::malformed);
            }
        } else if (outcome != Z_OK || (stream.avail_in == 0 && stream.avail_out != 0)) {
            return error(errc::malformed);
        }
    }
}

result<bytes> pack_gzip(bytes_view plain) {
    if (plain.size() > std::numeric_limits<uInt>::max() / 2) {
        return error(errc::too_large);
    }
    z_stream stream{};
    constexpr int memory_level = 8;
    if (deflateInit2(
            &stream,
            Z_DEFAULT_COMPRESSION,
            Z_DEFLATED,
            window_gzip_framing,
            memory_level,
            Z_DEFAULT_STRATEGY
        ) != Z_OK) {
        return error(errc::failed);
    }
    const auto bound = deflateBound(&stream, static_cast<uLong>(plain.size()));
    auto buffer = std::make_shared_for_overwrite<std::byte[]>(bound);
    stream.next_in = input(plain);
    stream.avail_in = static_cast<uInt>(plain.size());
    stream.next_out = reinterpret_cast<Bytef*>(buffer.get());
    stream.avail_out = static_cast<uInt>(bound);
    const int outcome = deflate(&stream, Z_FINISH);
    const std::size_t size = bound - stream.avail_out;
    deflateEnd(&stream);
    if (outcome != Z_STREAM_END) {
        return error(errc::failed);
    }
    const bytes_view made(buffer.get(), size);
    return bytes(std::move(buffer), made);
}

} // namespace logboom::compress
