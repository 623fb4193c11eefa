// Kafka's JSON of topics and their configuration, and its rules for their names.
#include "buffer/broker/topics/topic_record.h"

#include "buffer/broker/core/errc.h"

#include <fmt/format.h>
#include <rapidjson/document.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <algorithm>
#include <charconv>

namespace logboom::broker {
namespace {

using json_writer = rapidjson::Writer<rapidjson::StringBuffer>;

constexpr std::int32_t partitions_max = 1'000'000;

void add_text(json_writer& to, std::string_view text) {
    to.String(text.data(), static_cast<rapidjson::SizeType>(text.size()));
}

error damaged(std::string_view what) {
    return {errc::metadata_damaged, std::string(what)};
}

result<void> read_replicas(const rapidjson::Value& from, std::vector<broker_id>& into) {
    if (!from.IsArray()) {
        return damaged("replicas of a partition");
    }
    for (const auto& each : from.GetArray()) {
        if (!each.IsInt()) {
            return damaged("replicas of a partition");
        }
        into.emplace_back(each.GetInt());
    }
    return {};
}

} // namespace

std::string topic_path(std::string_view topic) {
    return fmt::format("/brokers/topics/{}", topic);
}
std::string topic_config_path(std::string_view topic) {
    return fmt::format("/config/topics/{}", topic);
}
std::string topic_deletion_path(std::string_view topic) {
    return fmt::format("/admin/delete_topics/{}", topic);
}

std::string encode_topic(const topic_record& record) {
    rapidjson::StringBuffer text;
    json_writer to(text);
    to.StartObject();
    to.Key("version");
    to.Int(3);
    to.Key("topic_id");
    add_text(to, record.id.text());
    to.Key("partitions");
    to.StartObject();
    for (std::size_t i = 0; i < record.replicas.size(); ++i) {
        to.Key(std::to_string(i).c_str());
        to.StartArray();
        for (const broker_id each : record.replicas[i]) {
            to.Int(each.value());
        }
        to.EndArray();
    }
    to.EndObject();
    for (const char* empty : {"adding_replicas", "removing_replicas"}) {
        to.Key(empty);
        to.StartObject();
        to.EndObject();
    }
    to.EndObject();
    return {text.GetString(), text.GetSize()};
}

result<topic_record> decode_topic(std::string_view json) {
    rapidjson::Document from;
    from.Parse(json.data(), json.size());
    topic_record record;
    if (from.HasParseError() || !from.IsObject() || !from.HasMember("topic_id") ||
        !from["topic_id"].IsString() || !uuid::parse(from["topic_id"].GetString(), record.id) ||
        !from.HasMember("partitions") || !from["partitions"].IsObject()) {
        return damaged("a topic's assignment");
    }
    const auto partitions = from["partitions"].GetObject();
    record.replicas.resize(partitions.MemberCount());
    for (const auto& each : partitions) {
        const std::string_view name(each.name.GetString(), each.name.GetStringLength());
        std::int32_t index = -1;
        std::from_chars(name.data(), name.data() + name.size(), index);
        if (index < 0 || static_cast<std::size_t>(index) >= record.replicas.size() ||
            index >= partitions_max) {
            return damaged("a topic's assignment");
        }
        LB_CHECK(read_replicas(each.value, record.replicas[static_cast<std::size_t>(index)]));
    }
    return record;
}

std::string encode_topic_config(const topic_config& overrides) {
    rapidjson::StringBuffer text;
    json_writer to(text);
    to.StartObject();
    to.Key("version");
    to.Int(1);
    to.Key("config");
    to.StartObject();
    for (const auto& [name, value] : overrides) {
        to.Key(name.c_str());
        add_text(to, value);
    }
    to.EndObject();
    to.EndObject();
    return {text.GetString(), text.GetSize()};
}

result<topic_config> decode_topic_config(std::string_view json) {
    rapidjson::Document from;
    from.Parse(json.data(), json.size());
    if (from.HasParseError() || !from.IsObject() || !from.HasMember("config") ||
        !from["config"].IsObject()) {
        return damaged("a topic's configuration");
    }
    topic_config overrides;
    for (const auto& each : from["config"].GetObject()) {
        if (!each.value.IsString()) {
            return damaged("a topic's configuration");
        }
        overrides.insert_or_assign(each.name.GetString(), each.value.GetString());
    }
    return overrides;
}

std::string check_topic_name(std::string_view name) {
    constexpr std::size_t size_max = 249;
    if (name.empty()) {
        return "Topic name is invalid: the empty string is not allowed";
    }
    if (name == "." || name == "..") {
        return fmt::format("Topic name is invalid: '{}' is not allowed", name);
    }
    if (name.size() > size_max) {
        return fmt::format(
            "Topic name is invalid: the length of '{}' is longer than the max allowed length {}",
            name,
            size_max
        );
    }
    const bool fine = std::all_of(name.begin(), name.end(), [](char each) {
        return (each >= 'a' && each <= 'z') || (each >= 'A' && each <= 'Z') ||
               (each >= '0' && each <= '9') || each == '.' || each == '_' || each == '-';
    });
    return fine
               ? std::string{}
               : fmt::format(
                     "Topic name is invalid: '{}' contains one or more characters other than ASCII "
                     "alphanumerics, '.', '_' and '-'",
                     name
                 );
}

std::string collision_key(std::string_view name) {
    std::string key(name);
    std::replace(key.begin(), key.end(), '.', '_');
    return key;
}

bool is_internal_topic(std::string_view name) {
    return name == "__consumer_offsets" || name == "__transaction_state";
}

} // namespace logboom::broker
