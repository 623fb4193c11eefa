// The status codes that outputs decide by (RFC 9110).
#pragma once

namespace logboom::http_status {

constexpr int bad_request = 400;
constexpr int unauthorized = 401;
constexpr int forbidden = 403;
constexpr int not_found = 404;
constexpr int request_timeout = 408;
constexpr int conflict = 409;
constexpr int too_large = 413;
constexpr int too_many_requests = 429;
constexpr int server_error = 500;

} // namespace logboom::http_status
