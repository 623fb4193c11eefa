#include "cli/agent_routes.h"

#include "web/json.h"

#include <algorithm>
#include <chrono>
#include <cstdlib>

namespace logboom::cli {
namespace {

using web::array;
using web::json_writer;
using web::member;
using web::object;

void write_reasons(
    json_writer& json,
    std::string_view name,
    const std::vector<std::pair<std::string_view, std::int64_t>>& reasons
) {
    object(json, name, [&] {
        for (const auto& [reason, size] : reasons) {
            member(json, reason, size);
        }
    });
}

void write_account(json_writer& json, const byte_account& from) {
    object(json, "bytes", [&] {
        member(json, "read", from.read);
        member(json, "delivered", from.delivered);
        member(json, "in_flight", from.in_flight);
        write_reasons(json, "skipped", from.skipped);
        write_reasons(json, "lost", from.lost);
    });
}

void write_file(json_writer& json, const file_status& from) {
    json.StartObject();
    member(json, "id", from.id);
    member(json, "name", from.path);
    member(json, "offset", from.position);
    member(json, "size", from.size);
    member(json, "lag_bytes", from.lag);
    member(json, "lag_seconds", std::chrono::duration<double>(from.lag_time).count());
    member(json, "state", from.state);
    member(json, "open", from.is_open);
    member(json, "deleted", !from.has_name);
    if (from.last_error.empty()) {
        web::null_member(json, "last_error");
    } else {
        member(json, "last_error", from.last_error);
    }
    write_account(json, from.bytes);
    json.EndObject();
}

void write_input(
    json_writer& json,
    const std::string& pipeline,
    const std::string& input,
    const files_status& from
) {
    json.StartObject();
    member(json, "pipeline", pipeline);
    member(json, "id", input);
    member(json, "answered", from.is_known);
    if (from.is_known) {
        member(json, "file_count", from.file_count);
        write_account(json, from.bytes);
        array(json, "files", [&] {
            for (const file_status& each : from.files) {
                write_file(json, each);
            }
        });
    }
    json.EndObject();
}

std::size_t count_max(const web::http_request& request) {
    constexpr std::size_t count_default = 1000;
    constexpr std::size_t count_limit = 100'000;
    const auto found = request.query.find("limit");
    const std::size_t asked = found == request.query.end()
                                  ? count_default
                                  : std::strtoul(found->second.c_str(), nullptr, 10);
    return std::min(asked, count_limit);
}

} // namespace

std::vector<web::route> agent_routes(std::vector<const pipelines::pipeline*> pipelines) {
    const auto answer = [pipelines = std::move(pipelines)](
                            const web::http_request& request, const std::string& /*rest*/
                        ) {
        rapidjson::StringBuffer text;
        json_writer json(text);
        json.StartObject();
        array(json, "inputs", [&] {
            for (const pipelines::pipeline* const each : pipelines) {
                for (const auto& [input, files] : each->describe_files(count_max(request))) {
                    write_input(json, each->id(), input, files);
                }
            }
        });
        json.EndObject();
        return web::document(request, text);
    };
    return {{"/agent/files", answer}};
}

} // namespace logboom::cli
