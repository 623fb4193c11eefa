// The name of a field as an option gives it: a field reference, or a template that renders to one
// for each event. Most are constant and parsed at load. Immutable, thread-safe.
#pragma once

#include "event/sprintf.h"

#include <optional>
#include <string>
#include <string_view>

namespace logboom {

class field_name {
  public:
    /// Any text is one; see problem().
    explicit field_name(std::string_view text);

    /// The reference for this event; nullptr when it renders to no legal one. The pointer is good
    /// until `scratch` changes.
    [[nodiscard]] const field_reference*
    resolve(const event& with, std::optional<field_reference>& scratch) const;
    /// The name for this event.
    [[nodiscard]] std::string text(const event& with) const { return form_.rendered(with); }
    /// What is wrong with it for every event; empty when nothing is.
    [[nodiscard]] std::string problem() const;

  private:
    sprintf_template form_;
    std::optional<field_reference> fixed_;
};

} // namespace logboom
