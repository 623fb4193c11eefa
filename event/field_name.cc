#include "event/field_name.h"

namespace logboom {

field_name::field_name(std::string_view text) : form_(text) {
    if (form_.is_constant()) {
        fixed_ = field_reference::parse(text);
    }
}

const field_reference*
field_name::resolve(const event& with, std::optional<field_reference>& scratch) const {
    if (fixed_) {
        return &*fixed_;
    }
    scratch = field_reference::parse(form_.rendered(with));
    return scratch ? &*scratch : nullptr;
}

std::string field_name::problem() const {
    return form_.is_constant() && !fixed_ ? "\"" + form_.text() + "\" is no legal field reference"
                                          : form_.problem();
}

} // namespace logboom
