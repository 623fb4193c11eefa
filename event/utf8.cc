// Decodes and checks UTF-8 by the table of the standard.
#include "event/utf8.h"

#include <cstring>

namespace logboom {
namespace {

constexpr std::uint64_t high_bits = 0x8080808080808080ULL;

unsigned byte_at(std::string_view text, std::size_t at) noexcept {
    return static_cast<unsigned char>(text[at]);
}

bool is_continuation(std::string_view text, std::size_t at) noexcept {
    return at < text.size() && is_utf8_continuation(text[at]);
}

void append_hex(unsigned number, int digits, std::string& out) {
    constexpr std::string_view hex = "0123456789ABCDEF";
    for (int shift = (digits - 1) * 4; shift >= 0; shift -= 4) {
        out.push_back(hex[(number >> static_cast<unsigned>(shift)) & 0xFU]);
    }
}

/// The letter of Ruby's short escape for a control character; 0 when it has none.
char short_escape(char each) noexcept {
    switch (each) {
    case '\n':
        return 'n';
    case '\t':
        return 't';
    case '\r':
        return 'r';
    case '\f':
        return 'f';
    case '\v':
        return 'v';
    case '\b':
        return 'b';
    case '\a':
        return 'a';
    case '\x1b':
        return 'e';
    default:
        return 0;
    }
}

void append_ascii_inspect(std::string_view rest, std::string& out) {
    const char each = rest.front();
    const char next = rest.size() > 1 ? rest[1] : '\0';
    if (each == '"' || each == '\\') {
        out.push_back('\\');
        out.push_back(each);
    } else if (each == '#' && (next == '{' || next == '$' || next == '@')) {
        out.append("\\#");
    } else if (const char letter = short_escape(each)) {
        out.push_back('\\');
        out.push_back(letter);
    } else if (byte_at(rest, 0) < 0x20 || each == '\x7f') {
        // Ruby writes DEL as \x7F and the others as \u00XX in a UTF-8 string.
        out.append(each == '\x7f' ? "\\x" : "\\u00");
        append_hex(byte_at(rest, 0), 2, out);
    } else {
        out.push_back(each);
    }
}

} // namespace

std::size_t utf8_length(std::string_view text) noexcept {
    if (text.empty()) {
        return 0;
    }
    const unsigned first = byte_at(text, 0);
    if (first < 0x80) {
        return 1;
    }
    if (first < 0xC2 || !is_continuation(text, 1)) {
        return 0;
    }
    if (first < 0xE0) {
        return 2;
    }
    const unsigned second = byte_at(text, 1);
    if (first < 0xF0) {
        const bool overlong = first == 0xE0 && second < 0xA0;
        const bool surrogate = first == 0xED && second >= 0xA0;
        return !overlong && !surrogate && is_continuation(text, 2) ? 3 : 0;
    }
    const bool overlong = first == 0xF0 && second < 0x90;
    const bool too_big = first > 0xF4 || (first == 0xF4 && second >= 0x90);
    return !overlong && !too_big && is_continuation(text, 2) && is_continuation(text, 3) ? 4 : 0;
}

std::size_t utf8_valid_prefix(std::string_view text) noexcept {
    std::size_t at = 0;
    while (at < text.size()) {
        std::uint64_t eight = 0;
        if (text.size() - at >= sizeof(eight)) {
            std::memcpy(&eight, text.data() + at, sizeof(eight));
            if ((eight & high_bits) == 0) {
                at += sizeof(eight);
                continue;
            }
        }
        const std::size_t length = utf8_length(text.substr(at));
        if (length == 0) {
            break;
        }
        at += length;
    }
    return at;
}

char32_t utf8_decode(std::string_view text, std::size_t length) noexcept {
    const unsigned first = byte_at(text, 0);
    if (length == 1) {
        return first;
    }
    unsigned code = first & (0xFFU >> (length + 1));
    for (std::size_t i = 1; i < length; ++i) {
        code = (code << 6U) | (byte_at(text, i) & 0x3FU);
    }
    return code;
}

void utf8_append(char32_t code, std::string& out) {
    const auto tail = [&](unsigned shift) {
        out.push_back(static_cast<char>(0x80U | ((static_cast<unsigned>(code) >> shift) & 0x3FU)));
    };
    const auto number = static_cast<unsigned>(code);
    if (number < 0x80) {
        out.push_back(static_cast<char>(number));
    } else if (number < 0x800) {
        out.push_back(static_cast<char>(0xC0U | (number >> 6U)));
        tail(0);
    } else if (number < 0x10000) {
        out.push_back(static_cast<char>(0xE0U | (number >> 12U)));
        tail(6);
        tail(0);
    } else {
        out.push_back(static_cast<char>(0xF0U | (number >> 18U)));
        tail(12);
        tail(6);
        tail(0);
    }
}

void append_clean_utf8(std::string_view text, std::string& out) {
    for (;;) {
        const std::size_t valid = utf8_valid_prefix(text);
        out.append(text.substr(0, valid));
        if (valid == text.size()) {
            return;
        }
        out.append(utf8_replacement);
        text.remove_prefix(valid + 1);
    }
}

void append_ruby_inspect(std::string_view text, std::string& out) {
    while (!text.empty()) {
        const std::size_t length = utf8_length(text);
        if (length == 0) {
            out.append("\\x");
            append_hex(byte_at(text, 0), 2, out);
            text.remove_prefix(1);
        } else if (length == 1) {
            append_ascii_inspect(text, out);
            text.remove_prefix(1);
        } else {
            const auto code = static_cast<unsigned>(utf8_decode(text, length));
            // C1 controls and the line separators are not printable for Ruby.
            if ((code >= 0x80 && code < 0xA0) || code == 0x2028 || code == 0x2029) {
                out.append("\\u");
                append_hex(code, 4, out);
            } else {
                out.append(text.substr(0, length));
            }
            text.remove_prefix(length);
        }
    }
}

} // namespace logboom
