#include "sinks/file_path.h"

#include "base/env.h"
#include "sinks/errc.h"

#include <algorithm>
#include <filesystem>

namespace logboom {
namespace {

constexpr std::size_t path_size_max = 4096;

/// Absolute, without "." and ".." and doubled slashes.
std::string expanded(std::string_view path) {
    std::error_code failed;
    const auto absolute = std::filesystem::absolute(std::filesystem::path(path), failed);
    return absolute.lexically_normal().string();
}

} // namespace

result<file_path> file_path::make(sprintf_template path, std::string_view failure_name) {
    const std::string_view text = path.text();
    const bool is_constant = path.is_constant();
    const std::size_t first = std::min(text.find_first_not_of('/'), text.size());
    if (!is_constant && text.find("%{") < text.find('/', first)) {
        return error(sink_errc::dynamic_root, std::string(text));
    }
    file_path made;
    const std::string absolute = expanded(text);
    const std::size_t dynamic = is_constant ? absolute.size() : absolute.find("%{");
    made.root_ = absolute.substr(0, absolute.rfind('/', dynamic));
    if (made.root_.empty() && !is_constant) {
        return error(sink_errc::dynamic_root, std::string(text));
    }
    made.constant_ = is_constant ? absolute : "";
    made.form_ = std::move(path);
    made.failure_path_ = expanded(join_path(made.root_.empty() ? "/" : made.root_, failure_name));
    return made;
}

std::string file_path::resolve(const event& from) const {
    if (!constant_.empty()) {
        return constant_;
    }
    const std::string rendered = form_.rendered(from);
    if (rendered.size() > path_size_max || rendered.find('\0') != std::string::npos) {
        return failure_path_;
    }
    std::string path = expanded(rendered);
    const bool is_inside = path.size() > root_.size() + 1 && path.starts_with(root_) &&
                           path[root_.size()] == '/' && path.back() != '/';
    return is_inside ? path : failure_path_;
}

} // namespace logboom
