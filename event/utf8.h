// UTF-8, as strictly as the standard has it: no overlong forms, no surrogates, nothing above
// U+10FFFF. What the charset conversion, the JSON writer and rubydebug share. Pure functions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace logboom {

/// Bytes of the character at the front of `text`; 0 when it is not valid (or `text` is empty).
std::size_t utf8_length(std::string_view text) noexcept;
/// Length of the longest valid prefix: text.size() when all of it is valid.
std::size_t utf8_valid_prefix(std::string_view text) noexcept;
inline bool is_utf8(std::string_view text) noexcept {
    return utf8_valid_prefix(text) == text.size();
}
/// An octet inside a character, which none begins with.
constexpr bool is_utf8_continuation(char octet) noexcept {
    return (static_cast<unsigned char>(octet) & 0xC0U) == 0x80U;
}
/// The code point of the valid character of `length` bytes at the front of `text`.
char32_t utf8_decode(std::string_view text, std::size_t length) noexcept;
/// `code` must be a Unicode scalar value.
void utf8_append(char32_t code, std::string& out);

/// U+FFFD, for what cannot be decoded.
inline constexpr std::string_view utf8_replacement = "\xEF\xBF\xBD";

/// `text` with U+FFFD for every byte that belongs to no valid character.
void append_clean_utf8(std::string_view text, std::string& out);

/// The text between the quotes of Ruby's String#inspect: `"` and `\` escaped, control characters as
/// \n \t \e \u0000 ..., "#{" "#$" "#@" as "\#{", invalid bytes as \xE9.
void append_ruby_inspect(std::string_view text, std::string& out);

} // namespace logboom
