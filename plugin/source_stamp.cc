#include "plugin/source_stamp.h"

namespace logboom {
namespace {

field_reference named(ecs_mode mode, const char* ecs, const char* old) {
    return field_reference::of(mode == ecs_mode::disabled ? old : ecs);
}

} // namespace

// In the order of source_field.
source_stamp::source_stamp(const plugin_context& context)
    : references_{
          named(context.ecs, "[host][name]", "host"),
          named(context.ecs, "[host][hostname]", "host"),
          named(context.ecs, "[event][sequence]", "sequence")}
    , host_(context.host_name) {}

} // namespace logboom
