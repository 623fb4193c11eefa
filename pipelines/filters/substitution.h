// Ruby's String#gsub: every match of a regular expression replaced by a text in which \0 to \9, \&,
// \k<name>, \` and \' stand for parts of the match. Immutable; used by all workers.
#pragma once

#include "base/regex.h"

#include <string>
#include <string_view>

namespace logboom {

enum class substitution_outcome { unchanged, changed, too_costly };

/// Appends the new text to `out` when something matched (else leaves `out` alone).
substitution_outcome substitute(
    const regex& needle, std::string_view text, std::string_view replacement, std::string& out
);

} // namespace logboom
