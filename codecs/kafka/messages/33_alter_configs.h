// AlterConfigs (key 33): replaces all overrides of a topic. Versions 0-2.
#pragma once

#include "codecs/kafka/description.h"

namespace logboom::kafka {

struct alter_configs_api {
    static constexpr api_spec spec{33, "AlterConfigs", 0, 2, 2};

    struct request {
        struct resource {
            struct config {
                std::string_view name;
                std::optional<std::string_view> value;
                static constexpr auto fields() {
                    return field_list(
                        field<&config::name>("name"), field<&config::value>("value", nullable())
                    );
                }
            };
            std::int8_t type = 0;
            std::string_view name;
            std::vector<config> configs;
            static constexpr auto fields() {
                return field_list(
                    field<&resource::type>("resource_type"),
                    field<&resource::name>("resource_name"),
                    field<&resource::configs>("configs")
                );
            }
        };
        std::vector<resource> resources;
        bool validate_only = false;
        static constexpr auto fields() {
            return field_list(
                field<&request::resources>("resources"),
                field<&request::validate_only>("validate_only")
            );
        }
    };

    struct response {
        struct result {
            std::int16_t error = 0;
            std::optional<std::string> error_message;
            std::int8_t type = 0;
            std::string name;
            static constexpr auto fields() {
                return field_list(
                    field<&result::error>("error_code"),
                    field<&result::error_message>("error_message", nullable()),
                    field<&result::type>("resource_type"),
                    field<&result::name>("resource_name")
                );
            }
        };
        std::int32_t throttle_time_ms = 0;
        std::vector<result> results;
        static constexpr auto fields() {
            return field_list(
                field<&response::throttle_time_ms>("throttle_time_ms"),
                field<&response::results>("responses")
            );
        }
    };
};

} // namespace logboom::kafka
