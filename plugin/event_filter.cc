#include "plugin/event_filter.h"

#include "base/metric_list.h"

#include <fmt/format.h>

#include <algorithm>
#include <exception>

namespace logboom {
std::vector<std::string> failure_tags(const settings& options, std::vector<std::string> otherwise) {
    const auto table = options.table();
    const auto row = std::find_if(table.begin(), table.end(), [](const setting& each) {
        return each.name == "tag_on_failure";
    });
    if (row == table.end()) {
        return otherwise;
    }
    return row->type == setting_type::array ? options.list(row->name)
                                            : std::vector{options.text(row->name)};
}

event_filter::event_filter(const plugin_context& context)
    : name_(context.plugin_name)
    , failure_tags_(failure_tags(context.options, {}))
    , failures_(
          counter(
              context.counters, declared("logboom_filter_failures_total"), context.labels()
          ),
          context.time,
          context.log
      ) {}

void event_filter::apply(event_batch& batch, selection& chosen, selection& matched) {
    for (const std::uint32_t index : chosen) {
        event& each = batch.events[index];
        if (each.is_cancelled()) {
            continue;
        }
        const verdict became = attempt(each);
        if (became.what_ == verdict::kind::matched) {
            matched.push_back(index);
        } else if (became.what_ == verdict::kind::failed) {
            fail(each, became.why_);
        }
    }
}

event_filter::verdict event_filter::attempt(event& each) {
    try {
        return work_on(each);
    } catch (const std::exception& why) {
        return verdict::failed(why.what());
    }
}

void event_filter::fail(event& each, const std::string& why) {
    for (const std::string& tag : failure_tags_) {
        each.tag(tag);
    }
    failures_.add(fmt::format("The {} filter failed on an event: {}.", name_, why));
}

} // namespace logboom
