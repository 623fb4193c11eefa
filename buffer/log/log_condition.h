// Whether a log still answers: open, closed by its owner, or failed. A write or sync that failed
// ends a log until the next start, because the bytes on disk are not known. A shortage (no room, no
// descriptors) that left nothing half done refuses one operation and closes nothing. Owned by
// partition_log, on its thread.
#pragma once

#include "base/result.h"
#include "buffer/log/log_context.h"

#include <optional>
#include <string>

namespace logboom::log {

class log_condition {
  public:
    /// `labels` of its series: the topic.
    log_condition(const log_context& context, std::string directory, label_values labels);

    [[nodiscard]] bool failed() const noexcept { return failed_; }
    /// Neither failed nor closed.
    [[nodiscard]] bool is_open() const noexcept { return !failed_ && !closed_; }
    /// errc::storage_failed unless it is open.
    [[nodiscard]] result<void> require_open() const;
    [[nodiscard]] error storage_failed() const;

    /// Only of one that is open.
    void close();
    /// Ends the log; gives what to answer.
    error fail(const error& why);
    /// fail(), unless `why` is a shortage: then what to answer to this operation alone.
    error refuse(const error& why);

  private:
    std::string directory_;
    const clock& time_;
    logger messages_;
    counter failures_;
    bool failed_ = false;
    bool closed_ = false;
    /// When a shortage was last said to the operator.
    std::optional<clock::duration> warned_at_;
};

} // namespace logboom::log
