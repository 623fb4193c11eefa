// Acks travel backwards: from Elasticsearch to the offset, from the broker to the file position.
//
// The source of a batch makes one ack_token with a callback and puts it into the batch. Whoever
// takes over responsibility for some of the batch's events (a worker, an output with requests in
// flight) takes a share() and calls delivered() on it once those events are in a final state:
// stored, dead lettered, or dropped by a filter. A share that dies without delivered() has lost its
// events, and the batch counts as lost: forgetting is safe. When the last share is gone the
// callback runs once, on the thread that let it go, with the verdict; the source then moves its
// position, or does not.
//
// Handles are movable, not copyable. Different shares may be used on different threads.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <utility>

namespace logboom {

enum class ack_verdict { delivered, lost };

class ack_token {
  public:
    using callback = std::function<void(ack_verdict)>;

    /// Empty: nobody waits for it (a generator).
    ack_token() = default;
    explicit ack_token(callback on_final)
        : state_(std::make_shared<state>(std::move(on_final))), open_(true) {}

    ack_token(ack_token&& other) noexcept
        : state_(std::move(other.state_)), open_(std::exchange(other.open_, false)) {}
    ack_token& operator=(ack_token&& other) noexcept {
        if (this != &other) {
            settle(ack_verdict::lost);
            state_ = std::move(other.state_);
            open_ = std::exchange(other.open_, false);
        }
        return *this;
    }
    ack_token(const ack_token&) = delete;
    ack_token& operator=(const ack_token&) = delete;
    ~ack_token() { settle(ack_verdict::lost); }

    /// One more party that must say delivered(). Call on a token that is still open.
    [[nodiscard]] ack_token share() const {
        ack_token other;
        if (state_ && open_) {
            state_->shares.fetch_add(1, std::memory_order_relaxed);
            other.state_ = state_;
            other.open_ = true;
        }
        return other;
    }
    /// The events this share stands for are in a final state. At most once.
    void delivered() { settle(ack_verdict::delivered); }
    /// They are not and will not be; same as letting the share die, but said.
    void lost() { settle(ack_verdict::lost); }

  private:
    struct state {
        explicit state(callback on_final_in) : on_final(std::move(on_final_in)) {}
        std::atomic<int> shares{1};
        std::atomic<bool> any_lost{false};
        callback on_final;
    };

    void settle(ack_verdict verdict) {
        if (!std::exchange(open_, false)) {
            return;
        }
        if (verdict == ack_verdict::lost) {
            state_->any_lost.store(true, std::memory_order_relaxed);
        }
        const auto held = std::move(state_);
        if (held->shares.fetch_sub(1, std::memory_order_acq_rel) == 1) {
            held->on_final(
                held->any_lost.load(std::memory_order_relaxed) ? ack_verdict::lost
                                                               : ack_verdict::delivered
            );
        }
    }

    std::shared_ptr<state> state_;
    bool open_ = false;
};

} // namespace logboom
