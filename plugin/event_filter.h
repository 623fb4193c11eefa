// What a filter stands on that looks at one event at a time: it says what became of the event, the
// rest is here. Cancelled events are passed over. What failed is tagged (tag_on_failure, if the
// table has it), counted (logboom_filter_failures_total) and told once a minute; an exception is a
// failure of its event and not the end of the pipeline. Immutable but for what a filter guards by
// itself, or has for one worker alone (filter_traits::is_per_worker); used by all workers at once.
#pragma once

#include "plugin/failure_log.h"
#include "plugin/filter.h"

#include <string>
#include <vector>

namespace logboom {

class event_filter : public filter {
  public:
    void apply(event_batch& batch, selection& chosen, selection& matched) final;

  protected:
    explicit event_filter(const plugin_context& context);

    /// What became of one event.
    class verdict {
      public:
        /// The filter was applied: add_field, remove_field, add_tag and remove_tag follow.
        static verdict matched() { return verdict(kind::matched, {}); }
        /// It has nothing to do with this event.
        static verdict unmatched() { return verdict(kind::unmatched, {}); }
        /// `why` ends a sentence: "the field holds no text".
        static verdict failed(std::string why) { return verdict(kind::failed, std::move(why)); }

      private:
        friend class event_filter;
        enum class kind { matched, unmatched, failed };
        verdict(kind what, std::string why) : what_(what), why_(std::move(why)) {}

        kind what_;
        std::string why_;
    };

  private:
    virtual verdict work_on(event& each) = 0;
    verdict attempt(event& each);
    void fail(event& each, const std::string& why);

    std::string name_;
    std::vector<std::string> failure_tags_;
    failure_log failures_;
};

/// The values of the table's tag_on_failure; `otherwise` when it has none.
std::vector<std::string> failure_tags(const settings& options, std::vector<std::string> otherwise);

/// The row that a filter with such an option puts into its table.
constexpr setting tag_on_failure(std::string_view fallback) {
    return {
        .name = "tag_on_failure",
        .type = setting_type::array,
        .fallback = fallback,
        .doc = "The tags for an event that the filter failed on.",
    };
}

} // namespace logboom
