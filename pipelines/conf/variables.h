// ${NAME} and ${NAME:default} in strings.
#pragma once

#include <functional>
#include <optional>
#include <string>

namespace logboom::conf {

/// Value of an environment variable; nullopt when it is not set.
using variable_lookup = std::function<std::optional<std::string>(const std::string& name)>;
/// getenv(3).
std::optional<std::string> environment_variable(const std::string& name);

/// What a variable holds is not looked at again. A variable that is not set and has no default
/// becomes nothing, and the last such is named in `undefined`. What a variable with a secret's name
/// holds is masked in every message from then on.
std::string
substitute_variables(std::string text, const variable_lookup& variables, std::string& undefined);

} // namespace logboom::conf
