// The tables of `logboom agent`, made of what the HTTP API has answered. Pure: text in, text out.
#pragma once

#include "base/result.h"

#include <string>
#include <string_view>

namespace logboom::cli {

/// A row for each file: where it is, and how far behind.
result<std::string> agent_files_text(std::string_view document);
/// A row for each file: what has become of its bytes; and one for each input.
result<std::string> agent_ledger_text(std::string_view document);

} // namespace logboom::cli
