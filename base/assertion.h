// The assertion of the whole program: a state that must not exist ends the process, in release
// builds too, because going on would risk the log. Never use it on anything that came from outside
// (wire, disk, config): those are checked against limits and return an error (base/result.h).
#pragma once

namespace logboom {

[[noreturn]] void assertion_failed(const char* condition, const char* file, int line) noexcept;

}

#define LB_ASSERT(condition)                                                                       \
    do {                                                                                           \
        if (!(condition)) [[unlikely]] {                                                           \
            ::logboom::assertion_failed(#condition, __FILE__, __LINE__);                           \
        }                                                                                          \
    } while (false)
