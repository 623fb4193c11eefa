// What the API is asked for: the api.* settings, checked before anything listens. A protection that
// is asked for is given, or the start is refused.
#pragma once

#include "base/settings.h"
#include "web/http_server.h"

#include <optional>
#include <span>
#include <string>
#include <vector>

namespace logboom::web {

/// Rows for logstash.yml and for options of the same names.
std::span<const setting> api_settings();

struct api_outcome {
    /// Nothing when api.enabled is false, or when there are errors.
    std::optional<http_server_options> server;
    /// Each names its setting.
    std::vector<settings_problem> errors;
    std::vector<std::string> warnings;
};

/// Reads the keystore. `from` has the rows of api_settings().
api_outcome read_api_options(const settings& from);

} // namespace logboom::web
