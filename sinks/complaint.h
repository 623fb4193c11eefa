// Something that goes on being wrong: said at once, then once a minute while it lasts, and once
// when it is over. Not thread-safe.
#pragma once

#include "base/clock.h"

#include <chrono>
#include <utility>

namespace logboom {

class complaint {
  public:
    /// It is wrong (still); true when that is to be said. `now` is by the steady clock.
    bool goes_on(clock::duration now) {
        if (is_said_ && now < again_at_) {
            return false;
        }
        is_said_ = true;
        again_at_ = now + std::chrono::minutes(1);
        return true;
    }
    /// It is right (again); true when that is to be said.
    bool ends() { return std::exchange(is_said_, false); }

  private:
    bool is_said_ = false;
    clock::duration again_at_{};
};

} // namespace logboom
