#include "web/api_server.h"

namespace logboom::web {

result<std::unique_ptr<http_server>> serve_api(
    http_server_options options, node_info about, const metrics& counters, std::vector<route> more
) {
    LB_TRY(auto made, http_server::open(std::move(options)));
    static const real_clock time;
    router routes = node_routes(std::move(about), made->address(), counters, time);
    routes.add(std::move(more));
    made->start(std::move(routes));
    return made;
}

} // namespace logboom::web
