// What the files of a segment are called: Kafka's twenty digits of its base offset, and a suffix.
#pragma once

#include "base/ids.h"

#include <optional>
#include <string>
#include <string_view>

namespace logboom::log {

/// The files of a segment, by what follows its base offset.
constexpr std::string_view segment_suffixes[] = {
    ".log", ".index", ".timeindex", ".txnindex", ".snapshot"};

std::string segment_file_name(offset base, std::string_view suffix);
/// "00000000000000000042.log" and ".log" to 42; nothing for other names.
std::optional<offset> parse_segment_file_name(std::string_view name, std::string_view suffix);

} // namespace logboom::log
