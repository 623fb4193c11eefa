// What is said of the followed files when somebody asks. `status_report` makes it, on the input's
// thread; `status_desk` is where other threads ask that thread and wait for its answer.
#pragma once

#include "agent/file/tail_set.h"
#include "plugin/file_status.h"

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <optional>

namespace logboom::agent {

/// The `count_max` files that are furthest behind.
files_status status_report(const tail_set& files, std::size_t count_max, clock::duration now);

class status_desk {
  public:
    // From any thread.
    /// Nothing when there is no answer within `limit`. `wake` is called once, when the question can
    /// be seen.
    template <class Wake>
    std::optional<files_status>
    ask(std::size_t count_max, std::chrono::milliseconds limit, Wake&& wake) {
        std::unique_lock lock(mutex_);
        const std::uint64_t number = ++asked_;
        count_max_ = std::max(count_max_, count_max);
        is_asked_.store(true);
        wake();
        if (!changed_.wait_for(lock, limit, [&] { return answered_ >= number; })) {
            return std::nullopt;
        }
        return answer_;
    }

    // From the owner's thread.
    [[nodiscard]] bool is_asked() const noexcept {
        return is_asked_.load(std::memory_order_relaxed);
    }
    /// How many files those who ask want to hear of.
    [[nodiscard]] std::size_t count_max() const;
    void answer(files_status what);

  private:
    std::atomic<bool> is_asked_{false};
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::uint64_t asked_ = 0;
    std::uint64_t answered_ = 0;
    std::size_t count_max_ = 0;
    files_status answer_;
};

} // namespace logboom::agent
