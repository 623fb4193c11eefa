// What the tests of the elasticsearch output share: dead letters that are remembered, and tokens
// whose verdict can be asked for.
#pragma once

#include "plugin/dead_letter.h"

#include <atomic>
#include <mutex>
#include <string>
#include <vector>

namespace logboom::test {

class letter_box final : public dead_letter_queue {
  public:
    struct letter {
        std::string document;
        int status;
        std::string error_type;
        std::string reason;
        std::string target;
        std::string id;
        std::string topic;
        std::int64_t position;
    };

    void write(const dead_letter& from, ack_token ack) override {
        const std::lock_guard lock(mutex_);
        letters.push_back(
            {std::string(from.document),
             from.status,
             std::string(from.error_type),
             std::string(from.reason),
             std::string(from.target),
             std::string(from.id),
             std::string(from.origin.topic),
             from.origin.position}
        );
        if (holds_acks) {
            held.push_back(std::move(ack));
        } else {
            ack.delivered();
        }
    }

    std::vector<letter> letters;
    std::vector<ack_token> held;
    bool holds_acks = false;

  private:
    std::mutex mutex_;
};

struct verdicts {
    std::atomic<int> delivered{0};
    std::atomic<int> lost{0};

    ack_token token() {
        return ack_token([this](ack_verdict verdict) {
            ++(verdict == ack_verdict::delivered ? delivered : lost);
        });
    }
};

} // namespace logboom::test
