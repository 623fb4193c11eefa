// JSON text to values in one pass, bounded in depth and length.
#include "codecs/text/json_reader.h"

#include "base/ascii.h"
#include "event/json_scan.h"
#include "event/utf8.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <numeric>
#include <vector>

namespace logboom {
namespace {

/// Above this many keys repeated ones are looked for by sorting.
constexpr std::uint32_t few_keys = 16;

/// Each key keeps its first place and its last value.
void drop_repeated_few(value_map& map) {
    for (std::uint32_t i = 1; i < map.size;) {
        map_entry& entry = map.entries[i];
        map_entry* const earlier = std::find_if(map.entries, &entry, [&](const map_entry& each) {
            return each.key == entry.key;
        });
        if (earlier == &entry) {
            ++i;
            continue;
        }
        earlier->item = entry.item;
        std::copy(&entry + 1, map.end(), &entry);
        --map.size;
    }
}

/// Each key keeps its last place and value.
void drop_repeated_many(value_map& map) {
    std::vector<std::uint32_t> order(map.size);
    std::iota(order.begin(), order.end(), 0U);
    std::stable_sort(order.begin(), order.end(), [&](std::uint32_t left, std::uint32_t right) {
        return map.entries[left].key < map.entries[right].key;
    });
    std::vector<bool> keep(map.size, true);
    for (std::size_t i = 1; i < order.size(); ++i) {
        keep[order[i - 1]] = map.entries[order[i - 1]].key != map.entries[order[i]].key;
    }
    std::uint32_t kept = 0;
    for (std::uint32_t i = 0; i < map.size; ++i) {
        if (keep[i]) {
            map.entries[kept++] = map.entries[i];
        }
    }
    map.size = kept;
}

/// What is gathered of containers that are still open, innermost last; one per thread, so that
/// documents do not allocate.
struct scratch_space {
    std::vector<map_entry> entries;
    std::vector<value> items;
    std::string text;
};

/// One document. Every read_ starts at its first character and stops behind its last; it returns
/// false after fail().
class parser {
  public:
    parser(std::string_view text, arena& memory, int depth_max, scratch_space& scratch)
        : text_(text), memory_(memory), depth_left_(depth_max), scratch_(scratch) {}

    result<value> read_document() {
        value root;
        if (read_value(root)) {
            skip_space();
            if (at_ == text_.size()) {
                return root;
            }
            fail("there is more text behind the value");
        }
        scratch_.entries.clear();
        scratch_.items.clear();
        return error(code_, std::string(what_) + " at byte " + std::to_string(at_));
    }

  private:
    bool fail(const char* what, text_errc code = text_errc::bad_json) {
        what_ = what;
        code_ = code;
        return false;
    }
    [[nodiscard]] char peek() const noexcept { return at_ < text_.size() ? text_[at_] : '\0'; }
    bool take(char wanted) noexcept {
        if (peek() != wanted || at_ == text_.size()) {
            return false;
        }
        ++at_;
        return true;
    }
    void skip_space() noexcept {
        while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\n' ||
                                      text_[at_] == '\r' || text_[at_] == '\t')) {
            ++at_;
        }
    }

    bool read_value(value& out) {
        skip_space();
        switch (peek()) {
        case '{':
            return read_map(out);
        case '[':
            return read_array(out);
        case '"': {
            std::string_view text;
            if (!read_string(text)) {
                return false;
            }
            out = value::of(text);
            return true;
        }
        case 't':
            out = value::of(true);
            return read_word("true");
        case 'f':
            out = value::of(false);
            return read_word("false");
        case 'n':
            out = value();
            return read_word("null");
        default:
            return read_number(out);
        }
    }

    bool read_word(std::string_view word) {
        if (!text_.substr(at_).starts_with(word)) {
            return fail("there is no value");
        }
        at_ += word.size();
        return true;
    }

    bool enter() {
        ++at_;
        return --depth_left_ >= 0 || fail("it is nested too deeply", text_errc::json_too_deep);
    }

