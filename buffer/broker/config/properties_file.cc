// Java's .properties syntax: lines and their continuation, escapes, key and value.
#include "buffer/broker/config/properties_file.h"

#include <charconv>
#include <cstdint>

namespace logboom::broker {
namespace {

constexpr bool is_space(char each) {
    return each == ' ' || each == '\t' || each == '\f';
}

/// One logical line: natural lines joined where a backslash ends them.
class line_reader {
  public:
    explicit line_reader(std::string_view text) : rest_(text) {}

    /// False at the end of the text. Comments and blank lines come out empty.
    bool next(std::string& line) {
        line.clear();
        if (rest_.empty()) {
            return false;
        }
        first_ = number_ + 1;
        bool continued = false;
        do {
            std::string_view natural = take_natural_line();
            while (!natural.empty() && is_space(natural.front())) {
                natural.remove_prefix(1);
            }
            if (!continued && !natural.empty() &&
                (natural.front() == '#' || natural.front() == '!')) {
                return true;
            }
            continued = ends_with_odd_backslashes(natural);
            line += natural.substr(0, natural.size() - (continued ? 1 : 0));
        } while (continued && !rest_.empty());
        return true;
    }
    [[nodiscard]] int first_line() const { return first_; }

  private:
    std::string_view take_natural_line() {
        ++number_;
        const std::size_t end = rest_.find_first_of("\r\n");
        const std::string_view line = rest_.substr(0, end);
        if (end == std::string_view::npos) {
            rest_ = {};
        } else {
            const bool both = rest_.substr(end, 2) == "\r\n";
            rest_.remove_prefix(end + (both ? 2 : 1));
        }
        return line;
    }
    static bool ends_with_odd_backslashes(std::string_view line) {
        const std::size_t last = line.find_last_not_of('\\');
        const std::size_t count =
            last == std::string_view::npos ? line.size() : line.size() - last - 1;
        return count % 2 == 1;
    }

    std::string_view rest_;
    int number_ = 0;
    int first_ = 0;
};

void append_utf8(std::string& out, std::uint32_t code) {
    if (code < 0x80) {
        out += static_cast<char>(code);
    } else if (code < 0x800) {
        out += static_cast<char>(0xC0 | (code >> 6));
        out += static_cast<char>(0x80 | (code & 0x3F));
    } else {
        out += static_cast<char>(0xE0 | (code >> 12));
        out += static_cast<char>(0x80 | ((code >> 6) & 0x3F));
        out += static_cast<char>(0x80 | (code & 0x3F));
    }
}

std::string unescaped(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '\\' || i + 1 == text.size()) {
            out += text[i];
            continue;
        }
        const char kind = text[++i];
        std::uint32_t code = 0;
        const char* digits = text.data() + i + 1;
        constexpr std::size_t digit_count = 4;
        if (kind == 'u' && text.size() - i > digit_count &&
            std::from_chars(digits, digits + digit_count, code, 16).ptr == digits + digit_count) {
            append_utf8(out, code);
            i += digit_count;
            continue;
        }
        switch (kind) {
        case 't':
            out += '\t';
            break;
        case 'n':
            out += '\n';
            break;
        case 'r':
            out += '\r';
            break;
        case 'f':
            out += '\f';
            break;
        default:
            out += kind;
        }
    }
    return out;
}

/// Where the key ends: at the first separator that is not escaped.
std::size_t key_size(std::string_view line) {
    for (std::size_t i = 0; i < line.size(); ++i) {
        if (line[i] == '\\') {
            ++i;
        } else if (line[i] == '=' || line[i] == ':' || is_space(line[i])) {
            return i;
        }
    }
    return line.size();
}

} // namespace

std::vector<property> parse_properties(std::string_view text) {
    std::vector<property> found;
    line_reader reader(text);
    std::string line;
    while (reader.next(line)) {
        if (line.empty()) {
            continue;
        }
        const std::size_t size = key_size(line);
        std::string_view value = std::string_view(line).substr(size);
        bool separated = false;
        while (!value.empty() && (is_space(value.front()) ||
                                  (!separated && (value.front() == '=' || value.front() == ':')))) {
            separated = separated || !is_space(value.front());
            value.remove_prefix(1);
        }
        const std::string_view key = std::string_view(line).substr(0, size);
        found.push_back({unescaped(key), unescaped(value), reader.first_line()});
    }
    return found;
}

} // namespace logboom::broker
