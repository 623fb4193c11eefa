#include "base/directory_check.h"

#include <cerrno>
#include <filesystem>
#include <sys/stat.h>
#include <unistd.h>

namespace logboom {

result<void> check_writable(const std::string& directory) {
    namespace fs = std::filesystem;
    std::error_code code;
    fs::path place = fs::absolute(directory, code);
    struct stat found {};
    while (::stat(place.c_str(), &found) != 0) {
        if (errno != ENOENT || place == place.parent_path()) {
            return last_os_error(place.string());
        }
        place = place.parent_path();
    }
    if (!S_ISDIR(found.st_mode)) {
        return error(std::error_code(ENOTDIR, std::system_category()), place.string());
    }
    return ::access(place.c_str(), W_OK | X_OK) == 0 ? result<void>()
                                                     : last_os_error(place.string());
}

} // namespace logboom
