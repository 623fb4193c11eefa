// Ruby's file globs: braces expanded, names matched, directories walked.
#include "agent/file/glob.h"

#include "agent/errc.h"
#include "base/env.h"

#include <dirent.h>
#include <memory>
#include <sys/stat.h>

namespace logboom::agent {
namespace {

constexpr int depth_max = 64;

struct set_result {
    bool matched = false;
    /// Behind the closing bracket; npos when there is none.
    std::size_t end = std::string_view::npos;
};

/// `pattern[at]` is the opening bracket.
set_result match_set(std::string_view pattern, std::size_t at, char symbol) noexcept {
    std::size_t i = at + 1;
    const bool negated = i < pattern.size() && (pattern[i] == '^' || pattern[i] == '!');
    i += negated ? 1 : 0;
    bool found = false;
    for (bool first = true; i < pattern.size() && (first || pattern[i] != ']'); first = false) {
        i += pattern[i] == '\\' && i + 1 < pattern.size() ? 1 : 0;
        const char low = pattern[i++];
        char high = low;
        if (i + 1 < pattern.size() && pattern[i] == '-' && pattern[i + 1] != ']') {
            high = pattern[i + 1];
            i += 2;
        }
        found = found || (low <= symbol && symbol <= high);
    }
    return i < pattern.size() ? set_result{found != negated, i + 1} : set_result{};
}

/// Where the pattern goes on when `pattern[at]` takes `symbol`; npos when it does not.
std::size_t take_one(std::string_view pattern, std::size_t at, char symbol) noexcept {
    switch (pattern[at]) {
    case '?':
        return at + 1;
    case '[': {
        const set_result set = match_set(pattern, at, symbol);
        return set.matched ? set.end : std::string_view::npos;
    }
    case '\\':
        if (at + 1 < pattern.size()) {
            return pattern[at + 1] == symbol ? at + 2 : std::string_view::npos;
        }
        [[fallthrough]];
    default:
        return pattern[at] == symbol ? at + 1 : std::string_view::npos;
    }
}

bool is_magic(std::string_view text) {
    return text.find_first_of("*?[") != std::string_view::npos;
}

std::string without_escapes(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        i += text[i] == '\\' && i + 1 < text.size() ? 1 : 0;
        out.push_back(text[i]);
    }
    return out;
}

/// The brace group that opens at `open`: its end and the commas on its level.
struct brace_group {
    std::size_t close = std::string::npos;
    std::vector<std::size_t> commas;
};

brace_group find_group(const std::string& text, std::size_t open) {
    brace_group group;
    int level = 0;
    for (std::size_t i = open; i < text.size(); ++i) {
        if (text[i] == '\\') {
            ++i;
        } else if (text[i] == '{') {
            ++level;
        } else if (text[i] == ',' && level == 1) {
            group.commas.push_back(i);
        } else if (text[i] == '}' && --level == 0) {
            group.close = i;
            break;
        }
    }
    return group;
}

result<void> expand(const std::string& text, std::vector<std::string>& out) {
    std::size_t open = 0;
    while (open < text.size() && text[open] != '{') {
        open += text[open] == '\\' ? 2 : 1;
    }
    if (open >= text.size()) {
        if (out.size() >= glob::expansions_max) {
            return error(errc::too_many_globs);
        }
        out.push_back(text);
        return {};
    }
    brace_group group = find_group(text, open);
    if (group.close == std::string::npos) {
        return error(errc::bad_glob);
    }
    group.commas.push_back(group.close);
    std::size_t begin = open + 1;
    for (const std::size_t comma : group.commas) {
        LB_CHECK(expand(
            text.substr(0, open) + text.substr(begin, comma - begin) + text.substr(group.close + 1),
            out
        ));
        begin = comma + 1;
    }
    return {};
}

bool is_well_formed(std::string_view pattern) {
    for (std::size_t i = 0; i < pattern.size(); ++i) {
        if (pattern[i] == '\\' && ++i == pattern.size()) {
            return false;
        }
        if (pattern[i] == '[') {
            const std::size_t end = match_set(pattern, i, 'a').end;
            if (end == std::string_view::npos) {
                return false;
            }
            i = end - 1;
        }
    }
    return true;
}

std::vector<std::string_view> split_path(std::string_view path) {
    std::vector<std::string_view> names;
    while (!path.empty()) {
        const auto slash = path.find('/');
        if (slash != 0) {
            names.push_back(path.substr(0, slash));
        }
        path.remove_prefix(slash == std::string_view::npos ? path.size() : slash + 1);
    }
    return names;
}

struct directory_entry {
    std::string name;
    unsigned char type;
};

std::vector<directory_entry> list_directory(const std::string& path) {
    std::vector<directory_entry> entries;
    const std::unique_ptr<DIR, int (*)(DIR*)> open(opendir(path.c_str()), &closedir);
    while (const dirent* each = open ? readdir(open.get()) : nullptr) {
        const std::string_view name = each->d_name;
        if (name != "." && name != "..") {
            entries.push_back({std::string(name), each->d_type});
        }
    }
    return entries;
}

bool is_directory(const std::string& path) {
    struct stat found {};
    return stat(path.c_str(), &found) == 0 && S_ISDIR(found.st_mode);
}

bool is_link(const directory_entry& entry, const std::string& path) {
    struct stat found {};
    return entry.type == DT_LNK ||
           (entry.type == DT_UNKNOWN && lstat(path.c_str(), &found) == 0 && S_ISLNK(found.st_mode));
}

/// Follows links.
bool is_directory(const directory_entry& entry, const std::string& path) {
    return entry.type == DT_DIR ||
           ((entry.type == DT_LNK || entry.type == DT_UNKNOWN) && is_directory(path));
}

} // namespace