    bool read_map(value& out) {
        const std::size_t begin = scratch_.entries.size();
        if (!enter()) {
            return false;
        }
        skip_space();
        bool more = !take('}');
        while (more) {
            map_entry entry;
            skip_space();
            if (peek() != '"') {
                return fail("a key is missing");
            }
            if (!read_string(entry.key)) {
                return false;
            }
            skip_space();
            if (!take(':')) {
                return fail("a colon is missing");
            }
            if (!read_value(entry.item)) {
                return false;
            }
            scratch_.entries.push_back(entry);
            skip_space();
            more = take(',');
            if (!more && !take('}')) {
                return fail("a comma or the end of the object is missing");
            }
        }
        ++depth_left_;
        out = value::new_map(memory_);
        value_map& map = out.as_map();
        const std::size_t count = scratch_.entries.size() - begin;
        map.reserve(memory_, static_cast<std::uint32_t>(count));
        std::copy_n(
            scratch_.entries.begin() + static_cast<std::ptrdiff_t>(begin), count, map.entries
        );
        map.size = static_cast<std::uint32_t>(count);
        scratch_.entries.resize(begin);
        map.size <= few_keys ? drop_repeated_few(map) : drop_repeated_many(map);
        return true;
    }

    bool read_array(value& out) {
        const std::size_t begin = scratch_.items.size();
        if (!enter()) {
            return false;
        }
        skip_space();
        bool more = !take(']');
        while (more) {
            value item;
            if (!read_value(item)) {
                return false;
            }
            scratch_.items.push_back(item);
            skip_space();
            more = take(',');
            if (!more && !take(']')) {
                return fail("a comma or the end of the array is missing");
            }
        }
        ++depth_left_;
        out = value::new_array(memory_);
        value_array& list = out.as_array();
        const std::size_t count = scratch_.items.size() - begin;
        list.reserve(memory_, static_cast<std::uint32_t>(count));
        std::copy_n(scratch_.items.begin() + static_cast<std::ptrdiff_t>(begin), count, list.items);
        list.size = static_cast<std::uint32_t>(count);
        scratch_.items.resize(begin);
        return true;
    }

    bool read_string(std::string_view& out) {
        const std::size_t begin = ++at_;
        for (;;) {
            at_ += json_plain_run(text_.substr(at_));
            if (take('"')) {
                out = text_.substr(begin, at_ - begin - 1);
                return true;
            }
            const std::size_t length =
                static_cast<unsigned char>(peek()) >= 0x80 ? utf8_length(text_.substr(at_)) : 0;
            if (length == 0) {
                return read_string_with_escapes(begin, out);
            }
            at_ += length;
        }
    }

    /// From the first character on that does not stand for itself; what is before is good.
    bool read_string_with_escapes(std::size_t begin, std::string_view& out) {
        std::string& decoded = scratch_.text;
        decoded.assign(text_.substr(begin, at_ - begin));
        while (!take('"')) {
            if (at_ >= text_.size()) {
                return fail("a string is not closed");
            }
            const std::size_t run = json_plain_run(text_.substr(at_));
            decoded.append(text_.substr(at_, run));
            at_ += run;
            if (peek() == '\\') {
                if (!read_escape(decoded)) {
                    return false;
                }
            } else if (static_cast<unsigned char>(peek()) >= 0x80) {
                const std::size_t length = utf8_length(text_.substr(at_));
                decoded.append(length == 0 ? utf8_replacement : text_.substr(at_, length));
                at_ += std::max<std::size_t>(length, 1);
            } else if (at_ < text_.size() && peek() != '"') {
                return fail("a control character in a string is not escaped");
            }
        }
        out = memory_.copy(decoded);
        return true;
    }

    bool read_escape(std::string& into) {
        ++at_;
        const char letter = peek();
        ++at_;
        switch (letter) {
        case '"':
        case '\\':
        case '/':
            into.push_back(letter);
            return true;
        case 'n':
            into.push_back('\n');
            return true;
        case 't':
            into.push_back('\t');
            return true;
        case 'r':
            into.push_back('\r');
            return true;
        case 'b':
            into.push_back('\b');
            return true;
        case 'f':
            into.push_back('\f');
            return true;
        case 'u':
            return read_unicode_escape(into);
        default:
            --at_;
            return fail("there is no such escape");
        }
    }

