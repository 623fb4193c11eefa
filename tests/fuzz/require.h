// What must hold whatever the bytes are: a fuzzer that finds it broken ends and says where.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <source_location>

namespace logboom::fuzz {

inline void
require(bool holds, std::source_location where = std::source_location::current()) noexcept {
    if (!holds) {
        std::fprintf(stderr, "%s:%u: this does not hold\n", where.file_name(), where.line());
        std::abort();
    }
}

} // namespace logboom::fuzz
