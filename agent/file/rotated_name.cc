#include "agent/file/rotated_name.h"

#include <algorithm>

namespace logboom::agent {
namespace {

constexpr std::string_view digits = "0123456789";
/// Of numbers and of dates.
constexpr std::string_view counting = "0123456789.-_:T";

/// Where the number or date begins that ends `text`, with the dot or dash before it; npos when
/// there is none, or nothing before it.
std::size_t find_count(std::string_view text) {
    const std::size_t before = text.find_last_not_of(counting);
    if (before == std::string_view::npos) {
        return before;
    }
    const std::size_t begin = text.find_first_of(".-", before + 1);
    const bool is_number = begin != std::string_view::npos && begin + 1 < text.size() &&
                           digits.find(text[begin + 1]) != std::string_view::npos;
    return is_number ? begin : std::string_view::npos;
}

/// "app-2.log" is another log than "app.log".
bool is_date(std::string_view text) {
    constexpr auto digits_of_date = 8;
    return std::count_if(text.begin(), text.end(), [](char each) {
               return digits.find(each) != std::string_view::npos;
           }) >= digits_of_date;
}

/// The number or date in a name that was rotated.
std::string_view count_of(std::string_view path) {
    const std::string_view name = path.substr(path.rfind('/') + 1);
    const std::size_t begin =
        std::min(find_count(name), find_count(name.substr(0, name.rfind('.'))));
    return begin == std::string_view::npos ? std::string_view() : name.substr(begin);
}

} // namespace

bool is_rotated_before(std::string_view path, std::string_view other) {
    if (is_date(count_of(path)) && is_date(count_of(other))) {
        return path < other;
    }
    return path.size() != other.size() ? path.size() > other.size() : path > other;
}

std::string rotated_from(std::string_view path) {
    const std::size_t name_begin = path.rfind('/') + 1;
    const std::string_view name = path.substr(name_begin);
    const std::string_view directory = path.substr(0, name_begin);
    if (const std::size_t count = find_count(name); count != std::string_view::npos) {
        return std::string(directory).append(name.substr(0, count));
    }
    const std::size_t extension = name.rfind('.');
    if (extension == std::string_view::npos) {
        return {};
    }
    const std::string_view stem = name.substr(0, extension);
    const std::size_t count = find_count(stem);
    if (count == std::string_view::npos || !is_date(stem.substr(count))) {
        return {};
    }
    return std::string(directory).append(name.substr(0, count)).append(name.substr(extension));
}

bool is_archive_name(std::string_view path) {
    return path.ends_with(".gz") || path.ends_with(".gzip");
}

} // namespace logboom::agent