    bool read_hex(unsigned& out) {
        out = 0;
        for (int i = 0; i < 4; ++i, ++at_) {
            const int digit = hex_digit(peek());
            if (digit < 0) {
                return fail("\\u wants four hexadecimal digits");
            }
            out = out * 16 + static_cast<unsigned>(digit);
        }
        return true;
    }

    bool read_unicode_escape(std::string& into) {
        unsigned unit = 0;
        if (!read_hex(unit)) {
            return false;
        }
        const bool is_high = unit >= 0xD800 && unit < 0xDC00;
        if (is_high && text_.substr(at_).starts_with("\\u")) {
            const std::size_t behind_high = at_;
            at_ += 2;
            unsigned low = 0;
            if (!read_hex(low)) {
                return false;
            }
            if (low >= 0xDC00 && low < 0xE000) {
                utf8_append(0x10000 + ((unit - 0xD800) << 10U) + (low - 0xDC00), into);
                return true;
            }
            at_ = behind_high;
        }
        // Half a pair stands for nothing.
        unit >= 0xD800 && unit < 0xE000 ? void(into.append(utf8_replacement))
                                        : utf8_append(unit, into);
        return true;
    }

    std::size_t skip_digits() noexcept {
        const std::size_t begin = at_;
        while (is_digit(peek())) {
            ++at_;
        }
        return at_ - begin;
    }

    bool read_number(value& out) {
        const std::size_t begin = at_;
        take('-');
        const bool leading_zero = peek() == '0';
        const std::size_t digits = skip_digits();
        if (digits == 0) {
            return fail("there is no value");
        }
        if (leading_zero && digits > 1) {
            return fail("a number begins with zero");
        }
        bool is_integer = true;
        if (take('.')) {
            is_integer = false;
            if (skip_digits() == 0) {
                return fail("a number has no digit behind its point");
            }
        }
        if (take('e') || take('E')) {
            is_integer = false;
            if (!take('+')) {
                take('-');
            }
            if (skip_digits() == 0) {
                return fail("a number has no digit in its exponent");
            }
        }
        return convert_number(text_.substr(begin, at_ - begin), is_integer, out);
    }

    bool convert_number(std::string_view text, bool is_integer, value& out) {
        const char* const end = text.data() + text.size();
        std::int64_t integer = 0;
        if (is_integer && std::from_chars(text.data(), end, integer).ec == std::errc{}) {
            out = value::of(integer);
            return true;
        }
        std::uint64_t beyond = 0;
        if (is_integer && std::from_chars(text.data(), end, beyond).ec == std::errc{}) {
            out = value::of(beyond);
            return true;
        }
        double real = 0;
        if (std::from_chars(text.data(), end, real).ec != std::errc{}) {
            // Too small is zero, too big is not a number that could be written again.
            real = std::strtod(std::string(text).c_str(), nullptr);
            if (std::isinf(real)) {
                return fail("a number is too big");
            }
        }
        out = value::of(real);
        return true;
    }

    std::string_view text_;
    arena& memory_;
    int depth_left_;
    scratch_space& scratch_;
    std::size_t at_ = 0;
    const char* what_ = "";
    text_errc code_ = text_errc::bad_json;
};

} // namespace

result<value> read_kept_json(std::string_view text, arena& memory, const json_limits& limits) {
    if (text.size() > limits.text_size) {
        return error(text_errc::json_too_long, std::to_string(text.size()) + " bytes");
    }
    thread_local scratch_space scratch;
    return parser(text, memory, limits.depth, scratch).read_document();
}

result<value> read_json(std::string_view text, arena& memory, const json_limits& limits) {
    if (text.size() > limits.text_size) {
        return error(text_errc::json_too_long, std::to_string(text.size()) + " bytes");
    }
    return read_kept_json(memory.copy(text), memory, limits);
}

} // namespace logboom
