// DescribeConfigs (key 32): every key of a topic or broker with its value and where that comes
// from. Versions 0-4.
#pragma once

#include "codecs/kafka/description.h"

namespace logboom::kafka {

struct describe_configs_api {
    static constexpr api_spec spec{32, "DescribeConfigs", 0, 4, 4};

    struct request {
        struct resource {
            std::int8_t type = 0;
            std::string_view name;
            std::optional<std::vector<std::string_view>> keys;
            static constexpr auto fields() {
                return field_list(
                    field<&resource::type>("resource_type"),
                    field<&resource::name>("resource_name"),
                    field<&resource::keys>("configuration_keys", nullable())
                );
            }
        };
        std::vector<resource> resources;
        bool include_synonyms = false;
        bool include_documentation = false;
        static constexpr auto fields() {
            return field_list(
                field<&request::resources>("resources"),
                field<&request::include_synonyms>("include_synonyms", since(1)),
                field<&request::include_documentation>("include_documentation", since(3))
            );
        }
    };

    struct response {
        struct resource {
            struct config {
                struct synonym {
                    std::string name;
                    std::optional<std::string> value;
                    std::int8_t source = 0;
                    static constexpr auto fields() {
                        return field_list(
                            field<&synonym::name>("name"),
                            field<&synonym::value>("value", nullable()),
                            field<&synonym::source>("source")
                        );
                    }
                };
                std::string name;
                std::optional<std::string> value;
                bool read_only = false;
                bool is_default = false;
                std::int8_t source = -1;
                bool is_sensitive = false;
                std::vector<synonym> synonyms;
                std::int8_t type = 0;
                std::optional<std::string> documentation;
                static constexpr auto fields() {
                    return field_list(
                        field<&config::name>("name"),
                        field<&config::value>("value", nullable()),
                        field<&config::read_only>("read_only"),
                        field<&config::is_default>("is_default", until(0)),
                        field<&config::source>("config_source", since(1)),
                        field<&config::is_sensitive>("is_sensitive"),
                        field<&config::synonyms>("synonyms", since(1)),
                        field<&config::type>("config_type", since(3)),
                        field<&config::documentation>("documentation", since(3), nullable(3))
                    );
                }
            };
            std::int16_t error = 0;
            std::optional<std::string> error_message;
            std::int8_t type = 0;
            std::string name;
            std::vector<config> configs;
            static constexpr auto fields() {
                return field_list(
                    field<&resource::error>("error_code"),
                    field<&resource::error_message>("error_message", nullable()),
                    field<&resource::type>("resource_type"),
                    field<&resource::name>("resource_name"),
                    field<&resource::configs>("configs")
                );
            }
        };
        std::int32_t throttle_time_ms = 0;
        std::vector<resource> results;
        static constexpr auto fields() {
            return field_list(
                field<&response::throttle_time_ms>("throttle_time_ms"),
                field<&response::results>("results")
            );
        }
    };
};

} // namespace logboom::kafka
