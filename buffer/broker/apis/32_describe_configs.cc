// DescribeConfigs: every key of a topic or of this broker, with its value, type and origin, from
// the same tables that read them. A topic also shows logboom.topic.id, read-only: its id as text,
// for clients whose library cannot report ids.
#include "codecs/kafka/messages/32_describe_configs.h"

#include "buffer/broker/apis/handlers.h"

#include <algorithm>
#include <set>
#include <utility>

namespace logboom::broker {
namespace apis::describe_configs {
namespace {

using api = kafka::describe_configs_api;
using kafka::error_code;
using asked_resource = api::request::resource;
using answer_resource = api::response::resource;

constexpr std::int8_t topic_resource = 2;
constexpr std::int8_t broker_resource = 4;

bool is_asked(const asked_resource& asked, std::string_view name) {
    return !asked.keys ||
           std::find(asked.keys->begin(), asked.keys->end(), name) != asked.keys->end();
}

struct options {
    bool synonyms = false;
    bool documentation = false;
};

/// The value of a password stays here, and a key without value and default has none.
std::optional<std::string> shown_value(const effective_value& value, config_type type) {
    const bool is_unset = value.source == config_source::fallback && value.value.empty();
    return is_unset || type == config_type::password ? std::nullopt : std::optional(value.value);
}

answer_resource::config&
add(answer_resource& to, std::string_view name, const effective_value& value, config_type type) {
    auto& made = to.configs.emplace_back();
    made.name = name;
    made.value = shown_value(value, type);
    made.is_sensitive = type == config_type::password;
    made.is_default = value.source == config_source::fallback;
    made.source = static_cast<std::int8_t>(value.source);
    made.type = static_cast<std::int8_t>(type);
    return made;
}

void add_synonyms(
    answer_resource::config& to,
    const config_key& key,
    const topic_config& defaults,
    const topic_config& overrides
) {
    const auto add_one = [&](std::string_view name, std::string value, config_source source) {
        to.synonyms.push_back(
            {std::string(name), std::move(value), static_cast<std::int8_t>(source)}
        );
    };
    if (const auto own = overrides.find(key.topic_name); own != overrides.end()) {
        add_one(key.topic_name, own->second, config_source::topic);
    }
    const std::string_view broker_name = key.name.empty() ? key.topic_name : key.name;
    if (const auto given = defaults.find(key.topic_name); given != defaults.end()) {
        add_one(broker_name, given->second, config_source::broker);
    }
    add_one(broker_name, std::string(key.fallback), config_source::fallback);
}

void describe_topic(
    const handler_services& with, const asked_resource& asked, options want, answer_resource& mine
) {
    const topic_state* topic = with.context.topics.find(asked.name);
    if (topic == nullptr) {
        mine.error = wire(error_code::unknown_topic_or_partition);
        mine.error_message = "This server does not host this topic.";
        return;
    }
    const topic_config& defaults = with.context.config.topic_defaults;
    for_each_topic_key([&](const config_key& key) {
        if (!is_asked(asked, key.topic_name)) {
            return;
        }
        const effective_value value = effective_topic_value(key, defaults, topic->overrides);
        auto& made = add(mine, key.topic_name, value, key.type);
        if (want.synonyms) {
            add_synonyms(made, key, defaults, topic->overrides);
        }
        if (want.documentation) {
            made.documentation = key.text();
        }
    });
    constexpr std::string_view id_key = "logboom.topic.id";
    if (is_asked(asked, id_key)) {
        auto& made = add(mine, id_key, {topic->id.text(), config_source::topic}, config_type::text);
        made.read_only = true;
    }
}

void describe_broker(
    const handler_services& with, const asked_resource& asked, options want, answer_resource& mine
) {
    const broker_config& config = with.context.config;
    const std::string own = std::to_string(config.node.value());
    if (!asked.name.empty() && asked.name != own) {
        mine.error = wire(error_code::invalid_request);
        mine.error_message = "Unexpected broker id, expected " + own + " or empty string.";
        return;
    }
    // The empty name asks for cluster-wide dynamic defaults, of which there are none.
    if (asked.name.empty()) {
        return;
    }
    for_each_broker_key([&](const config_key& key) {
        if (!is_asked(asked, key.name)) {
            return;
        }
        const auto given = config.given.find(key.name);
        const bool is_given = given != config.given.end();
        const effective_value value{
            is_given ? given->second : std::string(key.fallback),
            is_given ? config_source::broker : config_source::fallback};
        auto& made = add(mine, key.name, value, key.type);
        made.read_only = true;
        if (want.synonyms) {
            made.synonyms.push_back({made.name, made.value, made.source});
        }
        if (want.documentation) {
            made.documentation = key.text();
        }
    });
}

} // namespace
} // namespace apis::describe_configs

void add_describe_configs(handler_table& to, handler_services& with) {
    using namespace apis::describe_configs;
    to.add<api>([&with](const request<api>& call, reply<api> answer) {
        const options want{call.body.include_synonyms, call.body.include_documentation};
        api::response body;
        // Each once: a request is small, its answer is not.
        std::set<std::pair<std::int8_t, std::string_view>> seen;
        for (const asked_resource& asked : call.body.resources) {
            answer_resource& mine = body.results.emplace_back();
            mine.type = asked.type;
            mine.name = asked.name;
            if (!seen.emplace(asked.type, asked.name).second) {
                mine.error = wire(error_code::invalid_request);
                mine.error_message = "The resource is asked for twice.";
            } else if (asked.type == topic_resource) {
                describe_topic(with, asked, want, mine);
            } else if (asked.type == broker_resource) {
                describe_broker(with, asked, want, mine);
            } else {
                mine.error = wire(error_code::invalid_request);
                mine.error_message = "Only topics (2) and brokers (4) have configs here.";
            }
        }
        answer.send(body);
    });
}

} // namespace logboom::broker
