// Writes the primitives of the Kafka protocol. Appends to one growing buffer; a writer made with
// counting_only() just adds up sizes. Gaps are places where the sender puts bytes that are not in
// memory (record batches, by sendfile): the writer notes position and size and leaves them out of
// the buffer, but total_size() counts them.
#pragma once

#include "base/bytes.h"
#include "base/ids.h"
#include "codecs/kafka/wire_reader.h"

#include <bit>
#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace logboom::kafka {

template <std::integral Int>
void store_big_endian(std::byte* to, Int value) noexcept {
    const Int swapped = load_big_endian<Int>(reinterpret_cast<const std::byte*>(&value));
    std::memcpy(to, &swapped, sizeof swapped);
}

class wire_writer {
  public:
    struct gap {
        /// Where in buffer() the bytes belong.
        std::size_t position = 0;
        std::size_t size = 0;
        /// The sender's own number for them.
        std::size_t token = 0;
    };

    wire_writer() = default;
    static wire_writer counting_only() noexcept {
        wire_writer made;
        made.counting_ = true;
        return made;
    }

    template <std::integral Int>
    void integer(Int value) {
        std::byte raw[sizeof(Int)];
        store_big_endian(raw, value);
        append({raw, sizeof raw});
    }
    void boolean(bool value) { integer<std::int8_t>(value ? 1 : 0); }
    void real(double value) { integer(std::bit_cast<std::int64_t>(value)); }
    void id(const uuid& value) { append(std::as_bytes(std::span(value.octets))); }

    void unsigned_varint(std::uint32_t value);
    void unsigned_varlong(std::uint64_t value);
    void varint(std::int32_t value);
    void varlong(std::int64_t value);

    /// A string longer than the form can say (32767 bytes in classic) is cut.
    void string(std::string_view text, encoding form);
    void null_string(encoding form);
    void byte_string(bytes_view data, encoding form);
    /// Null bytes and null arrays look the same.
    void null_bytes(encoding form);
    void count(std::size_t elements, encoding form);
    /// Length of byte_string, whose bytes the sender puts there.
    void gap_string(std::size_t size, std::size_t token, encoding form);

    void append(bytes_view data) {
        size_ += data.size();
        if (!counting_) {
            buffer_.append(reinterpret_cast<const char*>(data.data()), data.size());
        }
    }
    /// Overwrites what integer() wrote at `position`.
    template <std::integral Int>
    void patch(std::size_t position, Int value) {
        LB_ASSERT(position + sizeof(Int) <= buffer_.size());
        store_big_endian(reinterpret_cast<std::byte*>(buffer_.data() + position), value);
    }

    /// With gaps.
    [[nodiscard]] std::size_t total_size() const noexcept { return size_; }
    [[nodiscard]] const std::string& buffer() const noexcept { return buffer_; }
    [[nodiscard]] bytes_view view() const noexcept { return as_bytes(buffer_); }
    [[nodiscard]] const std::vector<gap>& gaps() const noexcept { return gaps_; }
    std::string take_buffer() noexcept { return std::move(buffer_); }
    std::vector<gap> take_gaps() noexcept { return std::move(gaps_); }
    void reserve(std::size_t size) { buffer_.reserve(size); }

  private:
    void length(std::size_t value, encoding form, std::size_t width);

    std::string buffer_;
    std::vector<gap> gaps_;
    std::size_t size_ = 0;
    bool counting_ = false;
};

} // namespace logboom::kafka
