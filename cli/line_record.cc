#include "cli/line_record.h"

#include "cli/record_format.h"

namespace logboom::cli {
namespace {

/// Takes `text` up to `separator` off the front; false when there is none.
bool take_front(std::string_view& text, std::string_view separator, std::string_view& front) {
    const auto found = separator.empty() ? std::string_view::npos : text.find(separator);
    if (found == std::string_view::npos) {
        return false;
    }
    front = text.substr(0, found);
    text.remove_prefix(found + separator.size());
    return true;
}

bool is_null(std::string_view text, const line_rules& rules) {
    return !rules.null_marker.empty() && text == rules.null_marker;
}

} // namespace

bool line_rules::set_property(std::string_view name, std::string_view value) {
    const bool on = value == "true";
    std::string text = unescape(value);
    if (name == "parse.key") {
        has_key = on;
    } else if (name == "parse.headers") {
        has_headers = on;
    } else if (name == "ignore.error") {
        ignores_errors = on;
    } else if (name == "key.separator") {
        key_separator = std::move(text);
    } else if (name == "headers.delimiter") {
        headers_delimiter = std::move(text);
    } else if (name == "headers.separator") {
        headers_separator = std::move(text);
    } else if (name == "headers.key.separator") {
        header_separator = std::move(text);
    } else if (name == "null.marker") {
        null_marker = std::move(text);
    } else {
        return false;
    }
    return true;
}

std::string line_rules::conflict() const {
    struct separator {
        const char* name;
        const std::string& text;
    };
    // The key's may be any of the headers': it is looked for behind them.
    const separator of_headers[] = {
        {"headers.delimiter", headers_delimiter},
        {"headers.separator", headers_separator},
        {"headers.key.separator", header_separator},
    };
    const auto said = [](const separator& left, const separator& right) {
        return std::string(left.name) + " and " + right.name + " may not be equal";
    };
    const separator marker{"null.marker", null_marker};
    const separator of_key{"key.separator", key_separator};
    for (std::size_t i = 0; i < std::size(of_headers); ++i) {
        for (std::size_t k = i + 1; k < std::size(of_headers); ++k) {
            if (of_headers[i].text == of_headers[k].text) {
                return said(of_headers[i], of_headers[k]);
            }
        }
        if (!null_marker.empty() && of_headers[i].text == null_marker) {
            return said(marker, of_headers[i]);
        }
    }
    return !null_marker.empty() && key_separator == null_marker ? said(marker, of_key)
                                                                : std::string{};
}

std::string
line_record::parse(std::string_view line, const line_rules& rules, std::string_view topic) {
    record = {};
    record.topic = topic;
    texts_.assign(rules.fixed_headers.begin(), rules.fixed_headers.end());
    std::string_view front;
    if (rules.has_headers) {
        if (take_front(line, rules.headers_delimiter, front)) {
            if (std::string wrong = add_headers(front, rules); !wrong.empty()) {
                return wrong;
            }
        } else if (!rules.ignores_errors) {
            return "no headers delimiter";
        }
    }
    if (rules.has_key) {
        if (take_front(line, rules.key_separator, front)) {
            record.has_key = !is_null(front, rules);
            record.key = front;
        } else if (!rules.ignores_errors) {
            return "no key separator";
        }
    }
    // A null value: a tombstone.
    record.payload = is_null(line, rules) ? std::string_view{} : line;
    headers_.clear();
    for (const auto& [key, value] : texts_) {
        headers_.push_back({key, value ? std::string_view(*value) : std::string_view{}});
    }
    record.headers = headers_;
    return {};
}

std::string line_record::add_headers(std::string_view text, const line_rules& rules) {
    if (is_null(text, rules)) {
        return {};
    }
    while (!text.empty()) {
        std::string_view one;
        if (!take_front(text, rules.headers_separator, one)) {
            one = std::exchange(text, {});
        }
        if (std::string wrong = add_header(one, rules); !wrong.empty()) {
            return wrong;
        }
    }
    return {};
}

std::string line_record::add_header(std::string_view text, const line_rules& rules) {
    std::string_view key;
    if (!take_front(text, rules.header_separator, key)) {
        if (!rules.ignores_errors) {
            return "no header key separator in '" + std::string(text) + "'";
        }
        texts_.emplace_back(text, std::nullopt);
        return {};
    }
    if (is_null(key, rules)) {
        return "a header's key is the null marker";
    }
    texts_.emplace_back(
        key, is_null(text, rules) ? std::nullopt : std::optional<std::string>(text)
    );
    return {};
}

} // namespace logboom::cli
