// What the settings of the file input mean: texts of a config become plain data.
#include "agent/file/file_options.h"

#include "agent/errc.h"
#include "base/directory_check.h"
#include "plugin/codec.h"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <sys/stat.h>

namespace logboom::agent {
namespace {

constexpr std::size_t read_size_default = std::size_t{256} * 1024;

std::string md5_text(std::string_view text) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned size = 0;
    const int done = EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_md5(), nullptr);
    LB_ASSERT(done == 1);
    std::string out;
    for (unsigned i = 0; i < size; ++i) {
        out += fmt::format("{:02x}", digest[i]);
    }
    return out;
}

result<sincedb_place> sincedb_place_of(const plugin_context& context) {
    const plugin_options& given = context.options;
    if (!given.has("sincedb_path") || given.text("sincedb_path").empty()) {
        auto out =
            sincedb_place::beneath(context.data_directory, context.pipeline_id, context.plugin_id);
        const std::string paths = fmt::format("{}", fmt::join(given.list("path"), ","));
        out.earlier_path =
            join_path(parent_path(out.path), fmt::format(".sincedb_{}", md5_text(paths)));
        return out;
    }
    const std::string& path = given.text("sincedb_path");
    struct stat found {};
    if (stat(path.c_str(), &found) != 0 || S_ISREG(found.st_mode)) {
        return sincedb_place::at(path, context.pipeline_id, context.plugin_id);
    }
    if (S_ISDIR(found.st_mode)) {
        return given.refuse("sincedb_path", {}, error(errc::sincedb_is_directory, path).text());
    }
    return sincedb_place{};
}

/// Reading goes on without a sincedb, so this is no error; but said before the first line is read
/// twice, and by a check, too.
void warn_of_sincedb(const plugin_context& context, const std::string& path) {
    const std::size_t slash = path.rfind('/');
    const std::string directory = slash == std::string::npos ? "." : path.substr(0, slash + 1);
    if (const auto done = check_writable(directory); done.has_error()) {
        context.log.warn(
            "The sincedb cannot be written there, so that each start will read all files again. "
            "sincedb_path={} error=\"{}\"",
            path,
            done.error().text()
        );
    }
}

line_limit longest_line(const settings& given) {
    const std::string& what = given.text("line_too_long");
    const long_line_policy policy = what == "truncate" ? long_line_policy::truncate
                                    : what == "skip"   ? long_line_policy::skip
                                                       : long_line_policy::split;
    if (what == "whole") {
        return {policy, line_limit::size_largest};
    }
    return given.is_given("line_size_max")
               ? line_limit(policy, static_cast<std::size_t>(given.integer("line_size_max")))
               : line_limit::of_topic(policy);
}

tail_options tail_options_from(const settings& given, std::size_t read_size) {
    tail_options out;
    out.delimiter = given.text("delimiter").empty() ? "\n" : given.text("delimiter");
    out.longest_line = longest_line(given);
    out.read_mode = given.text("mode") == "read";
    out.from_beginning = out.read_mode || given.text("start_position") == "beginning";
    out.ignore_older = given.duration("ignore_older");
    out.completed_quiet = given.duration("file_completed_quiet");
    out.pinned_size_max = given.integer("max_pinned_bytes");
    out.close_older = given.duration("close_older");
    out.open_files_max = static_cast<std::size_t>(given.integer("max_open_files"));
    if (given.is_given("file_chunk_count")) {
        constexpr std::int64_t turn_max = std::int64_t{1} << 62U;
        const auto size = static_cast<std::int64_t>(read_size);
        out.turn_size = std::min(given.integer("file_chunk_count"), turn_max / size) * size;
    } else if (out.read_mode) {
        out.turn_size = std::numeric_limits<std::int64_t>::max();
    }
    return out;
}

std::string_view base_name(std::string_view path) {
    return path.substr(path.rfind('/') + 1);
}

} // namespace

result<file_options> file_options::from(const plugin_context& context) {
    const plugin_options& given = context.options;
    file_options out;
    for (const option_text& each : given.each("path")) {
        auto compiled = glob::compile(each.text());
        if (compiled.has_error()) {
            return given.refuse("path", each.where(), compiled.error().text());
        }
        std::move(compiled->begin(), compiled->end(), std::back_inserter(out.globs));
    }
    out.excluded = given.list("exclude");
    out.read_size = given.is_given("file_chunk_size")
                        ? static_cast<std::size_t>(given.integer("file_chunk_size"))
                        : read_size_default;
    out.tail = tail_options_from(given, out.read_size);
    out.tail.units = context.codec == nullptr ? text_units::bytes : context.codec->units();
    out.stat_interval = given.duration("stat_interval");
    out.discover_every = given.integer("discover_interval");
    LB_TRY(out.sincedb, sincedb_place_of(context));
    if (given.is_given("sincedb_path") && !out.sincedb.path.empty()) {
        warn_of_sincedb(context, out.sincedb.path);
    }
    out.sincedb_write_interval = given.duration("sincedb_write_interval");
    out.sincedb_clean_after = given.duration("sincedb_clean_after");
    out.sort_by_path = given.text("file_sort_by") == "path";
    out.sort_descending = given.text("file_sort_direction") == "desc";
    const std::string& action = given.text("file_completed_action");
    out.when_completed = action == "delete" ? completed_action::remove
                         : action == "log"  ? completed_action::log
                                            : completed_action::log_and_remove;
    out.completed_log_path = given.text("file_completed_log_path");
    out.check_archives = given.flag("check_archive_validity");
    out.exit_after_read = given.flag("exit_after_read");
    if (out.exit_after_read && !out.tail.read_mode) {
        return error(errc::exit_needs_read_mode);
    }
    if (out.tail.read_mode && out.when_completed != completed_action::remove &&
        out.completed_log_path.empty()) {
        return error(errc::log_path_needed);
    }
    return out;
}

bool file_options::is_excluded(std::string_view path) const {
    return std::any_of(excluded.begin(), excluded.end(), [&](const std::string& each) {
        return matches_name(each, base_name(path));
    });
}

bool file_options::is_matched(std::string_view path) const {
    return !is_excluded(path) && std::any_of(globs.begin(), globs.end(), [&](const glob& each) {
        return each.matches(path);
    });
}

} // namespace logboom::agent
