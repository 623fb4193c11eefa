// Finds secrets in texts by the names before them and by what URLs look like. It looks at
// characters, not at a grammar: a config that is shown because it is broken must be masked too.
#include "base/secrets.h"

#include "base/ascii.h"
#include "base/edit_distance.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <mutex>
#include <shared_mutex>

namespace logboom {
namespace {

constexpr std::string_view mask = "***";
/// Longer than this nothing is looked for the end of: what follows counts as secret.
constexpr std::size_t value_size_max = std::size_t{64} * 1024;

/// In a name without its separators: X-Api-Key, api.key and api_key are one.
constexpr std::array<std::string_view, 13> secret_words{
    "password",
    "passwd",
    "passphrase",
    "secret",
    "token",
    "apikey",
    "jaas",
    "cloudauth",
    "authorization",
    "credential",
    "keystorekey",
    "registrykey",
    "privatekey",
};
/// Too short to look for inside of others: one of the words that the name is made of.
constexpr std::array<std::string_view, 4> short_words{"pass", "pwd", "pw", "cookie"};
/// Of a URL's parameters these hold secrets, too: keys and signatures of who may call.
constexpr std::array<std::string_view, 4> parameter_names{"key", "sig", "signature", "code"};
/// These are known when they are misspelled, too: an unknown setting is shown with its line.
constexpr std::array<std::string_view, 5> long_words{
    "password", "passphrase", "cloud_auth", "authorization", "api_key"};
constexpr std::array<std::string_view, 10> places{
    "path", "location", "file", "url", ".conf", ".yml", ".yaml", ".properties", ".pem", ".log"};

bool is_word(char each) {
    return is_letter(each) || is_digit(each) || each == '_' || each == '.' || each == '-';
}
bool is_space(char each) {
    return each == ' ' || each == '\t' || each == '\r' || each == '\n';
}
bool is_quote(char each) {
    return each == '"' || each == '\'';
}

/// How many letters may be wrong in one of long_words.
constexpr std::size_t slips_in(std::string_view word) {
    return word.size() > 7 ? 2 : 1;
}

/// The letters that are in it, a bit each, whatever their case.
constexpr std::uint32_t letters_of(std::string_view text) {
    std::uint32_t letters = 0;
    for (const char each : text) {
        if (is_letter(each)) {
            letters |= 1U << static_cast<unsigned>(lower_case(each) - 'a');
        }
    }
    return letters;
}

/// What no secret's name is without. Nearly every word of every line of the log is asked about, and
/// this tells of nearly all that they are none.
struct needed_letters {
    std::uint32_t letters;
    std::size_t missing_max;

