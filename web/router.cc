#include "web/router.h"

#include "web/json.h"

#include <fmt/format.h>
#include <rapidjson/prettywriter.h>
#include <rapidjson/reader.h>

namespace logboom::web {

http_response failure(int status, const std::string& path, const std::string& why) {
    rapidjson::StringBuffer text;
    rapidjson::Writer<rapidjson::StringBuffer> json(text);
    json.StartObject();
    json.Key("path");
    json.String(path);
    json.Key("status");
    json.Int(status);
    json.Key("error");
    json.StartObject();
    json.Key("message");
    json.String(why.empty() ? std::string(reason_of(status)) : why);
    json.EndObject();
    json.EndObject();
    http_response out;
    out.status = status;
    out.body.assign(text.GetString(), text.GetSize());
    return out;
}

http_response document(const http_request& request, const rapidjson::StringBuffer& text) {
    http_response out;
    if (!request.has_flag("pretty")) {
        out.body.assign(text.GetString(), text.GetSize());
        return out;
    }
    rapidjson::StringBuffer pretty;
    rapidjson::PrettyWriter<rapidjson::StringBuffer> writer(pretty);
    writer.SetIndent(' ', 2);
    rapidjson::StringStream from(text.GetString());
    rapidjson::Reader().Parse(from, writer);
    out.body.assign(pretty.GetString(), pretty.GetSize());
    out.body.push_back('\n');
    return out;
}

http_response router::answer(const http_request& request) const {
    const route* found = nullptr;
    std::string rest;
    for (const route& each : routes_) {
        const bool has_rest = each.pattern.ends_with('*');
        const std::string_view stem =
            std::string_view(each.pattern).substr(0, each.pattern.size() - (has_rest ? 1 : 0));
        if (has_rest ? request.path.size() > stem.size() && request.path.starts_with(stem)
                     : request.path == stem) {
            found = &each;
            rest = request.path.substr(stem.size());
            break;
        }
    }
    if (found == nullptr) {
        return failure(404, request.path);
    }
    if (request.method != "GET" && request.method != "HEAD") {
        http_response out = failure(405, request.path);
        out.headers.emplace_back("Allow", "GET, HEAD");
        return out;
    }
    return found->answer(request, rest);
}

} // namespace logboom::web
