#include "pipelines/filters/letter_case.h"

#include "event/utf8.h"

#include <clocale>
#include <cwctype>
#include <locale.h>

namespace logboom {
namespace {

constexpr char32_t sharp_s = 0xDF;

/// Present in every Debian without the locales package.
locale_t unicode_locale() {
    static const locale_t shared = newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr);
    return shared;
}

char ascii_in_case(char each, bool to_upper) noexcept {
    const bool is_letter = to_upper ? each >= 'a' && each <= 'z' : each >= 'A' && each <= 'Z';
    return is_letter ? static_cast<char>(each ^ 0x20) : each;
}

void append_wide(char32_t code, bool to_upper, std::string& out) {
    const locale_t locale = unicode_locale();
    if (locale == nullptr) {
        utf8_append(code, out);
        return;
    }
    const auto wide = static_cast<wint_t>(code);
    const wint_t mapped = to_upper ? towupper_l(wide, locale) : towlower_l(wide, locale);
    utf8_append(static_cast<char32_t>(mapped), out);
}

} // namespace

void append_in_case(std::string_view text, letter_case to, std::string& out) {
    bool is_first = true;
    while (!text.empty()) {
        const bool to_upper = to == letter_case::upper || (to == letter_case::capital && is_first);
        const std::size_t length = utf8_length(text);
        if (length <= 1) {
            out.push_back(length == 0 ? text.front() : ascii_in_case(text.front(), to_upper));
        } else if (const char32_t code = utf8_decode(text, length); code == sharp_s && to_upper) {
            out.append(to == letter_case::capital ? "Ss" : "SS");
        } else {
            append_wide(code, to_upper, out);
        }
        text.remove_prefix(length == 0 ? 1 : length);
        is_first = false;
    }
}

} // namespace logboom
