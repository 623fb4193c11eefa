// An answer, and its bytes.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace logboom::web {

struct http_response {
    int status = 200;
    std::string content_type = "application/json";
    std::string body;
    /// Beside Content-Type, Content-Length and Connection.
    std::vector<std::pair<std::string, std::string>> headers;
};

/// The answer's head and, unless `is_head_only` (HEAD), its body.
std::string bytes_of(const http_response& from, bool is_kept_alive, bool is_head_only);

/// "Not Found".
std::string_view reason_of(int status);

} // namespace logboom::web
