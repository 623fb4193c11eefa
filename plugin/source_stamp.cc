#include "plugin/source_stamp.h"

namespace logboom {
namespace {

field_reference reference_to(const source_names& names, ecs_mode mode) {
    std::string text;
    for (const std::string_view key : mode == ecs_mode::disabled ? names.old : names.ecs) {
        text.append("[").append(key).append("]");
    }
    return field_reference::of(text);
}

} // namespace

source_stamp::source_stamp(const plugin_context& context)
    : references_{
          reference_to(all_source_names[0], context.ecs),
          reference_to(all_source_names[1], context.ecs),
          reference_to(all_source_names[2], context.ecs),
          reference_to(all_source_names[3], context.ecs)}
    , is_ecs_(context.ecs != ecs_mode::disabled)
    , host_(context.host_name) {}

} // namespace logboom
