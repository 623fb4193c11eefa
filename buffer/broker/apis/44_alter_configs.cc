// AlterConfigs (33), which replaces a topic's overrides, and IncrementalAlterConfigs (44), which
// changes single ones. A broker's own configuration is fixed at start.
#include "buffer/broker/apis/handlers.h"
#include "buffer/broker/core/batch_call.h"
#include "codecs/kafka/messages/33_alter_configs.h"
#include "codecs/kafka/messages/44_incremental_alter_configs.h"

namespace logboom::broker {
namespace apis::alter_configs {
namespace {

using kafka::error_code;

constexpr std::int8_t topic_resource = 2;
enum class operation : std::int8_t { set = 0, remove = 1, append = 2, subtract = 3 };

topic_refusal bad_config(std::string sentence) {
    return {error_code::invalid_config, std::move(sentence)};
}

std::string list_without(std::string_view list, std::string_view part) {
    std::string left;
    while (!list.empty()) {
        const std::size_t end = list.find(',');
        const std::string_view each = list.substr(0, end);
        if (each != part && !each.empty()) {
            left += (left.empty() ? "" : ",") + std::string(each);
        }
        list = end == std::string_view::npos ? std::string_view{} : list.substr(end + 1);
    }
    return left;
}

topic_refusal new_overrides(
    const kafka::alter_configs_api::request::resource& asked,
    const topic_state& /*topic*/,
    const topic_config& /*defaults*/,
    topic_config& into
) {
    for (const auto& each : asked.configs) {
        if (!each.value) {
            return bad_config("A null value: " + std::string(each.name));
        }
        into.insert_or_assign(std::string(each.name), std::string(*each.value));
    }
    return {};
}

topic_refusal new_overrides(
    const kafka::incremental_alter_configs_api::request::resource& asked,
    const topic_state& topic,
    const topic_config& defaults,
    topic_config& into
) {
    into = topic.overrides;
    for (const auto& each : asked.configs) {
        const std::string name(each.name);
        const auto what = static_cast<operation>(each.operation);
        if (what == operation::remove) {
            into.erase(name);
            continue;
        }
        const config_key* key = find_topic_key(name);
        if (key == nullptr || !each.value) {
            return bad_config(
                key == nullptr ? "Unknown topic config name: " + name : "A null value: " + name
            );
        }
        const std::string value(*each.value);
        if (what == operation::set) {
            into.insert_or_assign(name, value);
            continue;
        }
        if (key->type != config_type::list || each.operation < 0 || what > operation::subtract) {
            return bad_config("Only a list can be appended to or subtracted from: " + name);
        }
        std::string list = list_without(effective_topic_value(*key, defaults, into).value, value);
        if (what == operation::append) {
            list += (list.empty() ? "" : ",") + value;
        }
        into.insert_or_assign(name, list);
    }
    return {};
}

template <class Api>
class alter_handler {
  public:
    explicit alter_handler(handler_services& with) : with_(with) {}

    void operator()(const request<Api>& call, reply<Api> answer) const {
        const auto state = std::make_shared<batch_call<Api>>(std::move(answer));
        state->body.results.resize(call.body.resources.size());
        for (std::size_t i = 0; i < call.body.resources.size(); ++i) {
            const auto& asked = call.body.resources[i];
            auto& mine = state->body.results[i];
            mine.type = asked.type;
            mine.name = asked.name;
            alter_one(state, i, asked, call.body.validate_only);
        }
        state->part_done();
    }

  private:
    using call_state = batch_call<Api>;

    static void settle(call_state& state, std::size_t index, topic_refusal outcome) {
        if (outcome.code != error_code::none) {
            state.body.results[index].error = wire(outcome.code);
            state.body.results[index].error_message = std::move(outcome.message);
        }
    }

    void alter_one(
        const std::shared_ptr<call_state>& state,
        std::size_t index,
        const typename Api::request::resource& asked,
        bool validate_only
    ) const {
        if (asked.type != topic_resource) {
            settle(
                *state,
                index,
                {error_code::invalid_request,
                 "Only topics can be altered; a broker's configuration is its server.properties."}
            );
            return;
        }
        const topic_state* topic = with_.context.topics.find(asked.name);
        if (topic == nullptr) {
            settle(
                *state,
                index,
                {error_code::unknown_topic_or_partition, "This server does not host this topic."}
            );
            return;
        }
        topic_config overrides;
        topic_refusal refused =
            new_overrides(asked, *topic, with_.context.config.topic_defaults, overrides);
        if (refused.code == error_code::none) {
            refused.message = check_overrides(overrides);
            refused.code = refused.message.empty() ? error_code::none : error_code::invalid_config;
        }
        if (refused.code != error_code::none || validate_only) {
            settle(*state, index, std::move(refused));
            return;
        }
        state->part_begun();
        with_.context.topics.set_overrides(
            topic->name,
            std::move(overrides),
            [state, index](topic_refusal outcome) {
                settle(*state, index, std::move(outcome));
                state->part_done();
            }
        );
    }

    handler_services& with_;
};

} // namespace
} // namespace apis::alter_configs

void add_alter_configs(handler_table& to, handler_services& with) {
    using namespace apis::alter_configs;
    to.add<kafka::alter_configs_api>(alter_handler<kafka::alter_configs_api>(with));
}

void add_incremental_alter_configs(handler_table& to, handler_services& with) {
    using namespace apis::alter_configs;
    to.add<kafka::incremental_alter_configs_api>(
        alter_handler<kafka::incremental_alter_configs_api>(with)
    );
}

} // namespace logboom::broker
