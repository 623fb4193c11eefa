#include "plugin/source_stamp.h"

namespace logboom {
namespace {

constexpr std::string_view ecs_host_name[] = {"host", "name"};
constexpr std::string_view ecs_host_hostname[] = {"host", "hostname"};
constexpr std::string_view ecs_event_sequence[] = {"event", "sequence"};
constexpr std::string_view ecs_log_file_path[] = {"log", "file", "path"};
constexpr std::string_view old_host[] = {"host"};
constexpr std::string_view old_sequence[] = {"sequence"};
constexpr std::string_view old_path[] = {"path"};

struct source_names {
    std::span<const std::string_view> ecs;
    std::span<const std::string_view> old;
};
/// In the order of source_field.
constexpr source_names all_names[] = {
    {ecs_host_name, old_host},
    {ecs_host_hostname, old_host},
    {ecs_event_sequence, old_sequence},
    {ecs_log_file_path, old_path},
};

/// An empty map with room for one entry, which is mostly all that will be in it.
value narrow_map(arena& memory) {
    value made = value::new_map(memory);
    made.as_map().reserve(memory, 1);
    return made;
}

} // namespace

source_stamp::field_path source_stamp::path_of(std::size_t number, ecs_mode mode) {
    const source_names& both = all_names[number];
    const auto keys = mode == ecs_mode::disabled ? both.old : both.ecs;
    std::string text;
    for (const std::string_view key : keys) {
        text.append("[").append(key).append("]");
    }
    return {keys, field_reference::of(text)};
}

source_stamp::source_stamp(const plugin_context& context)
    : fields_{
          path_of(0, context.ecs),
          path_of(1, context.ecs),
          path_of(2, context.ecs),
          path_of(3, context.ecs)}
    , host_(context.host_name) {
    static_assert(std::size(all_names) == count);
}

void source_stamp::add(event& in, source_field which, std::string_view text) const {
    arena& memory = in.memory();
    const auto keys = field_of(which).keys;
    value_map* map = &in.fields();
    for (const std::string_view key : keys.first(keys.size() - 1)) {
        value* found = map->find(key);
        if (found == nullptr) {
            found = &map->append(memory, key, narrow_map(memory));
        } else if (found->is_nil()) {
            *found = narrow_map(memory);
        }
        if (!found->is(value_kind::map)) {
            return;
        }
        map = &found->as_map();
    }
    if (map->find(keys.back()) == nullptr) {
        map->append(memory, keys.back(), value::of(text));
    }
}

} // namespace logboom
