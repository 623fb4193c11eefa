#include "web/api_server.h"

#include <fmt/format.h>

namespace logboom::web {

result<std::unique_ptr<http_server>>
serve_api(http_server_options options, node_info about, const metrics& counters) {
    const std::string host = options.host;
    LB_TRY(auto made, http_server::open(std::move(options)));
    static const real_clock time;
    made->start(
        node_routes(std::move(about), fmt::format("{}:{}", host, made->port()), counters, time)
    );
    return made;
}

} // namespace logboom::web
