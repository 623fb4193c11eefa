// ApiVersions: the handler table, read out. A version that is too new never gets here:
// connection.cc answers it in version 0.
#include "codecs/kafka/messages/18_api_versions.h"

#include "buffer/broker/apis/handlers.h"

#include <algorithm>

namespace logboom::broker {
namespace apis::api_versions {
namespace {

using api = kafka::api_versions_api;

constexpr api_version first_with_software_name{3};

/// [a-zA-Z0-9](?:[a-zA-Z0-9\-.]*[a-zA-Z0-9])?
bool is_software_name(std::string_view name) {
    const auto is_plain = [](char each) {
        return (each >= 'a' && each <= 'z') || (each >= 'A' && each <= 'Z') ||
               (each >= '0' && each <= '9');
    };
    return !name.empty() && is_plain(name.front()) && is_plain(name.back()) &&
           std::all_of(name.begin(), name.end(), [&](char each) {
               return is_plain(each) || each == '-' || each == '.';
           });
}

} // namespace
} // namespace apis::api_versions

void add_api_versions(handler_table& to, handler_services& /*with*/) {
    using namespace apis::api_versions;
    to.add<api>([&to](const request<api>& call, reply<api> answer) {
        api::response body;
        if (answer.version() >= first_with_software_name &&
            !(is_software_name(call.body.client_software_name) &&
              is_software_name(call.body.client_software_version))) {
            body.error = wire(kafka::error_code::invalid_request);
            answer.send(body);
            return;
        }
        for (const auto& [key, entry] : to.entries()) {
            body.ranges.push_back({key, entry.spec.version_min, entry.spec.version_max});
        }
        answer.send(body);
    });
}

} // namespace logboom::broker