bool matches_name(std::string_view pattern, std::string_view name) noexcept {
    if (name.starts_with('.') && !pattern.starts_with('.') && !pattern.starts_with("\\.")) {
        return false;
    }
    std::size_t at = 0;
    std::size_t symbol = 0;
    std::size_t star = std::string_view::npos;
    std::size_t star_symbol = 0;
    while (symbol < name.size()) {
        if (at < pattern.size() && pattern[at] == '*') {
            star = at++;
            star_symbol = symbol;
            continue;
        }
        const std::size_t next =
            at < pattern.size() ? take_one(pattern, at, name[symbol]) : std::string_view::npos;
        if (next != std::string_view::npos) {
            at = next;
            ++symbol;
        } else if (star != std::string_view::npos) {
            at = star + 1;
            symbol = ++star_symbol;
        } else {
            return false;
        }
    }
    while (at < pattern.size() && pattern[at] == '*') {
        ++at;
    }
    return at == pattern.size();
}

result<std::vector<glob>> glob::compile(std::string_view text) {
    if (!text.starts_with('/')) {
        return error(errc::path_not_absolute, std::string(text));
    }
    std::vector<std::string> expanded;
    if (auto done = expand(std::string(text), expanded); done.has_error()) {
        return error(done.error().code, std::string(text));
    }
    std::vector<glob> out;
    for (const std::string& each : expanded) {
        if (!is_well_formed(each)) {
            return error(errc::bad_glob, std::string(text));
        }
        glob made;
        made.text_ = each;
        const auto names = split_path(each);
        for (std::size_t i = 0; i < names.size(); ++i) {
            if (names[i] == "**" && i + 1 < names.size()) {
                made.components_.push_back({kind::any_depth, {}});
            } else if (is_magic(names[i])) {
                made.components_.push_back({kind::pattern, std::string(names[i])});
            } else {
                made.components_.push_back({kind::literal, without_escapes(names[i])});
            }
        }
        out.push_back(std::move(made));
    }
    return out;
}

bool glob::matches(std::string_view path) const {
    return matches_from(split_path(path), 0, 0);
}

bool glob::matches_from(
    const std::vector<std::string_view>& names, std::size_t name, std::size_t at
) const {
    if (at == components_.size()) {
        return name == names.size();
    }
    const component& here = components_[at];
    if (here.how == kind::any_depth) {
        while (true) {
            if (matches_from(names, name, at + 1)) {
                return true;
            }
            if (name >= names.size() || names[name].starts_with('.')) {
                return false;
            }
            ++name;
        }
    }
    if (name == names.size()) {
        return false;
    }
    const bool same =
        here.how == kind::literal ? here.text == names[name] : matches_name(here.text, names[name]);
    return same && matches_from(names, name + 1, at + 1);
}

void glob::walk(glob_visitor& visitor) const {
    walk_from("/", 0, 0, visitor);
}

void glob::walk_from(const std::string& directory, std::size_t at, int depth, glob_visitor& to)
    const {
    if (depth > depth_max || at >= components_.size()) {
        return;
    }
    if (components_[at].how == kind::literal) {
        walk_literal(directory, at, depth, to);
    } else {
        walk_listed(directory, at, depth, to);
    }
}

void glob::walk_literal(const std::string& directory, std::size_t at, int depth, glob_visitor& to)
    const {
    const std::string path = join_path(directory, components_[at].text);
    if (at + 1 == components_.size()) {
        to.directory(directory, true);
        struct stat found {};
        if (lstat(path.c_str(), &found) == 0 && !is_directory(path)) {
            to.match(path, S_ISLNK(found.st_mode));
        }
        return;
    }
    // The directory above the first listed one is watched too: it tells when that one is replaced.
    const bool next_is_listed =
        components_[at + 1].how != kind::literal || at + 2 == components_.size();
    if (next_is_listed && directory != "/") {
        to.directory(directory, false);
    }
    if (is_directory(path)) {
        walk_from(path, at + 1, depth + 1, to);
    } else {
        to.directory(directory, false);
    }
}

void glob::walk_listed(const std::string& directory, std::size_t at, int depth, glob_visitor& to)
    const {
    const component& here = components_[at];
    const bool is_last = at + 1 == components_.size();
    to.directory(directory, is_last);
    if (here.how == kind::any_depth) {
        walk_from(directory, at + 1, depth, to);
    }
    for (const directory_entry& each : list_directory(directory)) {
        const bool wanted = here.how == kind::any_depth ? !each.name.starts_with('.')
                                                        : matches_name(here.text, each.name);
        if (!wanted) {
            continue;
        }
        const std::string path = join_path(directory, each.name);
        const bool link = is_link(each, path);
        if (is_directory(each, path)) {
            if (here.how == kind::any_depth && !link) {
                walk_from(path, at, depth + 1, to);
            } else if (here.how == kind::pattern && !is_last) {
                walk_from(path, at + 1, depth + 1, to);
            }
        } else if (is_last) {
            to.match(path, link);
        }
    }
}

} // namespace logboom::agent
