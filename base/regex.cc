// Oniguruma behind base/regex.h: one program for UTF-8, one for bytes, every search within its
// limits.
#include "base/regex.h"

#include "base/assertion.h"

#include <oniguruma.h>

#include <algorithm>
#include <cstring>
#include <mutex>

namespace logboom {
namespace {

const OnigUChar* octets(const char* text) noexcept {
    return reinterpret_cast<const OnigUChar*>(text);
}

bool is_ascii(std::string_view text) noexcept {
    constexpr std::uint64_t high_bits = 0x8080808080808080ULL;
    std::size_t at = 0;
    for (; at + sizeof(std::uint64_t) <= text.size(); at += sizeof(std::uint64_t)) {
        std::uint64_t word = 0;
        std::memcpy(&word, text.data() + at, sizeof(word));
        if ((word & high_bits) != 0) {
            return false;
        }
    }
    for (; at < text.size(); ++at) {
        if (static_cast<unsigned char>(text[at]) >= 0x80) {
            return false;
        }
    }
    return true;
}

bool is_searchable_utf8(std::string_view text) noexcept {
    return is_ascii(text) ||
           onigenc_is_valid_mbc_string(
               ONIG_ENCODING_UTF8, octets(text.data()), octets(text.data() + text.size())
           ) != 0;
}

struct match_param {
    OnigMatchParam* held = onig_new_match_param();
    match_param() = default;
    match_param(const match_param&) = delete;
    match_param& operator=(const match_param&) = delete;
    ~match_param() { onig_free_match_param(held); }
};

/// The engine's tables are built once a process.
void initialise_engine() {
    static std::once_flag once;
    std::call_once(once, [] {
        OnigEncoding encodings[] = {ONIG_ENCODING_UTF8, ONIG_ENCODING_ASCII};
        onig_initialize(encodings, 2);
    });
}

regex_t* compile_as(std::string_view pattern, OnigEncoding encoding, std::string& why) {
    regex_t* made = nullptr;
    OnigErrorInfo info{};
    const int code = onig_new(
        &made,
        octets(pattern.data()),
        octets(pattern.data() + pattern.size()),
        ONIG_OPTION_CAPTURE_GROUP,
        encoding,
        ONIG_SYNTAX_RUBY,
        &info
    );
    if (code == ONIG_NORMAL) {
        return made;
    }
    OnigUChar text[ONIG_MAX_ERROR_MESSAGE_LEN];
    const int size = onig_error_code_to_str(text, code, &info);
    why.assign(reinterpret_cast<const char*>(text), static_cast<std::size_t>(size));
    return nullptr;
}

} // namespace

const char* describe(regex_errc value) {
    switch (value) {
    case regex_errc::bad_pattern:
        return "the regular expression cannot be compiled";
    }
    return "unknown error";
}

struct regex_captures::region {
    OnigRegion* held = onig_region_new();
    region() = default;
    region(const region&) = delete;
    region& operator=(const region&) = delete;
    ~region() { onig_region_free(held, 1); }
};

regex_captures::regex_captures() : region_(std::make_unique<region>()) {}
regex_captures::regex_captures(regex_captures&&) noexcept = default;
regex_captures& regex_captures::operator=(regex_captures&&) noexcept = default;
regex_captures::~regex_captures() = default;

int regex_captures::count() const noexcept {
    return region_->held->num_regs;
}

std::ptrdiff_t regex_captures::begin(int number) const noexcept {
    LB_ASSERT(number >= 0 && number < count());
    return region_->held->beg[number];
}

std::ptrdiff_t regex_captures::end(int number) const noexcept {
    LB_ASSERT(number >= 0 && number < count());
    return region_->held->end[number];
}

std::optional<std::string_view> regex_captures::group(int number) const noexcept {
    const auto from = begin(number);
    if (from < 0) {
        return std::nullopt;
    }
    return text_.substr(
        static_cast<std::size_t>(from), static_cast<std::size_t>(end(number) - from)
    );
}

regex_text::regex_text(std::string_view text) : text_(text), is_utf8_(is_searchable_utf8(text)) {}

struct regex::compiled {
    std::string pattern;
    regex_t* characters = nullptr;
    /// The same pattern over bytes, made when the first text that is no UTF-8 comes along; null
    /// when the pattern has no meaning there.
    mutable regex_t* octets_only = nullptr;
    mutable std::once_flag octets_once;
    std::vector<regex_name> names;

