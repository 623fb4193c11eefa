// What can go wrong in the agent, one sentence a value.
#pragma once

#include "base/result.h"

namespace logboom::agent {

enum class errc {
    path_not_absolute = 1,
    bad_glob,
    too_many_globs,
    exit_needs_read_mode,
    log_path_needed,
    sincedb_is_directory,
    not_a_sincedb,
    not_a_regular_file,
    damaged_archive,
};

constexpr const char* describe(errc value) {
    switch (value) {
    case errc::path_not_absolute:
        return "the path must be absolute; write it from the root, such as /var/log/*.log";
    case errc::bad_glob:
        return "the glob has an unclosed bracket or ends in a backslash";
    case errc::too_many_globs:
        return "the braces of the glob expand to too many patterns";
    case errc::exit_needs_read_mode:
        return "exit_after_read needs mode => read";
    case errc::log_path_needed:
        return "file_completed_action => log needs file_completed_log_path";
    case errc::sincedb_is_directory:
        return "sincedb_path must be a file, not a directory; give a file name in it";
    case errc::not_a_sincedb:
        return "the file is no sincedb of any known version";
    case errc::not_a_regular_file:
        return "only regular files are read";
    case errc::damaged_archive:
        return "the compressed file is damaged";
    }
    return "unknown agent error";
}
LB_ERROR_ENUM(errc, "agent")

} // namespace logboom::agent

template <>
struct std::is_error_code_enum<logboom::agent::errc> : std::true_type {};
