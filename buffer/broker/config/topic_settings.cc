#include "buffer/broker/config/topic_settings.h"

#include <fmt/format.h>

namespace logboom::broker {

std::string check_overrides(const topic_config& overrides) {
    for (const auto& [name, value] : overrides) {
        const config_key* key = find_topic_key(name);
        if (key == nullptr) {
            return fmt::format("Unknown topic config name: {}", name);
        }
        if (const std::string wrong = check_value(*key, trimmed(value)); !wrong.empty()) {
            return fmt::format("{} {}", name, wrong);
        }
    }
    return {};
}

log::log_config make_log_config(const topic_config& defaults, const topic_config& overrides) {
    log::log_config made;
    for (const config_key& key : topic_keys()) {
        if (key.to_log != nullptr) {
            key.to_log(made, trimmed(effective_topic_value(key, defaults, overrides).value));
        }
    }
    return made;
}

effective_value effective_topic_value(
    const config_key& key, const topic_config& defaults, const topic_config& overrides
) {
    if (const auto own = overrides.find(key.own_name()); own != overrides.end()) {
        return {own->second, config_source::topic};
    }
    if (const auto given = defaults.find(key.own_name()); given != defaults.end()) {
        return {given->second, config_source::broker};
    }
    return {std::string(key.fallback), config_source::fallback};
}

} // namespace logboom::broker