    compiled() = default;
    compiled(const compiled&) = delete;
    compiled& operator=(const compiled&) = delete;
    ~compiled() {
        onig_free(characters);
        onig_free(octets_only);
    }

    [[nodiscard]] regex_t* engine_for(const regex_text& text) const {
        if (text.is_utf8()) [[likely]] {
            return characters;
        }
        std::call_once(octets_once, [this] {
            std::string why;
            octets_only = compile_as(pattern, ONIG_ENCODING_ASCII, why);
        });
        return octets_only;
    }

    [[nodiscard]] regex_outcome search(
        const regex_text& in, std::size_t from, OnigRegion* region, std::uint64_t step_limit
    ) const {
        regex_t* engine = engine_for(in);
        const std::string_view text = in.view();
        if (engine == nullptr || from > text.size()) {
            return regex_outcome::unmatched;
        }
        static thread_local match_param param;
        onig_initialize_match_param(param.held);
        onig_set_retry_limit_in_match_of_match_param(param.held, step_limit);
        onig_set_retry_limit_in_search_of_match_param(param.held, step_limit);
        const auto* begin = octets(text.data());
        const auto* end = begin + text.size();
        const int at = onig_search_with_param(
            engine, begin, end, begin + from, end, region, ONIG_OPTION_NONE, param.held
        );
        if (at >= 0) {
            return regex_outcome::matched;
        }
        // Everything else that can go wrong is a limit of the engine (stack, retries, memory).
        return at == ONIG_MISMATCH ? regex_outcome::unmatched : regex_outcome::too_costly;
    }
};

regex::regex(std::unique_ptr<compiled> held) : held_(std::move(held)) {}
regex::regex(regex&&) noexcept = default;
regex& regex::operator=(regex&&) noexcept = default;
regex::~regex() = default;

result<regex> regex::compile(std::string_view pattern) {
    initialise_engine();
    auto made = std::make_unique<compiled>();
    made->pattern = pattern;
    std::string why;
    made->characters = compile_as(pattern, ONIG_ENCODING_UTF8, why);
    if (made->characters == nullptr) {
        return error(regex_errc::bad_pattern, why);
    }
    const auto collect = [](const OnigUChar* name,
                            const OnigUChar* name_end,
                            int count,
                            int* numbers,
                            OnigRegex /*engine*/,
                            void* into) {
        const std::string_view text(
            reinterpret_cast<const char*>(name), static_cast<std::size_t>(name_end - name)
        );
        static_cast<std::vector<regex_name>*>(into)->push_back(
            {text, std::vector<int>(numbers, numbers + count)}
        );
        return 0;
    };
    onig_foreach_name(made->characters, collect, &made->names);
    std::sort(made->names.begin(), made->names.end(), [](const auto& left, const auto& right) {
        return left.numbers.front() < right.numbers.front();
    });
    return regex(std::move(made));
}

regex_outcome regex::search(std::string_view text, std::uint64_t step_limit) const {
    return held_->search(regex_text(text), 0, nullptr, step_limit);
}

regex_outcome regex::search(
    std::string_view text, std::size_t from, regex_captures& captures, std::uint64_t step_limit
) const {
    return search(regex_text(text), from, captures, step_limit);
}

regex_outcome regex::search(
    const regex_text& text, std::size_t from, regex_captures& captures, std::uint64_t step_limit
) const {
    captures.text_ = text.view();
    return held_->search(text, from, captures.region_->held, step_limit);
}

const std::vector<regex_name>& regex::names() const noexcept {
    return held_->names;
}

int regex::group_count() const noexcept {
    return onig_number_of_captures(held_->characters);
}

} // namespace logboom
