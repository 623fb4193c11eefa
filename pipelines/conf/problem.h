// What is wrong with a config, for a person: where, one sentence, and the line with a caret under
// it.
#pragma once

#include "base/config_value.h"

#include <string>
#include <vector>

namespace logboom::conf {

struct problem {
    source_position where;
    std::string sentence;
    /// The line that `where` points into, without its end; may be empty.
    std::string line;

    /// "file:3:5: sentence", and below it the line, as much of it as fits a terminal, and the
    /// caret. Secrets are masked.
    [[nodiscard]] std::string text() const;
};

using problems = std::vector<problem>;

} // namespace logboom::conf
