// The fields by which an input says where its events come from, each by its name in the Elastic
// Common Schema and by Logstash's old one. Made once by an input, used by all its threads.
#pragma once

#include "event/event.h"
#include "plugin/context.h"

#include <array>
#include <string>

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

class source_stamp {
  public:
    explicit source_stamp(const plugin_context& context);

    /// Sets the field whatever the event holds there. `item`'s text lives as long as the event.
    void set(event& in, source_field which, const value& item) const {
        in.set(field_of(which).reference, item);
    }
    /// Sets the field unless the event holds one, or holds no fields where one would have to be.
    /// `text` lives as long as the event. The quick way: files do this twice a line.
    void add(event& in, source_field which, std::string_view text) const;
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
    static constexpr std::size_t count = 4;

    /// Its names from the outermost on, for ever.
    struct field_path {
        std::span<const std::string_view> keys;
        field_reference reference;
    };

    static field_path path_of(std::size_t number, ecs_mode mode);
    [[nodiscard]] const field_path& field_of(source_field which) const {
        return fields_[static_cast<std::size_t>(which)];
    }

    std::array<field_path, count> fields_;
    std::string host_;
};

} // namespace logboom
