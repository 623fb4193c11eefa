// Where verdicts about pushed lines arrive from any thread, and what wakes the input's thread for
// them, for room in the pipeline and for stop. Shared by the input and every batch in flight, so
// that a batch may outlive the input.
#pragma once

#include "agent/file/file_progress.h"
#include "plugin/input.h"

#include <atomic>
#include <mutex>
#include <vector>

namespace logboom::agent {

class ack_inbox final : public room_listener {
  public:
    struct report {
        handed_range range;
        ack_verdict verdict = ack_verdict::lost;
    };

    ack_inbox();
    ~ack_inbox() override;
    ack_inbox(const ack_inbox&) = delete;
    ack_inbox& operator=(const ack_inbox&) = delete;

    // From any thread.
    /// Wakes the owner, unless it has said that verdicts can wait.
    void post(const handed_range& range, ack_verdict verdict);
    void wake() noexcept;
    void on_room() noexcept override {
        has_room_.store(true);
        wake();
    }

    // From the owner's thread.
    /// Becomes readable when there is something; take() resets it.
    [[nodiscard]] int descriptor() const noexcept { return descriptor_; }
    void take(std::vector<report>& into);
    /// Until the next call: whether verdicts may lie here until the owner comes by itself. Whether
    /// some lie here already.
    [[nodiscard]] bool let_wait(bool may_wait);
    /// The pipeline has told of room since the last call.
    [[nodiscard]] bool take_room() noexcept { return has_room_.exchange(false); }

  private:
    std::atomic<bool> has_room_{false};
    int descriptor_;
    std::mutex mutex_;
    std::vector<report> reports_;
    bool may_wait_ = false;
};

} // namespace logboom::agent
