// CreateTopics (key 19): Versions 0-7.
#pragma once

#include "codecs/kafka/description.h"

namespace logboom::kafka {

struct create_topics_api {
    static constexpr api_spec spec{19, "CreateTopics", 0, 7, 5};

    struct request {
        struct topic {
            struct assignment {
                partition_id index{0};
                std::vector<broker_id> broker_ids;
                static constexpr auto fields() {
                    return field_list(
                        field<&assignment::index>("partition_index"),
                        field<&assignment::broker_ids>("broker_ids")
                    );
                }
            };
            struct config {
                std::string_view name;
                std::optional<std::string_view> value;
                static constexpr auto fields() {
                    return field_list(
                        field<&config::name>("name"), field<&config::value>("value", nullable())
                    );
                }
            };
            std::string_view name;
            std::int32_t num_partitions = -1;
            std::int16_t replication_factor = -1;
            std::vector<assignment> assignments;
            std::vector<config> configs;
            static constexpr auto fields() {
                return field_list(
                    field<&topic::name>("name"),
                    field<&topic::num_partitions>("num_partitions"),
                    field<&topic::replication_factor>("replication_factor"),
                    field<&topic::assignments>("assignments"),
                    field<&topic::configs>("configs")
                );
            }
        };
        std::vector<topic> topics;
        std::int32_t timeout_ms = 60000;
        bool validate_only = false;
        static constexpr auto fields() {
            return field_list(
                field<&request::topics>("topics"),
                field<&request::timeout_ms>("timeout_ms"),
                field<&request::validate_only>("validate_only", since(1))
            );
        }
    };

    struct response {
        struct topic {
            struct config {
                std::string name;
                std::optional<std::string> value;
                bool read_only = false;
                std::int8_t source = -1;
                bool is_sensitive = false;
                static constexpr auto fields() {
                    return field_list(
                        field<&config::name>("name"),
                        field<&config::value>("value", nullable()),
                        field<&config::read_only>("read_only"),
                        field<&config::source>("config_source"),
                        field<&config::is_sensitive>("is_sensitive")
                    );
                }
            };
            std::string name;
            uuid id;
            std::int16_t error = 0;
            std::optional<std::string> error_message;
            std::int16_t config_error = 0;
            std::int32_t num_partitions = -1;
            std::int16_t replication_factor = -1;
            std::optional<std::vector<config>> configs;
            static constexpr auto fields() {
                return field_list(
                    field<&topic::name>("name"),
                    field<&topic::id>("topic_id", since(7)),
                    field<&topic::error>("error_code"),
                    field<&topic::error_message>("error_message", since(1), nullable(1)),
                    field<&topic::config_error>("topic_config_error_code", since(5), tagged(0)),
                    field<&topic::num_partitions>("num_partitions", since(5)),
                    field<&topic::replication_factor>("replication_factor", since(5)),
                    field<&topic::configs>("configs", since(5), nullable(5))
                );
            }
        };
        std::int32_t throttle_time_ms = 0;
        std::vector<topic> topics;
        static constexpr auto fields() {
            return field_list(
                field<&response::throttle_time_ms>("throttle_time_ms", since(2)),
                field<&response::topics>("topics")
            );
        }
    };
};

} // namespace logboom::kafka
