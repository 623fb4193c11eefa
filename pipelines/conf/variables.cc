#include "pipelines/conf/variables.h"

#include "base/ascii.h"
#include "base/secrets.h"

#include <cstdlib>
#include <string_view>

namespace logboom::conf {
namespace {

/// "NAME}" or "NAME:default}" at the front of `text`: the name's and the default's length.
struct variable_shape {
    std::size_t name_size = 0;
    std::optional<std::size_t> fallback_size;
};

std::optional<variable_shape> match_variable(std::string_view text) {
    variable_shape shape;
    const auto fits = [&](char each) {
        return is_letter(each) || each == '_' || each == '.' ||
               (shape.name_size > 0 && is_digit(each));
    };
    while (shape.name_size < text.size() && fits(text[shape.name_size])) {
        ++shape.name_size;
    }
    if (shape.name_size == 0 || shape.name_size == text.size()) {
        return std::nullopt;
    }
    const std::string_view rest = text.substr(shape.name_size);
    if (rest.front() == '}') {
        return shape;
    }
    const auto close = rest.find('}');
    if (rest.front() != ':' || close == std::string_view::npos) {
        return std::nullopt;
    }
    shape.fallback_size = close - 1;
    return shape;
}

} // namespace

std::optional<std::string> environment_variable(const std::string& name) {
    const char* held = std::getenv(name.c_str());
    return held == nullptr ? std::nullopt : std::optional<std::string>(held);
}

std::string
substitute_variables(std::string text, const variable_lookup& variables, std::string& undefined) {
    std::size_t found = text.find("${");
    while (found != std::string::npos) {
        const std::string_view inside = std::string_view(text).substr(found + 2);
        const auto shape = match_variable(inside);
        if (!shape) {
            found = text.find("${", found + 2);
            continue;
        }
        const std::string name(inside.substr(0, shape->name_size));
        const std::size_t tail = shape->fallback_size ? *shape->fallback_size + 1 : 0;
        auto value = variables(name);
        if (!value && shape->fallback_size) {
            value = std::string(inside.substr(shape->name_size + 1, *shape->fallback_size));
        }
        if (!value) {
            undefined = name;
            value.emplace();
        }
        if (is_secret_name(name)) {
            keep_secret(*value);
        }
        text.replace(found, 2 + shape->name_size + tail + 1, *value);
        found = text.find("${", found + value->size());
    }
    return text;
}

} // namespace logboom::conf
