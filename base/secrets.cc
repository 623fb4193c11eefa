// Finds secrets in texts by the names before them and by what URLs look like. It looks at
// characters, not at a grammar: a config that is shown because it is broken must be masked too.
#include "base/secrets.h"

#include "base/edit_distance.h"

#include <algorithm>
#include <array>

namespace logboom {
namespace {

constexpr std::string_view mask = "***";
/// Longer than this nothing is looked for the end of: what follows counts as secret.
constexpr std::size_t value_size_max = std::size_t{64} * 1024;

constexpr std::array<std::string_view, 14> secret_words{
    "password",
    "passwd",
    "passphrase",
    "secret",
    "token",
    "api_key",
    "apikey",
    "api.key",
    "jaas",
    "cloud_auth",
    "authorization",
    "credential",
    "keystore.key",
    "registry_key",
};
/// These are known when they are misspelled, too: an unknown setting is shown with its line.
constexpr std::array<std::string_view, 5> long_words{
    "password", "passphrase", "cloud_auth", "authorization", "api_key"};
constexpr std::array<std::string_view, 10> places{
    "path", "location", "file", "url", ".conf", ".yml", ".yaml", ".properties", ".pem", ".log"};

char lower_case_of(char each) {
    return each >= 'A' && each <= 'Z' ? static_cast<char>(each - 'A' + 'a') : each;
}
bool is_word(char each) {
    return (lower_case_of(each) >= 'a' && lower_case_of(each) <= 'z') ||
           (each >= '0' && each <= '9') || each == '_' || each == '.' || each == '-';
}
bool is_space(char each) {
    return each == ' ' || each == '\t' || each == '\r' || each == '\n';
}
bool is_quote(char each) {
    return each == '"' || each == '\'';
}

bool is_near(std::string_view part, std::string_view word) {
    const std::size_t slips = word.size() > 7 ? 2 : 1;
    return part.size() + slips >= word.size() && part.size() <= word.size() + slips &&
           edit_distance(part, word) <= slips;
}

/// The whole name, or one of the words it is made of.
bool is_misspelled_secret(std::string_view name) {
    for (const std::string_view word : long_words) {
        if (is_near(name, word)) {
            return true;
        }
        for (std::size_t begin = 0; begin < name.size();) {
            const std::size_t end = std::min(name.find_first_of("_.-", begin), name.size());
            if (is_near(name.substr(begin, end - begin), word)) {
                return true;
            }
            begin = end + 1;
        }
    }
    return false;
}

class finder {
  public:
    explicit finder(std::string_view text) : text_(text) {}

    std::vector<text_range> find() {
        while (at_ < text_.size()) {
            if (is_token_begin() && take_user_of_host()) {
                continue;
            }
            if (is_word(text_[at_])) {
                take_word();
            } else if (text_.substr(at_).starts_with("://")) {
                take_user_of_url();
            } else {
                ++at_;
            }
        }
        return std::move(found_);
    }

  private:
    [[nodiscard]] char current() const { return at_ < text_.size() ? text_[at_] : '\0'; }

    void skip_spaces() {
        while (at_ < text_.size() && is_space(text_[at_])) {
            ++at_;
        }
    }

    void add(std::size_t begin, std::size_t end) {
        if (begin < end && text_.substr(begin, end - begin) != mask) {
            found_.push_back({begin, end});
        }
    }

    void take_word() {
        const std::size_t begin = at_;
        while (at_ < text_.size() && is_word(text_[at_])) {
            ++at_;
        }
        if (!is_secret_name(text_.substr(begin, at_ - begin))) {
            return;
        }
        const std::size_t after = at_;
        // { "password" => ... }, also inside of a string: {\"password\":...}
        while (current() == '\\' || is_quote(current())) {
            ++at_;
        }
        const bool is_quoted = at_ > after;
        skip_spaces();
        const char separator = current();
        while (current() == '=' || current() == '>' || current() == ':' || current() == ',') {
            ++at_;
        }
        const std::size_t separated = at_;
        skip_spaces();
        if (is_separator(separator, is_quoted, at_ > separated)) {
            take_value();
        } else {
            at_ = after;
        }
    }

    /// A colon with a space behind it is more often a sentence's than a value's, and so is a comma.
    [[nodiscard]] bool is_separator(char which, bool is_quoted, bool is_spaced) const {
        switch (which) {
        case '=':
            return true;
        case ':':
            return is_quoted || !is_spaced || is_quote(current());
        case ',':
            return is_quoted && is_quote(current());
        default:
            return !is_quoted && is_quote(which);
        }
    }

