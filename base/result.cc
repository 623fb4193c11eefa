#include "base/result.h"

#include <cerrno>
#include <ostream>

namespace logboom {

error last_os_error(std::string context) {
    return {std::error_code(errno, std::system_category()), std::move(context)};
}

std::ostream& operator<<(std::ostream& out, const error& why) {
    return out << why.text();
}

} // namespace logboom
