// Says once per back-off step, not once per event, that something is wrong, and once that it is
// over. Used by the sender's thread only.
#pragma once

#include "base/log.h"

#include <chrono>
#include <string>

namespace logboom::sinks {

class trouble_log {
  public:
    explicit trouble_log(logger log) : log_(std::move(log)) {}

    /// `what` is a full sentence; silent until `next_try` has passed since the last one of its
    /// kind.
    void report(
        const std::string& kind,
        const std::string& what,
        std::chrono::nanoseconds now,
        std::chrono::nanoseconds next_try
    ) {
        if (kind == kind_ && now < silent_until_) {
            return;
        }
        if (kind_.empty()) {
            since_ = now;
        }
        kind_ = kind;
        silent_until_ = now + next_try;
        log_.error(
            "{}; next try in {} ms.",
            what,
            std::chrono::duration_cast<std::chrono::milliseconds>(next_try).count()
        );
    }
    void over(std::chrono::nanoseconds now) {
        if (kind_.empty()) {
            return;
        }
        log_.info(
            "Elasticsearch accepts requests again after {} s.",
            std::chrono::duration_cast<std::chrono::seconds>(now - since_).count()
        );
        kind_.clear();
    }

  private:
    logger log_;
    std::string kind_;
    std::chrono::nanoseconds since_{};
    std::chrono::nanoseconds silent_until_{};
};

} // namespace logboom::sinks
