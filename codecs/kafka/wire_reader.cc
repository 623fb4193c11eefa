// The primitives of the Kafka protocol, read within what is left of the input.
#include "codecs/kafka/wire_reader.h"

namespace logboom::kafka {

bool wire_reader::boolean() noexcept {
    const auto value = integer<std::int8_t>();
    if (value != 0 && value != 1) {
        fail(wire_errc::bad_boolean);
        return false;
    }
    return value == 1;
}

uuid wire_reader::id() noexcept {
    uuid value;
    const bytes_view raw = take(value.octets.size());
    if (!raw.empty()) {
        std::memcpy(value.octets.data(), raw.data(), raw.size());
    }
    return value;
}

std::uint64_t wire_reader::unsigned_varlong() noexcept {
    constexpr std::size_t size_max = 10;
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < size_max; ++i) {
        const auto group = integer<std::uint8_t>();
        const auto low = static_cast<std::uint64_t>(group & 0x7F);
        if (i == size_max - 1 && low > 1) {
            break;
        }
        value |= low << (7 * i);
        if ((group & 0x80) == 0) {
            return failed_ ? 0 : value;
        }
    }
    fail(wire_errc::varint_too_long);
    return 0;
}

std::uint32_t wire_reader::unsigned_varint() noexcept {
    constexpr std::size_t size_max = 5;
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < size_max; ++i) {
        const auto group = integer<std::uint8_t>();
        const auto low = static_cast<std::uint32_t>(group & 0x7F);
        if (i == size_max - 1 && low > 0x0F) {
            break;
        }
        value |= low << (7 * i);
        if ((group & 0x80) == 0) {
            return failed_ ? 0 : value;
        }
    }
    fail(wire_errc::varint_too_long);
    return 0;
}

std::int32_t wire_reader::varint() noexcept {
    const std::uint32_t raw = unsigned_varint();
    return static_cast<std::int32_t>((raw >> 1) ^ (~(raw & 1) + 1));
}

std::int64_t wire_reader::varlong() noexcept {
    const std::uint64_t raw = unsigned_varlong();
    return static_cast<std::int64_t>((raw >> 1) ^ (~(raw & 1) + 1));
}

std::optional<std::size_t>
wire_reader::length(encoding form, nullability nulls, std::size_t width) noexcept {
    std::int64_t value = 0;
    if (form == encoding::compact) {
        value = static_cast<std::int64_t>(unsigned_varint()) - 1;
    } else if (width == 2) {
        value = integer<std::int16_t>();
    } else {
        value = integer<std::int32_t>();
    }
    if (failed_) {
        return 0;
    }
    if (value == -1) {
        if (nulls == nullability::nullable) {
            return std::nullopt;
        }
        fail(wire_errc::null_not_allowed);
        return 0;
    }
    if (value < 0) {
        fail(wire_errc::negative_length);
        return 0;
    }
    return static_cast<std::size_t>(value);
}

std::optional<std::string_view> wire_reader::string(encoding form, nullability nulls) noexcept {
    const auto size = length(form, nulls, 2);
    if (!size) {
        return std::nullopt;
    }
    return as_text(take(*size));
}

std::optional<bytes_view> wire_reader::byte_string(encoding form, nullability nulls) noexcept {
    const auto size = length(form, nulls, 4);
    if (!size) {
        return std::nullopt;
    }
    return take(*size);
}

std::optional<std::size_t>
wire_reader::count(encoding form, nullability nulls, std::size_t element_size_min) noexcept {
    const auto count = length(form, nulls, 4);
    if (count && *count > rest_.size() / element_size_min) {
        fail(wire_errc::count_too_large);
        return 0;
    }
    return count;
}

bytes_view wire_reader::take(std::size_t size) noexcept {
    if (size > rest_.size()) {
        fail(wire_errc::truncated);
        return {};
    }
    const bytes_view taken = rest_.first(size);
    rest_ = rest_.subspan(size);
    return taken;
}

bool wire_reader::allow(std::size_t allocation) noexcept {
    if (allocation > allowance_) {
        fail(wire_errc::count_too_large);
        return false;
    }
    allowance_ -= allocation;
    return true;
}

wire_reader wire_reader::enter_tagged_field() noexcept {
    wire_reader inner(take(unsigned_varint()));
    inner.allowance_ = allowance_;
    return inner;
}

void wire_reader::leave(wire_reader& inner) noexcept {
    allowance_ = inner.allowance_;
    if (!inner.rest_.empty()) {
        inner.fail(wire_errc::trailing_bytes);
    }
    if (inner.failed_) {
        fail(inner.why_);
    }
}

void wire_reader::skip_tagged_fields() noexcept {
    const std::uint32_t count = unsigned_varint();
    for (std::uint32_t i = 0; i < count && !failed_; ++i) {
        unsigned_varint();
        take(unsigned_varint());
    }
}

} // namespace logboom::kafka
