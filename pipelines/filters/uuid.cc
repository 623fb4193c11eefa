// Filter uuid: a random UUID (version 4) in a field.
#include "plugin/event_filter.h"

#include <fmt/format.h>

#include <random>

namespace logboom {
namespace {

constexpr setting uuid_table[] = {
    {.name = "target",
     .doc = "The field to put it in.",
     .required = true,
     .content = setting_content::reference},
    {"overwrite", setting_type::boolean, "false", "Replace what the field holds already."},
};

std::string random_uuid(std::random_device& source) {
    const std::uint32_t first = source();
    const std::uint32_t second = source();
    const std::uint32_t third = source();
    const std::uint32_t fourth = source();
    return fmt::format(
        "{:08x}-{:04x}-4{:03x}-{:04x}-{:04x}{:08x}",
        first,
        second >> 16U,
        second & 0xFFFU,
        0x8000U | (third >> 18U),
        third & 0xFFFFU,
        fourth
    );
}

class uuid final : public event_filter {
  public:
    explicit uuid(const plugin_context& context)
        : event_filter(context)
        , target_(context.options.single("target")->reference())
        , overwrites_(context.options.flag("overwrite")) {}

  private:
    verdict work_on(event& each) override {
        const value* held = each.get(target_);
        if (held != nullptr && !held->is_nil() && !overwrites_) {
            return verdict::matched();
        }
        return each.set(target_, value::of(each.memory().copy(random_uuid(random_))))
                   ? verdict::matched()
                   : verdict::failed(target_.text() + " cannot be set");
    }

    field_reference target_;
    bool overwrites_;
    std::random_device random_;
};

result<std::unique_ptr<filter>> make_uuid(const plugin_context& context) {
    return std::make_unique<uuid>(context);
}

} // namespace

extern const filter_row uuid_filter;
const filter_row uuid_filter{"uuid", uuid_table, make_uuid, {.is_per_worker = true}};

} // namespace logboom
