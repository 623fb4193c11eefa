#include "codecs/compress/output_buffer.h"

#include <snappy-c.h>

#include <array>

namespace logboom::compress {
namespace {

// Java's framing: this magic, two versions, then blocks of {size, raw snappy}.
constexpr std::array<std::uint8_t, 8> xerial_magic{0x82, 'S', 'N', 'A', 'P', 'P', 'Y', 0};
constexpr std::size_t xerial_header_size = 16;
constexpr std::size_t xerial_block_size = 32U * 1024;
/// No snappy element of 3 bytes yields more than 64, so a size beyond this ratio is a lie.
constexpr std::size_t ratio_max = 32;

bool is_xerial(bytes_view packed) noexcept {
    return packed.size() >= xerial_header_size &&
           std::memcmp(packed.data(), xerial_magic.data(), xerial_magic.size()) == 0;
}

std::uint32_t load_size(const std::byte* from) noexcept {
    std::uint32_t value = 0;
    std::memcpy(&value, from, sizeof value);
    return __builtin_bswap32(value);
}
void store_size(std::byte* into, std::uint32_t value) noexcept {
    value = __builtin_bswap32(value);
    std::memcpy(into, &value, sizeof value);
}

result<std::size_t> plain_size(bytes_view block) {
    std::size_t size = 0;
    if (snappy_uncompressed_length(
            reinterpret_cast<const char*>(block.data()), block.size(), &size
        ) != SNAPPY_OK ||
        size > block.size() * ratio_max) {
        return error(errc::malformed);
    }
    return size;
}

result<void> unpack_block(bytes_view block, mutable_bytes into) {
    std::size_t size = into.size();
    if (snappy_uncompress(
            reinterpret_cast<const char*>(block.data()),
            block.size(),
            reinterpret_cast<char*>(into.data()),
            &size
        ) != SNAPPY_OK ||
        size != into.size()) {
        return error(errc::malformed);
    }
    return {};
}

/// Calls `visit` with each raw block.
template <class Visit>
result<void> each_block(bytes_view packed, Visit visit) {
    if (!is_xerial(packed)) {
        return visit(packed);
    }
    packed = packed.subspan(xerial_header_size);
    while (!packed.empty()) {
        if (packed.size() < sizeof(std::uint32_t)) {
            return error(errc::malformed);
        }
        const std::uint32_t size = load_size(packed.data());
        packed = packed.subspan(sizeof(std::uint32_t));
        if (size > packed.size()) {
            return error(errc::malformed);
        }
        LB_CHECK(visit(packed.first(size)));
        packed = packed.subspan(size);
    }
    return {};
}

} // namespace

result<bytes> unpack_snappy(bytes_view packed, std::size_t size_max) {
    std::size_t total = 0;
    LB_CHECK(each_block(packed, [&](bytes_view block) -> result<void> {
        LB_TRY(const std::size_t size, plain_size(block));
        if (size > size_max - total) {
            return error(errc::too_large);
        }
        total += size;
        return {};
    }));
    auto buffer = std::make_shared_for_overwrite<std::byte[]>(total);
    std::size_t done = 0;
    LB_CHECK(each_block(packed, [&](bytes_view block) -> result<void> {
        LB_TRY(const std::size_t size, plain_size(block));
        LB_CHECK(unpack_block(block, {buffer.get() + done, size}));
        done += size;
        return {};
    }));
    const bytes_view made(buffer.get(), total);
    return bytes(std::move(buffer), made);
}

result<bytes> pack_snappy(bytes_view plain) {
    const std::size_t blocks = (plain.size() + xerial_block_size - 1) / xerial_block_size;
    const std::size_t block_max =
        sizeof(std::uint32_t) + snappy_max_compressed_length(xerial_block_size);
    auto buffer =
        std::make_shared_for_overwrite<std::byte[]>(xerial_header_size + blocks * block_max);
    std::memcpy(buffer.get(), xerial_magic.data(), xerial_magic.size());
    store_size(buffer.get() + 8, 1);
    store_size(buffer.get() + 12, 1);
    std::size_t at = xerial_header_size;
    while (!plain.empty()) {
        const bytes_view block = plain.first(std::min(plain.size(), xerial_block_size));
        std::size_t size = block_max;
        if (snappy_compress(
                reinterpret_cast<const char*>(block.data()),
                block.size(),
                reinterpret_cast<char*>(buffer.get() + at + sizeof(std::uint32_t)),
                &size
            ) != SNAPPY_OK) {
            return error(errc::failed);
        }
        store_size(buffer.get() + at, static_cast<std::uint32_t>(size));
        at += sizeof(std::uint32_t) + size;
        plain = plain.subspan(block.size());
    }
    const bytes_view made(buffer.get(), at);
    return bytes(std::move(buffer), made);
}

} // namespace logboom::compress
