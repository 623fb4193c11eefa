// The common options of one plugin as the pipeline applies them. What a decoration cannot do is
// counted, told, and tagged as in Logstash's filters that catch it: the event goes on. Made at
// load, used by all workers at once.
#pragma once

#include "event/decorate.h"
#include "plugin/failure_log.h"

namespace logboom {

class decorator {
  public:
    /// `failure_tags` are for an event whose decoration failed.
    decorator(
        decoration what,
        std::vector<std::string> failure_tags,
        std::unique_ptr<failure_log> failures
    )
        : decoration_(std::move(what))
        , failure_tags_(std::move(failure_tags))
        , failures_(std::move(failures)) {}

    [[nodiscard]] bool is_empty() const noexcept { return decoration_.is_empty(); }
    void apply(event& to) const {
        const std::string why = decoration_.apply(to);
        if (why.empty()) [[likely]] {
            return;
        }
        failures_->add("An event could not be decorated: " + why + ".");
        for (const std::string& each : failure_tags_) {
            to.tag(each);
        }
    }

  private:
    decoration decoration_;
    std::vector<std::string> failure_tags_;
    std::unique_ptr<failure_log> failures_;
};

} // namespace logboom
