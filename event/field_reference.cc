#include "event/field_reference.h"

#include "base/assertion.h"

namespace logboom {
namespace {

/// Appends the names of "[a][b]" to `path`; `text` begins with '['. False when it is not legal.
bool parse_brackets(std::string_view text, std::vector<std::string>& path) {
    std::size_t depth = 0;
    std::string name;
    bool closed = true;
    for (const char each : text) {
        if (each == '[') {
            if (!name.empty()) {
                return false;
            }
            ++depth;
            closed = false;
        } else if (each == ']') {
            if (depth == 0) {
                return false;
            }
            --depth;
            if (!closed) {
                if (name.empty()) {
                    return false;
                }
                path.push_back(std::move(name));
                name.clear();
                closed = true;
            }
        } else {
            if (depth == 0 || closed) {
                return false;
            }
            name.push_back(each);
        }
    }
    return depth == 0 && !path.empty();
}

} // namespace

std::optional<field_reference> field_reference::parse(std::string_view text) {
    field_reference made;
    made.text_ = text;
    if (text.empty()) {
        return std::nullopt;
    }
    if (text.front() == '[') {
        if (!parse_brackets(text, made.path_)) {
            return std::nullopt;
        }
    } else {
        if (text.find_first_of("[]") != std::string_view::npos) {
            return std::nullopt;
        }
        made.path_.emplace_back(text);
    }
    if (made.path_.front() == "@metadata") {
        made.in_metadata_ = true;
        made.path_.erase(made.path_.begin());
    }
    return made;
}

field_reference field_reference::of(std::string_view text) {
    auto made = parse(text);
    LB_ASSERT(made.has_value());
    return *std::move(made);
}

} // namespace logboom
