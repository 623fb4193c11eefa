#include "pipelines/filters/substitution.h"

#include "base/ascii.h"
#include "event/utf8.h"

#include <algorithm>

namespace logboom {
namespace {

struct match {
    const regex& of;
    const regex_captures& groups;
    std::string_view text;
};

void append_group(const match& in, int number, std::string& out) {
    if (number < in.groups.count()) {
        if (const auto group = in.groups.group(number)) {
            out.append(*group);
        }
    }
}

/// Several groups may share a name: the last one that took part counts.
bool append_named(const match& in, std::string_view name, std::string& out) {
    const auto& names = in.of.names();
    const auto found = std::find_if(names.begin(), names.end(), [&](const regex_name& each) {
        return each.name == name;
    });
    if (found == names.end()) {
        return false;
    }
    for (auto number = found->numbers.rbegin(); number != found->numbers.rend(); ++number) {
        if (*number < in.groups.count() && in.groups.group(*number)) {
            out.append(*in.groups.group(*number));
            break;
        }
    }
    return true;
}

/// Writes what the escape behind a backslash stands for; returns the characters it took, 0 when it
/// is no escape.
std::size_t append_escape(std::string_view behind, const match& in, std::string& out) {
    const char letter = behind.empty() ? '\0' : behind.front();
    if (is_digit(letter)) {
        append_group(in, letter - '0', out);
        return 1;
    }
    switch (letter) {
    case '&':
        append_group(in, 0, out);
        return 1;
    case '`':
        out.append(in.text.substr(0, static_cast<std::size_t>(in.groups.begin(0))));
        return 1;
    case '\'':
        out.append(in.text.substr(static_cast<std::size_t>(in.groups.end(0))));
        return 1;
    case '\\':
        out.push_back('\\');
        return 1;
    case 'k': {
        const std::size_t close = behind.find('>');
        const bool is_named =
            behind.size() > 1 && behind[1] == '<' && close != std::string_view::npos;
        return is_named && append_named(in, behind.substr(2, close - 2), out) ? close + 1 : 0;
    }
    default:
        return 0;
    }
}

void append_replacement(std::string_view replacement, const match& in, std::string& out) {
    for (;;) {
        const std::size_t escape = replacement.find('\\');
        out.append(replacement.substr(0, escape));
        if (escape == std::string_view::npos) {
            return;
        }
        replacement.remove_prefix(escape + 1);
        const std::size_t taken = append_escape(replacement, in, out);
        if (taken == 0) {
            out.push_back('\\');
        }
        replacement.remove_prefix(taken);
    }
}

} // namespace

substitution_outcome substitute(
    const regex& needle, std::string_view text, std::string_view replacement, std::string& out
) {
    thread_local regex_captures groups;
    const regex_text searched(text);
    const std::size_t out_before = out.size();
    std::size_t copied = 0;
    std::size_t from = 0;
    bool changed = false;
    while (from <= text.size()) {
        const regex_outcome outcome = needle.search(searched, from, groups);
        if (outcome == regex_outcome::too_costly) {
            out.resize(out_before);
            return substitution_outcome::too_costly;
        }
        if (outcome == regex_outcome::unmatched) {
            break;
        }
        changed = true;
        const auto begin = static_cast<std::size_t>(groups.begin(0));
        const auto end = static_cast<std::size_t>(groups.end(0));
        out.append(text.substr(copied, begin - copied));
        append_replacement(replacement, {needle, groups, text}, out);
        copied = end;
        // An empty match does not move on by itself.
        from = end > begin ? end : end + std::max<std::size_t>(utf8_length(text.substr(end)), 1);
    }
    if (!changed) {
        return substitution_outcome::unchanged;
    }
    out.append(text.substr(std::min(copied, text.size())));
    return substitution_outcome::changed;
}

} // namespace logboom
