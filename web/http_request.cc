// Reads a request's head: one line, headers, an empty line. As strict as RFC 9112 where leniency
// would let two readers of one stream disagree (lengths), and no stricter.
#include "web/http_request.h"

#include "base/ascii.h"

#include <algorithm>
#include <charconv>
#include <optional>

namespace logboom::web {
namespace {

constexpr std::size_t headers_max = 100;

constexpr int bad_request = 400;
constexpr int uri_too_long = 414;
constexpr int head_too_large = 431;
constexpr int version_not_supported = 505;
constexpr std::size_t target_size_max = std::size_t{4} * 1024;

bool is_token(std::string_view text) {
    constexpr std::string_view marks = "!#$%&'*+-.^_`|~";
    return !text.empty() && std::all_of(text.begin(), text.end(), [&](char each) {
        return is_letter(each) || is_digit(each) || marks.find(each) != std::string_view::npos;
    });
}

/// nullopt when an escape is broken or hides a NUL.
std::optional<std::string> decoded(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            out.push_back(text[i]);
            continue;
        }
        unsigned value = 0;
        const char* const begin = text.data() + i + 1;
        if (i + 2 >= text.size() || std::from_chars(begin, begin + 2, value, 16).ptr != begin + 2 ||
            value == 0) {
            return std::nullopt;
        }
        out.push_back(static_cast<char>(value));
        i += 2;
    }
    return out;
}

bool read_query(std::string_view text, http_request& into) {
    while (!text.empty()) {
        const std::string_view pair = text.substr(0, text.find('&'));
        text.remove_prefix(std::min(pair.size() + 1, text.size()));
        const std::size_t equal = std::min(pair.find('='), pair.size());
        auto name = decoded(pair.substr(0, equal));
        auto value = decoded(pair.substr(std::min(equal + 1, pair.size())));
        if (!name || !value) {
            return false;
        }
        if (!name->empty()) {
            into.query.insert_or_assign(*std::move(name), *std::move(value));
        }
    }
    return true;
}

/// 0, or the status of what is wrong.
int read_target(std::string_view target, http_request& into) {
    if (target.size() > target_size_max) {
        return uri_too_long;
    }
    constexpr std::string_view scheme = "http://";
    if (target.starts_with(scheme)) {
        target.remove_prefix(std::min(target.find('/', scheme.size()), target.size()));
    }
    if (target.empty() || target.front() != '/') {
        return bad_request;
    }
    const std::size_t question = std::min(target.find('?'), target.size());
    auto path = decoded(target.substr(0, question));
    if (!path || !read_query(target.substr(std::min(question + 1, target.size())), into)) {
        return bad_request;
    }
    into.path = *std::move(path);
    while (into.path.size() > 1 && into.path.back() == '/') {
        into.path.pop_back();
    }
    return 0;
}

int read_request_line(std::string_view line, http_request& into) {
    const std::size_t first = line.find(' ');
    const std::size_t last = line.rfind(' ');
    if (first == std::string_view::npos || first == last) {
        return bad_request;
    }
    const std::string_view method = line.substr(0, first);
    const std::string_view version = line.substr(last + 1);
    const std::string_view target = line.substr(first + 1, last - first - 1);
    if (!is_token(method) || target.find(' ') != std::string_view::npos) {
        return bad_request;
    }
    if (version != "HTTP/1.1" && version != "HTTP/1.0") {
        return version.starts_with("HTTP/") ? version_not_supported : bad_request;
    }
    into.method = method;
    into.is_kept_alive = version == "HTTP/1.1";
    return read_target(target, into);
}

/// A list, of which "close" outweighs the rest.
void read_connection(std::string_view names, http_request& into) {
    bool is_closed = false;
    while (!names.empty()) {
        const std::size_t comma = std::min(names.find(','), names.size());
        const std::string_view name = trimmed(names.substr(0, comma));
        names.remove_prefix(std::min(comma + 1, names.size()));
        is_closed = is_closed || equals_ignoring_case(name, "close");
        into.is_kept_alive = into.is_kept_alive || equals_ignoring_case(name, "keep-alive");
    }
    into.is_kept_alive = into.is_kept_alive && !is_closed;
}

