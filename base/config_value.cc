#include "base/config_value.h"

#include <fmt/format.h>

namespace logboom {

std::string source_position::text() const {
    std::string out = file;
    for (const int number : {line, column}) {
        if (number > 0) {
            out += (out.empty() ? "" : ":") + std::to_string(number);
        }
    }
    return out;
}

std::string config_value::scalar_text() const {
    if (const auto* text = std::get_if<std::string>(&data)) {
        return *text;
    }
    if (const auto* integer = std::get_if<std::int64_t>(&data)) {
        return std::to_string(*integer);
    }
    if (const auto* real = std::get_if<double>(&data)) {
        return fmt::format("{}", *real);
    }
    if (const auto* flag = std::get_if<bool>(&data)) {
        return *flag ? "true" : "false";
    }
    return {};
}

const char* config_value::type_name() const {
    static constexpr const char* names[] = {
        "string",
        "number",
        "number",
        "boolean",
        "array",
        "hash",
        "plugin",
    };
    return names[data.index()];
}

} // namespace logboom
