#include "buffer/broker/state/state_record.h"

#include "base/assertion.h"

#include <cstdlib>
#include <limits>

namespace logboom::broker {

namespace {

/// How many octets follow `first` in a UTF-8 sequence; 0 when none can begin with it.
int continuation_count(unsigned char first) {
    if (first >= 0xC2 && first < 0xE0) {
        return 1;
    }
    if (first >= 0xE0 && first < 0xF0) {
        return 2;
    }
    return first >= 0xF0 && first < 0xF5 ? 3 : 0;
}

/// The next code point; what is not UTF-8 becomes U+FFFD, as Java's decoder makes it.
char32_t next_code_point(std::string_view text, std::size_t& at) {
    constexpr char32_t replacement = 0xFFFD;
    const auto octet = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned char first = octet(at++);
    if (first < 0x80) {
        return first;
    }
    const int more = continuation_count(first);
    if (more == 0) {
        return replacement;
    }
    char32_t code = first & (0x3FU >> static_cast<unsigned>(more));
    // Overlong forms, surrogates and what is beyond Unicode show in the second octet.
    unsigned char least = first == 0xE0 ? 0xA0 : first == 0xF0 ? 0x90 : 0x80;
    unsigned char most = first == 0xED ? 0x9F : first == 0xF4 ? 0x8F : 0xBF;
    for (int i = 0; i < more; ++i) {
        if (at >= text.size() || octet(at) < least || octet(at) > most) {
            return replacement;
        }
        code = (code << 6U) | (octet(at++) & 0x3FU);
        least = 0x80;
        most = 0xBF;
    }
    return code;
}

std::int32_t java_hash(std::string_view text) {
    std::uint32_t hash = 0;
    for (std::size_t at = 0; at < text.size();) {
        const char32_t code = next_code_point(text, at);
        if (code >= 0x10000) {
            hash = hash * 31 + (0xD800 + ((code - 0x10000) >> 10U));
            hash = hash * 31 + (0xDC00 + ((code - 0x10000) & 0x3FFU));
        } else {
            hash = hash * 31 + code;
        }
    }
    return static_cast<std::int32_t>(hash);
}

} // namespace

partition_id partition_of_state(std::string_view key, std::int32_t partition_count) {
    LB_ASSERT(partition_count > 0);
    const std::int32_t hash = java_hash(key);
    const std::int32_t positive =
        hash == std::numeric_limits<std::int32_t>::min() ? 0 : std::abs(hash);
    return partition_id(positive % partition_count);
}

} // namespace logboom::broker
