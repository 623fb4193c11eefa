#include "base/env.h"

#include <fmt/format.h>

#include <cerrno>

namespace logboom {

std::string join_path(std::string_view directory, std::string_view name) {
    std::string path(directory);
    if (!path.empty() && path.back() != '/') {
        path.push_back('/');
    }
    path.append(name);
    return path;
}

std::string parent_path(std::string_view path) {
    const auto slash = path.rfind('/');
    if (slash == std::string_view::npos) {
        return ".";
    }
    return slash == 0 ? "/" : std::string(path.substr(0, slash));
}

result<std::string> read_file(env& from, const std::string& path, std::size_t size_max) {
    LB_TRY(auto opened, from.open(path, open_mode::read_only));
    LB_TRY(const auto size, opened->size());
    if (size > size_max) {
        return error(std::error_code(EFBIG, std::system_category()), path);
    }
    std::string text(size, '\0');
    mutable_bytes into(reinterpret_cast<std::byte*>(text.data()), text.size());
    LB_TRY(const auto count, opened->pread(into, 0));
    text.resize(count);
    return text;
}

result<void> replace_file(env& to, const std::string& path, std::string_view text) {
    const std::string temporary = path + ".tmp";
    {
        LB_TRY(auto made, to.open(temporary, open_mode::truncate));
        LB_CHECK(made->pwrite(as_bytes(text), 0));
        LB_CHECK(made->sync());
    }
    LB_CHECK(to.rename(temporary, path));
    return to.sync_directory(parent_path(path));
}

std::string openness_warning(env& files, const std::string& directory) {
    const auto found = files.permissions(directory);
    if (found.has_error() || (*found & ~directory_mode & 0777U) == 0) {
        return {};
    }
    return fmt::format(
        "{0} was made with permissions {1:04o}, so others can see what is kept there; "
        "chmod {2:04o} {0} closes it.",
        directory,
        *found,
        directory_mode
    );
}

} // namespace logboom
