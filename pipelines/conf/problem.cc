#include "pipelines/conf/problem.h"

#include "base/secrets.h"
#include "event/utf8.h"

#include <algorithm>
#include <string_view>

namespace logboom::conf {
namespace {

constexpr std::size_t line_shown_max = 160;

/// What a terminal has room for, without half a character.
std::string_view front_of(std::string_view line) {
    std::size_t size = std::min(line.size(), line_shown_max);
    while (size < line.size() && size > 0 && is_utf8_continuation(line[size])) {
        --size;
    }
    return line.substr(0, size);
}

/// The bytes of the first `count` characters; the whole when there are not so many.
std::string_view characters(std::string_view line, int count) {
    std::size_t size = 0;
    while (size < line.size() && (count > 0 || is_utf8_continuation(line[size]))) {
        count -= is_utf8_continuation(line[size]) ? 0 : 1;
        ++size;
    }
    return line.substr(0, size);
}

} // namespace

std::string problem::text() const {
    std::string out = where.text();
    out += out.empty() ? without_secrets(sentence) : ": " + without_secrets(sentence);
    if (line.empty() || where.column < 1) {
        return out;
    }
    const std::string masked = without_secrets(line);
    const std::string_view shown = front_of(masked);
    out += "\n    ";
    out += shown;
    const std::string_view before = characters(line, where.column - 1);
    const std::string masked_before = without_secrets(before);
    // Of a very long line only the front is shown.
    if (masked_before.size() > shown.size()) {
        return out;
    }
    out += "\n    ";
    for (const char each : masked_before) {
        // Tabs are repeated so that the caret stands right.
        if (!is_utf8_continuation(each)) {
            out += each == '\t' ? '\t' : ' ';
        }
    }
    return out + "^";
}

} // namespace logboom::conf