    [[nodiscard]] constexpr bool are_in(std::uint32_t name) const {
        return static_cast<std::size_t>(std::popcount(letters & ~name)) <= missing_max;
    }
};

constexpr auto all_needed_letters() {
    std::array<needed_letters, secret_words.size() + short_words.size() + long_words.size() + 1>
        all{};
    std::size_t count = 0;
    for (const std::string_view each : secret_words) {
        all[count++] = {letters_of(each), 0};
    }
    for (const std::string_view each : short_words) {
        all[count++] = {letters_of(each), 0};
    }
    for (const std::string_view each : long_words) {
        all[count++] = {letters_of(each), slips_in(each)};
    }
    all[count] = {letters_of("auth"), 0};
    return all;
}

bool may_be_secret(std::string_view name) {
    static constexpr auto needed = all_needed_letters();
    const std::uint32_t letters = letters_of(name);
    return std::any_of(needed.begin(), needed.end(), [&](const needed_letters& each) {
        return each.are_in(letters);
    });
}

bool is_near(std::string_view part, std::string_view word) {
    const std::size_t slips = slips_in(word);
    return part.size() + slips >= word.size() && part.size() <= word.size() + slips &&
           edit_distance(part, word) <= slips;
}

/// The words that a name is made of.
std::vector<std::string_view> words_of(std::string_view name) {
    std::vector<std::string_view> out;
    for (std::size_t begin = 0; begin < name.size();) {
        const std::size_t end = std::min(name.find_first_of("_.-", begin), name.size());
        out.push_back(name.substr(begin, end - begin));
        begin = end + 1;
    }
    return out;
}

bool is_misspelled_secret(std::string_view name, const std::vector<std::string_view>& words) {
    return std::any_of(long_words.begin(), long_words.end(), [&](std::string_view known) {
        return is_near(name, known) ||
               std::any_of(words.begin(), words.end(), [&](std::string_view each) {
                   return is_near(each, known);
               });
    });
}

/// auth, X-Auth, proxy_auth; what ssl.client.auth says is none.
bool ends_with_auth(const std::vector<std::string_view>& words) {
    return !words.empty() && words.back() == "auth" &&
           (words.size() < 2 || words[words.size() - 2] != "client");
}

template <class Names>
bool is_among(const Names& names, std::string_view each) {
    return std::find(names.begin(), names.end(), each) != names.end();
}

/// Values that are secret wherever they stand; there are as many as a config has variables.
struct kept_secrets {
    std::shared_mutex guard;
    std::vector<std::string> values;
};
kept_secrets& kept() {
    static kept_secrets all;
    return all;
}
constexpr std::size_t kept_size_min = 6;

/// Masks what keep_secret() was told.
void mask_kept(std::string& text) {
    const std::shared_lock lock(kept().guard);
    for (const std::string& each : kept().values) {
        for (std::size_t at = text.find(each); at != std::string::npos;
             at = text.find(each, at + mask.size())) {
            text.replace(at, each.size(), mask);
        }
    }
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

    /// As the pipeline language has them between a name and its value.
    void skip_comments() {
        while (current() == '#' && text_.find('\n', at_) != std::string_view::npos) {
            at_ = text_.find('\n', at_);
            skip_spaces();
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
        // /etc/jaas is a place, as long as nothing is set to a value there.
        const bool is_place = begin > 0 && text_[begin - 1] == '/';
        const std::size_t after = at_;
        // "[http][token]" => ...
        while (current() == ']') {
            ++at_;
        }
        const std::size_t quotes = at_;
        // { "password" => ... }, also inside of a string: {\"password\":...}
        while (current() == '\\' || is_quote(current())) {
            ++at_;
        }
        const bool is_quoted = at_ > quotes;
        skip_spaces();
        const char separator = current();
        while (current() == '=' || current() == '>' || current() == ':' || current() == ',') {
            ++at_;
        }
        const std::size_t separated = at_;
        skip_spaces();
        if (separated >= 2 && text_.substr(separated - 2, 2) == "=>") {
            skip_comments();
        }
        if (is_separator(separator, is_quoted, at_ > separated) &&
            (!is_place || separator == '=')) {
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
        mask_parameters(last, at_);
    }

    /// ?token=..., &sig=..., and ;password=... of JDBC.
    void mask_parameters(std::size_t begin, std::size_t end) {
        constexpr std::string_view separators = "?&;#";
        // Nothing is looked for behind it, or a text full of URLs costs its square.
        const std::string_view url = text_.substr(0, end);
        while (begin < end) {
            begin = std::min(url.find_first_of(separators, begin), end);
            const std::size_t next = std::min(url.find_first_of(separators, begin + 1), end);
            const std::size_t equals = std::min(url.find('=', begin), next);
            const std::string_view name =
                equals < next ? text_.substr(begin + 1, equals - begin - 1) : std::string_view();
            if (is_secret_name(name) || is_among(parameter_names, name)) {
                add(equals + 1, next);
            }
            begin = next;
        }
    }

    static bool has_password(std::string_view host_and_path) {
        const std::string_view host = host_and_path.substr(
            0, std::min(host_and_path.find_first_of("/?#;"), host_and_path.size())
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
    if (!may_be_secret(name)) {
        return false;
    }
    const std::string low = lower_case(name);
    // Where a secret lies is none.
    if (std::any_of(places.begin(), places.end(), [&](std::string_view each) {
            return low.ends_with(each);
        })) {
        return false;
    }
    const std::vector<std::string_view> words = words_of(low);
    std::string squeezed;
    for (const std::string_view each : words) {
        squeezed += each;
    }
    return is_misspelled_secret(low, words) || ends_with_auth(words) ||
           std::any_of(
               words.begin(),
               words.end(),
               [](std::string_view each) { return is_among(short_words, each); }
           ) ||
           std::any_of(secret_words.begin(), secret_words.end(), [&](std::string_view word) {
               return squeezed.find(word) != std::string::npos;
           });
}

std::vector<text_range> find_secrets(std::string_view text) {
    return finder(text).find();
}

void keep_secret(std::string value) {
    if (value.size() < kept_size_min) {
        return;
    }
    const std::unique_lock lock(kept().guard);
    if (!is_among(kept().values, value)) {
        kept().values.push_back(std::move(value));
    }
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
    mask_kept(out);
    return out;
}

} // namespace logboom
