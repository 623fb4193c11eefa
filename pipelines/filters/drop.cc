#include "pipelines/filters/drop.h"

#include <array>
#include <random>

namespace logboom {
namespace {

constexpr double all = 100;

constexpr std::array<setting, 1> table{{
    {.name = "percentage",
     .type = setting_type::real,
     .fallback = "100",
     .doc = "How many of the events to drop, in percent.",
     .min = 0,
     .max = all},
}};

bool happens(double percentage) {
    thread_local std::minstd_rand random(std::random_device{}());
    return percentage >= all || std::uniform_real_distribution<>(0, all)(random) < percentage;
}

class drop final : public filter {
  public:
    explicit drop(double percentage) : percentage_(percentage) {}

    void apply(event_batch& batch, selection& chosen, selection& /*matched*/) override {
        for (const std::uint32_t index : chosen) {
            if (happens(percentage_)) {
                batch.events[index].cancel();
            }
        }
    }

  private:
    double percentage_;
};

result<std::unique_ptr<filter>> make(const plugin_context& context) {
    return std::make_unique<drop>(context.options.real("percentage"));
}

} // namespace

const filter_row drop_filter{"drop", table, make};

} // namespace logboom
