#include "pipelines/filters/drop.h"

#include "plugin/event_filter.h"

#include <random>

namespace logboom {
namespace {

constexpr double all_events = 100;

constexpr setting drop_table[] = {
    {.name = "percentage",
     .type = setting_type::real,
     .fallback = "100",
     .doc = "How many of the events to drop, in percent.",
     .min = 0,
     .max = all_events},
};

class drop final : public event_filter {
  public:
    explicit drop(const plugin_context& context)
        : event_filter(context), percentage_(context.options.real("percentage")) {}

  private:
    verdict work_on(event& each) override {
        if (percentage_ >= all_events || share_(random_) < percentage_) {
            each.cancel();
        }
        return verdict::unmatched();
    }

    double percentage_;
    std::minstd_rand random_{std::random_device{}()};
    std::uniform_real_distribution<> share_{0, all_events};
};

result<std::unique_ptr<filter>> make_drop(const plugin_context& context) {
    return std::make_unique<drop>(context);
}

} // namespace

const filter_row drop_filter{"drop", drop_table, make_drop, {.is_per_worker = true}};

} // namespace logboom
