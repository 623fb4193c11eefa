#include "web/api_server.h"

namespace logboom::web {

result<std::unique_ptr<http_server>>
serve_api(http_server_options options, node_info about, const metrics& counters) {
    LB_TRY(auto made, http_server::open(std::move(options)));
    static const real_clock time;
    made->start(node_routes(std::move(about), made->address(), counters, time));
    return made;
}

} // namespace logboom::web
