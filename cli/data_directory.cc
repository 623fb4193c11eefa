#include "cli/data_directory.h"

#include <cstdlib>
#include <unistd.h>

namespace logboom::cli {

std::string default_data_directory() {
    const char* home = std::getenv("HOME");
    if (geteuid() == 0 || home == nullptr || *home == '\0') {
        return "/var/lib/logboom";
    }
    const char* state = std::getenv("XDG_STATE_HOME");
    return state != nullptr && *state == '/' ? std::string(state) + "/logboom"
                                             : std::string(home) + "/.local/state/logboom";
}

} // namespace logboom::cli
