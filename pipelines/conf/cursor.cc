// A place in the text of a config: white space and comments, names, and mistakes with their line.
#include "pipelines/conf/cursor.h"

#include <fmt/format.h>

namespace logboom::conf {
namespace {

bool is_blank(char each) noexcept {
    return each == ' ' || each == '\t' || each == '\r' || each == '\n';
}

/// As logstash-core's StringEscape: what is not known stays as it is.
std::string decode_escapes(std::string_view raw) {
    std::string out;
    for (std::size_t i = 0; i < raw.size(); ++i) {
        if (raw[i] != '\\' || i + 1 == raw.size()) {
            out.push_back(raw[i]);
            continue;
        }
        switch (const char next = raw[++i]) {
        case 'n':
            out.push_back('\n');
            break;
        case 'r':
            out.push_back('\r');
            break;
        case 't':
            out.push_back('\t');
            break;
        case '0':
            out.push_back('\0');
            break;
        case '\\':
        case '"':
        case '\'':
            out.push_back(next);
            break;
        default:
            out.push_back('\\');
            out.push_back(next);
        }
    }
    return out;
}

} // namespace

bool is_name_character(char each) noexcept {
    return is_letter(each) || is_digit(each) || each == '_' || each == '-';
}

void cursor::skip_blanks() noexcept {
    while (!at_end()) {
        if (is_blank(text_[at_])) {
            ++at_;
        } else if (text_[at_] == '#') {
            at_ = std::min(text_.find('\n', at_), text_.size());
        } else {
            return;
        }
    }
}

bool cursor::take(std::string_view token) noexcept {
    if (has_failed_ || !rest().starts_with(token)) {
        return false;
    }
    at_ += token.size();
    return true;
}

bool cursor::take_word(std::string_view word) noexcept {
    const std::string_view ahead = rest();
    if (!ahead.starts_with(word) ||
        (ahead.size() > word.size() && is_name_character(ahead[word.size()]))) {
        return false;
    }
    return take(word);
}

std::string_view cursor::take_name() noexcept {
    const std::size_t begin = at_;
    while (!at_end() && is_name_character(text_[at_])) {
        ++at_;
    }
    return since(begin);
}

bool cursor::read_string(std::string& into) {
    const std::size_t begin = at_;
    const char quote = peek();
    LB_ASSERT(quote == '"' || quote == '\'');
    bool has_escaped_quote = false;
    for (++at_; !at_end(); ++at_) {
        if (text_[at_] == quote) {
            const std::string_view raw = text_.substr(begin + 1, at_ - begin - 1);
            ++at_;
            into = options_.support_escapes ? decode_escapes(raw) : std::string(raw);
            return true;
        }
        if (text_[at_] == '\\' && at_ + 1 < text_.size() && text_[at_ + 1] == quote) {
            has_escaped_quote = true;
            ++at_;
        }
    }
    return fail_at(
        begin,
        has_escaped_quote ? "this string is never closed; a backslash before a quote keeps it open."
                          : "this string is never closed."
    );
}

std::string cursor::substitute(std::string text, std::size_t where) {
    std::string undefined;
    text = substitute_variables(std::move(text), options_.variables, undefined);
    if (!undefined.empty()) {
        report(
            where,
            fmt::format(
                "the variable ${{{0}}} is not set; set it, or give a default with "
                "${{{0}:default}}.",
                undefined
            )
        );
    }
    return text;
}

bool cursor::fail_at(std::size_t offset, std::string sentence) {
    if (!has_failed_) {
        has_failed_ = true;
        report(offset, std::move(sentence));
    }
    return false;
}

void cursor::report(std::size_t offset, std::string sentence) {
    into_.errors.push_back({from_.at(offset), std::move(sentence), from_.line_at(offset)});
}

void cursor::warn(std::size_t offset, std::string sentence) {
    into_.warnings.push_back({from_.at(offset), std::move(sentence), from_.line_at(offset)});
}

std::string cursor::next_thing() const {
    if (at_end() || (at_ + 1 == text_.size() && text_[at_] == '\n')) {
        return "the end of the config";
    }
    if (rest().starts_with("\xC2\xA0")) {
        return "a no-break space (U+00A0), which only looks like a blank";
    }
    std::size_t size = 1;
    while (is_name_character(text_[at_]) && at_ + size < text_.size() &&
           is_name_character(text_[at_ + size])) {
        ++size;
    }
    // A character of several bytes is shown whole.
    while (at_ + size < text_.size() &&
           (static_cast<unsigned char>(text_[at_ + size]) & 0xC0U) == 0x80) {
        ++size;
    }
    constexpr std::size_t shown_max = 40;
    return fmt::format("'{}'", text_.substr(at_, std::min(size, shown_max)));
}

bool cursor::enter() {
    if (depth_ == depth_max) {
        return fail(fmt::format("this is nested more than {} deep.", depth_max));
    }
    ++depth_;
    return true;
}

} // namespace logboom::conf
