#include "buffer/log/checkpoint_file.h"

#include "buffer/log/errc.h"

#include <fmt/format.h>

#include <charconv>

namespace logboom::log {
namespace {

/// 100,000 partitions with long names fit.
constexpr std::size_t file_size_max = 32U << 20U;

std::string_view take_until(std::string_view& text, char separator) {
    const auto end = text.find(separator);
    const std::string_view taken = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    return taken;
}

template <class Number>
bool parse_number(std::string_view text, Number& out) {
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), out);
    return code == std::errc() && end == text.data() + text.size();
}

/// Calls `line` for each line behind the count; it gives false for one it cannot read.
template <class Line>
result<void> read_lines(env& files, const std::string& path, Line line) {
    if (!files.exists(path)) {
        return {};
    }
    LB_TRY(const std::string text, read_file(files, path, file_size_max));
    if (text.empty()) {
        // Kafka makes its files long before it has something to write.
        return {};
    }
    std::string_view left = text;
    std::size_t count = 0;
    if (take_until(left, '\n') != "0" || !parse_number(take_until(left, '\n'), count)) {
        return error(errc::malformed_file, path);
    }
    for (std::size_t i = 0; i < count; ++i) {
        if (left.empty() || !line(take_until(left, '\n'))) {
            return error(errc::malformed_file, path);
        }
    }
    if (!left.empty()) {
        return error(errc::malformed_file, path);
    }
    return {};
}

} // namespace

result<offset_checkpoint> read_offset_checkpoint(env& files, const std::string& path) {
    offset_checkpoint values;
    LB_CHECK(read_lines(files, path, [&](std::string_view line) {
        const std::string_view topic = take_until(line, ' ');
        const std::string_view partition = take_until(line, ' ');
        std::int32_t index = 0;
        std::int64_t value = 0;
        if (topic.empty() || !parse_number(partition, index) || !parse_number(line, value) ||
            index < 0 || value < 0) {
            return false;
        }
        values[{std::string(topic), partition_id(index)}] = offset(value);
        return true;
    }));
    return values;
}

result<void>
write_offset_checkpoint(env& files, const std::string& path, const offset_checkpoint& values) {
    std::string text = fmt::format("0\n{}\n", values.size());
    for (const auto& [at, value] : values) {
        text += fmt::format("{} {} {}\n", at.topic, at.partition.value(), value.value());
    }
    return replace_file(files, path, text);
}

result<std::vector<epoch_start>> read_epoch_checkpoint(env& files, const std::string& path) {
    std::vector<epoch_start> values;
    LB_CHECK(read_lines(files, path, [&](std::string_view line) {
        const std::string_view epoch_text = take_until(line, ' ');
        std::int32_t epoch = 0;
        std::int64_t start = 0;
        if (!parse_number(epoch_text, epoch) || !parse_number(line, start)) {
            return false;
        }
        values.push_back({leader_epoch(epoch), offset(start)});
        return true;
    }));
    return values;
}

result<void> write_epoch_checkpoint(
    env& files, const std::string& path, const std::vector<epoch_start>& values
) {
    std::string text = fmt::format("0\n{}\n", values.size());
    for (const epoch_start& each : values) {
        text += fmt::format("{} {}\n", each.epoch.value(), each.start.value());
    }
    return replace_file(files, path, text);
}

} // namespace logboom::log
