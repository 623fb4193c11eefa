// Finds the files of a config, joins them, and knows which line of which file an offset is.
#include "pipelines/conf/source.h"

#include "base/secrets.h"
#include "event/utf8.h"

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <glob.h>
#include <sys/stat.h>

namespace logboom::conf {
namespace {

/// How far before a line a secret is looked for that goes on in it.
constexpr std::size_t secret_size_max = std::size_t{64} * 1024;

bool has_glob_characters(const std::string& path) {
    return path.find_first_of("*?[{") != std::string::npos;
}

bool is_pipe(const std::string& path) {
    struct stat status {};
    return ::stat(path.c_str(), &status) == 0 && S_ISFIFO(status.st_mode);
}

/// What a shell puts in the place of <(command) can only be read from front to end.
result<std::string> read_pipe(const std::string& path, std::size_t size_max) {
    std::ifstream from(path, std::ios::binary);
    if (!from) {
        return last_os_error(path);
    }
    std::string text;
    for (char each = 0; text.size() <= size_max && from.get(each);) {
        text.push_back(each);
    }
    if (text.size() > size_max) {
        return error(std::error_code(EFBIG, std::system_category()), path);
    }
    return text;
}

} // namespace

std::vector<std::string> expand_path(env& files, const std::string& path) {
    std::string pattern = path;
    if (files.is_directory(path)) {
        pattern = join_path(path, "*");
    } else if (files.exists(path) || !has_glob_characters(path)) {
        return {path};
    }
    std::vector<std::string> found;
    glob_t matches{};
    if (glob(pattern.c_str(), GLOB_BRACE, nullptr, &matches) == 0) {
        for (std::size_t i = 0; i < matches.gl_pathc; ++i) {
            const std::string name = matches.gl_pathv[i];
            if (!name.ends_with('~') && !files.is_directory(name)) {
                found.push_back(name);
            }
        }
    }
    globfree(&matches);
    std::sort(found.begin(), found.end());
    return found;
}

bool source::read(env& files, std::span<const std::string> paths, problems& into) {
    bool is_good = true;
    for (const std::string& path : paths) {
        const auto names = expand_path(files, path);
        if (names.empty()) {
            const auto listed =
                files.is_directory(path) ? files.list(path) : std::vector<std::string>();
            into.push_back(
                {{path, 0, 0},
                 listed.has_error() ? listed.error().code.message() + "."
                                    : "there is no config file here.",
                 {}}
            );
            is_good = false;
        }
        for (const std::string& name : names) {
            const auto text = is_pipe(name) ? read_pipe(name, file_size_max)
                                            : read_file(files, name, file_size_max);
            if (text.has_error()) {
                into.push_back({{}, "the config cannot be read: " + text.error().text(), {}});
                is_good = false;
                continue;
            }
            is_good = add(name, *text, into) && is_good;
        }
    }
    return is_good;
}

bool source::add(std::string name, std::string_view text, problems& into) {
    if (text.starts_with("\xEF\xBB\xBF")) {
        text.remove_prefix(3);
    }
    if (text.size() > file_size_max || text_.size() + text.size() > total_size_max) {
        into.push_back({{std::move(name), 0, 0}, "the config is too big to be one.", {}});
        return false;
    }
    if (const auto bad = utf8_valid_prefix(text); bad < text.size()) {
        const auto lines = std::count(text.begin(), text.begin() + static_cast<long>(bad), '\n');
        into.push_back(
            {{std::move(name), static_cast<int>(lines) + 1, 0},
             "this line is not UTF-8; save the file as UTF-8.",
             {}}
        );
        return false;
    }
    parts_.push_back({text_.size(), std::move(name)});
    line_begins_.push_back(text_.size());
    for (const char each : text) {
        text_.push_back(each);
        if (each == '\n') {
            line_begins_.push_back(text_.size());
        }
    }
    // So that a file without a newline at its end does not run into the next.
    text_.push_back('\n');
    return true;
}

std::vector<std::string> source::names() const {
    std::vector<std::string> all;
    for (const part& each : parts_) {
        all.push_back(each.name);
    }
    return all;
}

source_position source::at(std::size_t offset) const {
    const auto part_after = std::upper_bound(
        parts_.begin(),
        parts_.end(),
        offset,
        [](std::size_t at, const part& each) { return at < each.begin; }
    );
    if (part_after == parts_.begin()) {
        return {};
    }
    const part& in = *std::prev(part_after);
    const auto first =
        std::lower_bound(line_begins_.begin(), line_begins_.end(), in.begin) - line_begins_.begin();
    const auto after = std::upper_bound(line_begins_.begin(), line_begins_.end(), offset);
    const auto line = (after - line_begins_.begin()) - first;
    const std::size_t begin = *std::prev(after);
    const auto column = std::count_if(
        text_.begin() + static_cast<long>(begin),
        text_.begin() + static_cast<long>(std::min(offset, text_.size())),
        [](char each) { return !is_utf8_continuation(each); }
    );
    return {in.name, static_cast<int>(line), static_cast<int>(column) + 1};
}

std::string source::line_at(std::size_t offset) const {
    const std::size_t within = std::min(offset, text_.size());
    const auto after = std::upper_bound(line_begins_.begin(), line_begins_.end(), within);
    if (after == line_begins_.begin()) {
        return {};
    }
    const std::size_t begin = *std::prev(after);
    std::string line = text_.substr(begin, text_.find('\n', begin) - begin);
    if (line.ends_with('\r')) {
        line.pop_back();
    }
    const std::size_t before = begin - std::min(begin, secret_size_max);
    const std::vector<text_range> known = find_secrets(line);
    for (const text_range& each :
         find_secrets(std::string_view(text_).substr(before, begin - before + line.size()))) {
        if (before + each.end <= begin) {
            continue;
        }
        // What has its name in a line before, the line alone does not tell to be a secret.
        const bool is_known =
            before + each.begin >= begin && std::ranges::any_of(known, [&](const text_range& own) {
                return begin + own.begin <= before + each.begin &&
                       begin + own.end >= before + each.end;
            });
        if (!is_known) {
            return {};
        }
    }
    return line;
}

std::string source::line_of(const source_position& where) const {
    const auto in = std::find_if(parts_.begin(), parts_.end(), [&](const part& each) {
        return each.name == where.file;
    });
    if (in == parts_.end() || where.line < 1) {
        return {};
    }
    const auto first = std::lower_bound(line_begins_.begin(), line_begins_.end(), in->begin);
    if (line_begins_.end() - first < where.line) {
        return {};
    }
    return line_at(*(first + where.line - 1));
}

} // namespace logboom::conf
