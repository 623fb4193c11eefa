#include "pipelines/filters/drop.h"

#include "plugin/event_filter.h"

#include <random>

namespace logboom {
namespace {

constexpr double all = 100;

constexpr setting table[] = {
    {.name = "percentage",
     .type = setting_type::real,
     .fallback = "100",
     .doc = "How many of the events to drop, in percent.",
     .min = 0,
     .max = all},
};

bool happens(double percentage) {
    thread_local std::minstd_rand random(std::random_device{}());
    return percentage >= all || std::uniform_real_distribution<>(0, all)(random) < percentage;
}

class drop final : public event_filter {
  public:
    explicit drop(const plugin_context& context)
        : event_filter(context), percentage_(context.options.real("percentage")) {}

  private:
    verdict work_on(event& each) override {
        if (happens(percentage_)) {
            each.cancel();
        }
        return verdict::unmatched();
    }

    double percentage_;
};

result<std::unique_ptr<filter>> make(const plugin_context& context) {
    return std::make_unique<drop>(context);
}

} // namespace

const filter_row drop_filter{"drop", table, make};

} // namespace logboom
