// The names that rotated files get. Pure.
#pragma once

#include <string>
#include <string_view>

namespace logboom::agent {

/// The name that a file had before it was rotated to `path`, by the usual schemes: "app.log" for
/// "app.log.1", "app.log-20261127" and "app-20261127.log". Empty when it follows none of them;
/// compressed files do not.
std::string rotated_from(std::string_view path);

/// A gzip file, by its name.
bool is_archive_name(std::string_view path);

/// Of two names that rotated_from() gives one answer for: the file was rotated before the other, as
/// far as names tell. "app.log.10" was before "app.log.9", "app.log-20261126" before
/// "app.log-20261127".
bool is_rotated_before(std::string_view path, std::string_view other);

} // namespace logboom::agent
