// Writing the API's documents.
#pragma once

#include "web/http_request.h"
#include "web/http_response.h"

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <concepts>
#include <cstdint>
#include <string_view>

namespace logboom::web {

using json_writer = rapidjson::Writer<rapidjson::StringBuffer>;

inline void key(json_writer& json, std::string_view name) {
    json.Key(name.data(), static_cast<rapidjson::SizeType>(name.size()));
}
inline void member(json_writer& json, std::string_view name, std::string_view value) {
    key(json, name);
    json.String(value.data(), static_cast<rapidjson::SizeType>(value.size()));
}
inline void member(json_writer& json, std::string_view name, const char* value) {
    member(json, name, std::string_view(value));
}
template <std::integral Number>
void member(json_writer& json, std::string_view name, Number value) {
    key(json, name);
    if constexpr (std::is_same_v<Number, bool>) {
        json.Bool(value);
    } else {
        json.Int64(static_cast<std::int64_t>(value));
    }
}
inline void member(json_writer& json, std::string_view name, double value) {
    key(json, name);
    json.Double(value);
}
inline void null_member(json_writer& json, std::string_view name) {
    key(json, name);
    json.Null();
}
/// `"name": { … }` with what `write` puts in it.
template <class Write>
void object(json_writer& json, std::string_view name, Write write) {
    key(json, name);
    json.StartObject();
    write();
    json.EndObject();
}
template <class Write>
void array(json_writer& json, std::string_view name, Write write) {
    key(json, name);
    json.StartArray();
    write();
    json.EndArray();
}

/// The answer with a document; on several lines when that is asked for.
http_response document(const http_request& request, const rapidjson::StringBuffer& text);

} // namespace logboom::web
