// The rates of /_node/stats' "flow": of the whole life, and of the last ten seconds as Logstash's
// "current". Totals are kept once a second, as many as the ten seconds need. Of one thread.
#pragma once

#include "base/clock.h"
#include "base/metrics.h"
#include "web/json.h"

#include <array>
#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <vector>

namespace logboom::web {

class flow_history {
  public:
    /// `pipelines`: those that will be asked for. `counters` and `time` outlive the history. The
    /// first totals are taken at once.
    flow_history(std::vector<std::string> pipelines, const metrics& counters, const clock& time);

    /// Once a second.
    void sample();
    /// The members of "flow": of one pipeline, or of all when `pipeline` is empty. `uptime`: since
    /// when the counters count.
    void
    write(json_writer& json, const std::string& pipeline, std::chrono::milliseconds uptime) const;

  private:
    /// Input, filter and output events, nanoseconds of waiting and of work.
    using totals = std::array<std::int64_t, 5>;
    struct moment {
        std::chrono::nanoseconds time{0};
        std::map<std::string, totals> pipelines;
    };

    [[nodiscard]] totals totals_of(const std::string& pipeline) const;

    std::vector<std::string> pipelines_;
    const metrics& counters_;
    const clock& time_;
    /// The oldest is the youngest of those that are ten seconds old.
    std::deque<moment> moments_;
};

} // namespace logboom::web
