// Waiting in a test: for a condition, never for a time. Only a test that fails waits to the end.
#pragma once

#include <chrono>
#include <thread>
#include <utility>

namespace logboom {

/// False when the condition did not come to hold within `limit`.
template <class Condition>
bool eventually(Condition&& holds, std::chrono::nanoseconds limit = std::chrono::seconds(30)) {
    const auto end = std::chrono::steady_clock::now() + limit;
    while (!holds()) {
        if (std::chrono::steady_clock::now() >= end) {
            return false;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    return true;
}

} // namespace logboom
