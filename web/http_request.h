// The head of an HTTP/1.0 or 1.1 request, read from bytes. Sans-IO: the connection feeds it what
// has come so far. Everything has a limit; what is broken gets the status to answer with.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>

namespace logboom::web {

/// Bytes of a request's line and headers.
inline constexpr std::size_t head_size_max = std::size_t{16} * 1024;

struct http_request {
    std::string method;
    /// Decoded, without a slash at its end (but "/").
    std::string path;
    /// Decoded; a name without a value has an empty one.
    std::map<std::string, std::string, std::less<>> query;
    /// What the Authorization header says.
    std::string authorization;
    bool is_kept_alive = false;
    /// Bytes of the body that follow.
    std::size_t body_size = 0;
    /// The body comes in chunks, and is not read.
    bool is_chunked = false;
    /// The body waits until it is asked for (Expect: 100-continue).
    bool is_body_held = false;

    /// `?pretty` and `?pretty=true`, not `?pretty=false`.
    [[nodiscard]] bool has_flag(std::string_view name) const;
};

struct head_outcome {
    enum class state { incomplete, complete, broken };
    state what = state::incomplete;
    http_request request;
    /// Bytes that the head takes, when it is complete.
    std::size_t size = 0;
    /// What to answer a broken one with.
    int status = 0;
};

head_outcome read_head(std::string_view received);

} // namespace logboom::web
