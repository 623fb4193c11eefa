// The fields by which an input says where its events come from, each by its name in the Elastic
// Common Schema and by Logstash's old one. Made once by an input, used by all its threads.
#pragma once

#include "event/event.h"
#include "plugin/context.h"

#include <array>
#include <span>
#include <string>
#include <string_view>

namespace logboom {

enum class source_field {
    /// The machine, as file, generator and most inputs say it.
    host_name,
    /// The machine, as stdin says it.
    host_hostname,
    sequence,
    /// The file that a line was read from.
    file_path,
};

/// From the outermost on.
struct source_names {
    std::span<const std::string_view> ecs;
    std::span<const std::string_view> old;
};

namespace detail {
inline constexpr std::string_view ecs_host_name[] = {"host", "name"};
inline constexpr std::string_view ecs_host_hostname[] = {"host", "hostname"};
inline constexpr std::string_view ecs_event_sequence[] = {"event", "sequence"};
inline constexpr std::string_view ecs_log_file_path[] = {"log", "file", "path"};
inline constexpr std::string_view old_host[] = {"host"};
inline constexpr std::string_view old_sequence[] = {"sequence"};
inline constexpr std::string_view old_path[] = {"path"};
} // namespace detail

/// In the order of source_field.
inline constexpr source_names all_source_names[] = {
    {detail::ecs_host_name, detail::old_host},
    {detail::ecs_host_hostname, detail::old_host},
    {detail::ecs_event_sequence, detail::old_sequence},
    {detail::ecs_log_file_path, detail::old_path},
};

class source_stamp {
  public:
    explicit source_stamp(const plugin_context& context);

    /// Sets the field whatever the event holds there. `item`'s text lives as long as the event.
    void set(event& in, source_field which, const value& item) const {
        in.set(reference_of(which), item);
    }
    /// Sets the field unless the event holds one, or holds no fields where one would have to be.
    /// `text` lives as long as the event. Files do this twice a line: the compiler knows the names.
    template <source_field Which>
    void add(event& in, std::string_view text) const {
        constexpr const source_names& names = all_source_names[static_cast<std::size_t>(Which)];
        if (is_ecs_) {
            value_map* map = &in.fields();
            for (std::size_t i = 0; i + 1 < names.ecs.size() && map != nullptr; ++i) {
                map = map_under(in.memory(), *map, names.ecs[i]);
            }
            if (map != nullptr) {
                add_to(*map, names.ecs.back(), in.memory(), text);
            }
        } else {
            static_assert(names.old.size() == 1);
            add_to(in.fields(), names.old.front(), in.memory(), text);
        }
    }
    /// Sets this machine's name.
    void set_host(event& in, source_field which) const {
        set(in, which, value::of(in.memory().copy(host_)));
    }
    /// The same, but an event that has a host at all keeps it.
    void add_host(event& in, source_field which) const {
        if (in.get("host") == nullptr) {
            set_host(in, which);
        }
    }

  private:
    static void add_to(value_map& map, std::string_view key, arena& memory, std::string_view text) {
        if (map.find(key) == nullptr) {
            map.append(memory, key, value::of(text));
        }
    }
    /// The map under `key`, made if there is none; null when something else is there.
    static value_map* map_under(arena& memory, value_map& in, std::string_view key) {
        value* found = in.find(key);
        if (found == nullptr) {
            found = &in.append(memory, key, narrow_map(memory));
        } else if (found->is_nil()) {
            *found = narrow_map(memory);
        }
        return found->is(value_kind::map) ? &found->as_map() : nullptr;
    }
    /// An empty map with room for one entry, which is mostly all that will be in it.
    static value narrow_map(arena& memory) {
        value made = value::new_map(memory);
        made.as_map().reserve(memory, 1);
        return made;
    }
    [[nodiscard]] const field_reference& reference_of(source_field which) const {
        return references_[static_cast<std::size_t>(which)];
    }

    std::array<field_reference, std::size(all_source_names)> references_;
    bool is_ecs_;
    std::string host_;
};

} // namespace logboom
