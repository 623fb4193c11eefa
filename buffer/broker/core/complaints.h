// Log lines about misbehaving clients, held back: one per address, kind and minute, with the number
// of those left out in between. Bounded, however many addresses complain. On the loop.
#pragma once

#include "base/clock.h"
#include "base/log.h"

#include <map>
#include <string>

namespace logboom::broker {

class complaints {
  public:
    complaints(const clock& time, logger messages) : time_(time), messages_(std::move(messages)) {}

    /// Sentences that begin alike are of one kind.
    void warn(const std::string& host, const std::string& sentence) {
        const std::string kind = host + ' ' + sentence.substr(0, kind_size);
        const auto now = time_.steady();
        if (hosts_.size() >= hosts_max && !hosts_.contains(kind)) {
            hosts_.clear();
        }
        held& at = hosts_[kind];
        if (at.lines > 0 && now - at.last < pause) {
            ++at.left_out;
            return;
        }
        if (at.left_out > 0) {
            messages_.warn("{} similar_lines_left_out={}", sentence, at.left_out);
        } else {
            messages_.warn("{}", sentence);
        }
        at = {now, 0, 1};
    }

  private:
    static constexpr std::size_t hosts_max = 1024;
    static constexpr std::size_t kind_size = 48;
    static constexpr clock::duration pause = std::chrono::minutes(1);
    struct held {
        clock::duration last{};
        std::int64_t left_out = 0;
        int lines = 0;
    };

    const clock& time_;
    logger messages_;
    std::map<std::string, held> hosts_;
};

} // namespace logboom::broker
