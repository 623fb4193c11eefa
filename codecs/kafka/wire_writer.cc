#include "codecs/kafka/wire_writer.h"

#include <limits>

namespace logboom::kafka {

void wire_writer::unsigned_varint(std::uint32_t value) {
    unsigned_varlong(value);
}

void wire_writer::unsigned_varlong(std::uint64_t value) {
    std::byte raw[10];
    std::size_t size = 0;
    while (value >= 0x80) {
        raw[size++] = static_cast<std::byte>((value & 0x7F) | 0x80);
        value >>= 7;
    }
    raw[size++] = static_cast<std::byte>(value);
    append({raw, size});
}

void wire_writer::varint(std::int32_t value) {
    const auto raw = static_cast<std::uint32_t>(value);
    unsigned_varint((raw << 1) ^ (value < 0 ? ~std::uint32_t{0} : 0));
}

void wire_writer::varlong(std::int64_t value) {
    const auto raw = static_cast<std::uint64_t>(value);
    unsigned_varlong((raw << 1) ^ (value < 0 ? ~std::uint64_t{0} : 0));
}

void wire_writer::length(std::size_t value, encoding form, std::size_t width) {
    if (form == encoding::compact) {
        unsigned_varint(static_cast<std::uint32_t>(value + 1));
    } else if (width == 2) {
        integer(static_cast<std::int16_t>(value));
    } else {
        integer(static_cast<std::int32_t>(value));
    }
}

void wire_writer::string(std::string_view text, encoding form) {
    constexpr std::size_t size_max = std::numeric_limits<std::int16_t>::max();
    text = text.substr(0, size_max);
    length(text.size(), form, 2);
    append(as_bytes(text));
}

void wire_writer::null_string(encoding form) {
    if (form == encoding::compact) {
        unsigned_varint(0);
    } else {
        integer<std::int16_t>(-1);
    }
}

void wire_writer::byte_string(bytes_view data, encoding form) {
    length(data.size(), form, 4);
    append(data);
}

void wire_writer::null_bytes(encoding form) {
    if (form == encoding::compact) {
        unsigned_varint(0);
    } else {
        integer<std::int32_t>(-1);
    }
}

void wire_writer::count(std::size_t elements, encoding form) {
    length(elements, form, 4);
}

void wire_writer::gap_string(std::size_t size, std::size_t token, encoding form) {
    length(size, form, 4);
    size_ += size;
    if (!counting_) {
        gaps_.push_back({buffer_.size(), size, token});
    }
}

} // namespace logboom::kafka
