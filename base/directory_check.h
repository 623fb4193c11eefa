// Whether a directory could be written, for those who must say so without trying: a check of a
// config touches nothing.
#pragma once

#include "base/result.h"

#include <string>

namespace logboom {

/// Files can be made in `directory`, or it could be made itself. The error names what is in the
/// way.
result<void> check_writable(const std::string& directory);

} // namespace logboom
