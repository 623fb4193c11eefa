#include "base/ids.h"

#include <random>

namespace logboom {
namespace {

constexpr std::string_view alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::size_t text_length = 22;

} // namespace

std::string uuid::text() const {
    std::string out;
    out.reserve(text_length);
    unsigned bits = 0;
    unsigned count = 0;
    for (const std::uint8_t octet : octets) {
        bits = (bits << 8U) | octet;
        count += 8;
        while (count >= 6) {
            count -= 6;
            out.push_back(alphabet[(bits >> count) & 63U]);
        }
    }
    out.push_back(alphabet[(bits << (6 - count)) & 63U]);
    return out;
}

uuid uuid::random() {
    std::random_device device;
    uuid id;
    do {
        for (std::size_t i = 0; i < id.octets.size(); i += 4) {
            const unsigned word = device();
            for (std::size_t j = 0; j < 4; ++j) {
                id.octets[i + j] = static_cast<std::uint8_t>(word >> (8 * j));
            }
        }
        id.octets[6] = static_cast<std::uint8_t>((id.octets[6] & 0x0FU) | 0x40U);
        id.octets[8] = static_cast<std::uint8_t>((id.octets[8] & 0x3FU) | 0x80U);
    } while (id.text().front() == '-');
    return id;
}

bool uuid::parse(std::string_view text, uuid& out) {
    if (text.size() != text_length) {
        return false;
    }
    uuid id;
    unsigned bits = 0;
    unsigned count = 0;
    std::size_t at = 0;
    for (const char character : text) {
        const auto digit = alphabet.find(character);
        if (digit == std::string_view::npos) {
            return false;
        }
        bits = (bits << 6U) | static_cast<unsigned>(digit);
        count += 6;
        if (count >= 8 && at < id.octets.size()) {
            count -= 8;
            id.octets[at++] = static_cast<std::uint8_t>(bits >> count);
        }
    }
    out = id;
    return true;
}

} // namespace logboom
