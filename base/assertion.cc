#include "base/assertion.h"

#include <cstdio>
#include <cstdlib>

namespace logboom {

void assertion_failed(const char* condition, const char* file, int line) noexcept {
    std::fprintf(
        stderr, "logboom: %s:%d: this must hold and does not: %s\n", file, line, condition
    );
    std::abort();
}

} // namespace logboom