    void take_value() {
        while (current() == '\\') {
            ++at_;
        }
        if (is_quote(current())) {
            take_quoted();
        } else if (current() == '[' || current() == '{') {
            const std::size_t begin = at_ + 1;
            const std::size_t end = text_.find(current() == '[' ? ']' : '}', begin);
            at_ = end == std::string_view::npos ? text_.size() : end;
            add(begin, at_);
        } else {
            const std::size_t begin = at_;
            while (at_ < text_.size() && !is_space(text_[at_]) && text_[at_] != '}' &&
                   text_[at_] != ']') {
                ++at_;
            }
            add(begin, at_);
        }
    }

    void take_quoted() {
        const char quote = current();
        const bool is_nested = at_ > 0 && text_[at_ - 1] == '\\';
        const std::size_t begin = ++at_;
        while (at_ < text_.size() && at_ - begin < value_size_max) {
            if (text_[at_] == '\\' && at_ + 1 < text_.size()) {
                if (is_nested && text_[at_ + 1] == quote) {
                    break;
                }
                at_ += 2;
            } else if (text_[at_] == quote) {
                break;
            } else {
                ++at_;
            }
        }
        at_ = std::min(at_, text_.size());
        add(begin, at_);
        at_ = std::min(at_ + 1, text_.size());
    }

    /// https://user:password@host: what is up to the last @, as passwords hold what they like; in
    /// quotes up to the last before the closing one. What is no port behind a colon is a password
    /// that a blank has cut off from its @.
    void take_user_of_url() {
        std::size_t scheme = at_;
        while (scheme > 0 && is_word(text_[scheme - 1])) {
            --scheme;
        }
        const char quote = scheme > 0 && is_quote(text_[scheme - 1]) ? text_[scheme - 1] : '\0';
        constexpr std::size_t slashes = 3;
        at_ += slashes;
        const std::size_t begin = at_;
        std::size_t last = begin;
        while (at_ < text_.size() && text_[at_] != '\n' &&
               (quote != '\0' ? text_[at_] != quote : !is_space(text_[at_]) && !is_quote(text_[at_])
               )) {
            last = text_[at_] == '@' ? at_ : last;
            ++at_;
        }
        if (last == begin && has_password(text_.substr(begin, at_ - begin))) {
            const std::size_t line_end = std::min(text_.find('\n', at_), text_.size());
            const std::size_t at_sign = text_.find('@', at_);
            last = quote == '\0' && at_sign < line_end ? at_sign : at_;
            at_ = last;
        }
        add(begin, last);
    }

    static bool has_password(std::string_view host_and_path) {
        const std::string_view host = host_and_path.substr(
            0, std::min(host_and_path.find_first_of("/?#"), host_and_path.size())
        );
        const std::size_t colon = host.find(':');
        if (host.starts_with('[') || colon == std::string_view::npos) {
            return false;
        }
        // The sentence that the URL stands in may go on at once.
        const std::string_view port = host.substr(colon + 1);
        const std::size_t digits = std::min(port.find_first_not_of("0123456789-"), port.size());
        return port.substr(digits).find_first_not_of(":.,;)%{}<>*") != std::string_view::npos;
    }

    [[nodiscard]] bool is_token_begin() const {
        return !ends_token(text_[at_]) && (at_ == 0 || ends_token(text_[at_ - 1]));
    }
    static bool ends_token(char each) {
        return is_space(each) || is_quote(each) ||
               std::string_view("[]{}()<>=,;\\").find(each) != std::string_view::npos;
    }

    /// user:password@host, as hosts may be written.
    bool take_user_of_host() {
        std::size_t end = at_;
        while (end < text_.size() && !ends_token(text_[end])) {
            ++end;
        }
        const std::string_view token = text_.substr(at_, end - at_);
        const std::size_t last = token.rfind('@');
        if (last == std::string_view::npos || token.substr(0, last).find(':') >= last ||
            token.find("://") != std::string_view::npos) {
            return false;
        }
        add(at_, at_ + last);
        at_ = end;
        return true;
    }

    std::string_view text_;
    std::size_t at_ = 0;
    std::vector<text_range> found_;
};

} // namespace

bool is_secret_name(std::string_view name) {
    std::string low(name);
    std::transform(low.begin(), low.end(), low.begin(), lower_case_of);
    // Where a secret lies is none.
    if (std::any_of(places.begin(), places.end(), [&](std::string_view each) {
            return low.ends_with(each);
        })) {
        return false;
    }
    return is_misspelled_secret(low) ||
           std::any_of(secret_words.begin(), secret_words.end(), [&](std::string_view word) {
               return low.find(word) != std::string::npos;
           });
}

std::vector<text_range> find_secrets(std::string_view text) {
    return finder(text).find();
}

std::string without_secrets(std::string_view text) {
    std::string out;
    std::size_t shown = 0;
    for (const text_range& each : find_secrets(text)) {
        out += text.substr(shown, each.begin - shown);
        out += mask;
        shown = each.end;
    }
    out += text.substr(shown);
    return out;
}

} // namespace logboom
