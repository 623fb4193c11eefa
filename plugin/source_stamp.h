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
};

class source_stamp {
  public:
    explicit source_stamp(const plugin_context& context);

    /// Sets the field whatever the event holds there. `item`'s text lives as long as the event.
    void set(event& in, source_field which, const value& item) const {
        in.set(reference(which), item);
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
    static constexpr std::size_t count = 3;

    [[nodiscard]] const field_reference& reference(source_field which) const {
        return references_[static_cast<std::size_t>(which)];
    }

    std::array<field_reference, count> references_;
    std::string host_;
};

} // namespace logboom
