#include "agent/file/foreign_record.h"

#include "agent/file/rotated_name.h"

#include <chrono>

namespace logboom::agent {
namespace {

/// The kernel's clock for files is that much coarser than the one positions are noted by.
constexpr auto clock_slack = std::chrono::milliseconds(10);

bool is_line_begin(file_source& content, std::int64_t position, std::string_view delimiter) {
    std::string before(delimiter.size(), '\0');
    const std::int64_t from = position - static_cast<std::int64_t>(delimiter.size());
    if (from < 0) {
        return false;
    }
    const auto count = content.read(before.data(), before.size(), from);
    // What cannot be read says nothing.
    return count.has_error() || before == delimiter;
}

} // namespace

std::string_view foreign_doubt::of(
    const checkpoint_record& record,
    const std::string& path,
    const file_stat& stat,
    file_source* content
) const {
    const auto born = std::chrono::nanoseconds(stat.identity.birth_ns);
    const auto noted = std::chrono::milliseconds(record.changed.value());
    if (stat.identity.birth_ns != 0 && born > noted + clock_slack) {
        return "the file was made after it was noted";
    }
    if (stat.identity.birth_ns == 0 && !record.path.empty() && record.path != path &&
        rotated_from(path) != record.path) {
        return "it is of another name, and the file system does not tell when files are made";
    }
    const std::int64_t position = record.position.value();
    if (is_compressed || position == 0) {
        return {};
    }
    if (position > stat.size) {
        return "the file is shorter";
    }
    if ((is_read_mode && position == stat.size) || content == nullptr ||
        is_line_begin(*content, position, delimiter)) {
        return {};
    }
    return "no line begins there";
}

} // namespace logboom::agent
