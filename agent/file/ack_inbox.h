// Where verdicts about pushed lines arrive from any thread, and what wakes the input's thread for
// them and for stop. Shared by the input and every batch in flight, so that a batch may outlive the
// input.
#pragma once

#include "agent/file/tailed_file.h"

#include <mutex>
#include <vector>

namespace logboom::agent {

class ack_inbox {
  public:
    struct report {
        handed_range range;
        ack_verdict verdict = ack_verdict::lost;
    };

    ack_inbox();
    ~ack_inbox();
    ack_inbox(const ack_inbox&) = delete;
    ack_inbox& operator=(const ack_inbox&) = delete;

    // From any thread.
    void post(const handed_range& range, ack_verdict verdict);
    void wake() noexcept;

    // From the owner's thread.
    /// Becomes readable when there is something; take() resets it.
    [[nodiscard]] int descriptor() const noexcept { return descriptor_; }
    void take(std::vector<report>& into);

  private:
    int descriptor_;
    std::mutex mutex_;
    std::vector<report> reports_;
};

} // namespace logboom::agent
