// One Elasticsearch host as users write it: "es1", "es1:9200", "http://user:pass@es1:9200/path",
// "//127.0.0.1", "[::1]:9200".
#pragma once

#include "base/result.h"

#include <string>
#include <string_view>

namespace logboom::sinks {

struct endpoint {
    bool is_tls = false;
    /// The text said http:// or https://.
    bool has_scheme = false;
    std::string host;
    int port = 0;
    /// "" or "/path", without a slash at the end.
    std::string path;
    std::string user;
    std::string password;

    /// "https://host:port/path", without the password.
    [[nodiscard]] std::string url() const;
    [[nodiscard]] bool is_loopback() const;

    static result<endpoint> parse(std::string_view text, int default_port);
    /// The Elasticsearch behind a cloud id.
    static result<endpoint> of_cloud_id(std::string_view text);
};

} // namespace logboom::sinks