int read_header(std::string_view line, http_request& into, std::optional<std::size_t>& length) {
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos || !is_token(line.substr(0, colon))) {
        return bad_request;
    }
    const std::string_view name = line.substr(0, colon);
    const std::string_view value = trimmed(line.substr(colon + 1));
    if (equals_ignoring_case(name, "content-length")) {
        std::size_t size = 0;
        const char* const end = value.data() + value.size();
        const auto [stop, code] = std::from_chars(value.data(), end, size);
        if (code != std::errc{} || stop != end || (length && *length != size)) {
            return bad_request;
        }
        length = size;
    } else if (equals_ignoring_case(name, "transfer-encoding")) {
        into.is_chunked = true;
    } else if (equals_ignoring_case(name, "connection")) {
        read_connection(value, into);
    } else if (equals_ignoring_case(name, "authorization")) {
        into.authorization = value;
    } else if (equals_ignoring_case(name, "expect")) {
        into.is_body_held = equals_ignoring_case(value, "100-continue");
    }
    return 0;
}

/// 0, or the status of what is wrong.
int read_lines(std::string_view head, http_request& into) {
    std::optional<std::size_t> length;
    std::size_t count = 0;
    for (bool is_first = true; !head.empty(); is_first = false) {
        std::size_t end = head.find('\n');
        std::string_view line = head.substr(0, end);
        head.remove_prefix(std::min(line.size() + 1, head.size()));
        if (line.ends_with('\r')) {
            line.remove_suffix(1);
        }
        if (line.find('\0') != std::string_view::npos) {
            return bad_request;
        }
        const int status =
            is_first ? read_request_line(line, into) : read_header(line, into, length);
        if (status != 0) {
            return status;
        }
        if (++count > headers_max) {
            return head_too_large;
        }
    }
    // Both at once is how one request is smuggled into another.
    if (into.is_chunked && length) {
        return bad_request;
    }
    into.body_size = length.value_or(0);
    return 0;
}

/// Where the empty line ends; npos when it has not come.
std::size_t end_of_head(std::string_view received) {
    for (std::size_t at = received.find('\n'); at != std::string_view::npos;
         at = received.find('\n', at + 1)) {
        const std::string_view rest = received.substr(at + 1);
        if (rest.starts_with('\n')) {
            return at + 2;
        }
        if (rest.starts_with("\r\n")) {
            return at + 3;
        }
    }
    return std::string_view::npos;
}

head_outcome broken(int status) {
    head_outcome out;
    out.what = head_outcome::state::broken;
    out.status = status;
    return out;
}

} // namespace

bool http_request::has_flag(std::string_view name) const {
    const auto found = query.find(name);
    return found != query.end() && found->second != "false";
}

head_outcome read_head(std::string_view received) {
    // Some clients end a body with a newline that is not theirs to send.
    std::size_t skipped = 0;
    while (skipped < received.size() && (received[skipped] == '\r' || received[skipped] == '\n')) {
        ++skipped;
    }
    const std::string_view text = received.substr(skipped);
    const std::size_t end = end_of_head(text);
    if (end == std::string_view::npos) {
        return received.size() >= head_size_max ? broken(head_too_large) : head_outcome();
    }
    if (skipped + end > head_size_max) {
        return broken(head_too_large);
    }
    head_outcome out;
    std::string_view head = text.substr(0, end);
    head.remove_suffix(head.ends_with("\r\n") ? 2 : 1);
    if (const int status = read_lines(head, out.request); status != 0) {
        return broken(status);
    }
    out.what = head_outcome::state::complete;
    out.size = skipped + end;
    return out;
}

} // namespace logboom::web
