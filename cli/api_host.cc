#include "cli/api_host.h"

#include "base/host_name.h"
#include "base/ids.h"

namespace logboom::cli {

void add_api_options(command_line to, std::vector<given_option>& into) {
    for (const setting& each : web::api_settings()) {
        if (each.state != setting_state::works) {
            continue;
        }
        const std::string key(each.name);
        // Of two the last one counts, as for logstash.
        to.add_option(
              "--" + key,
              [&into, key](const std::string& value) { into.emplace_back(key, value); },
              std::string(each.doc)
        )
            .take_last();
    }
}

web::node_info describe_node(const std::string& name) {
    web::node_info out;
    out.host = host_name();
    out.name = name.empty() ? out.host : name;
    out.ephemeral_id = uuid::random().text();
    out.id = out.ephemeral_id;
    return out;
}

} // namespace logboom::cli
