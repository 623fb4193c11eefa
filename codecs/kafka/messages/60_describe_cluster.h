// DescribeCluster (key 60): the brokers and the controller. Versions 0-1.
#pragma once

#include "codecs/kafka/description.h"

namespace logboom::kafka {

struct describe_cluster_api {
    static constexpr api_spec spec{60, "DescribeCluster", 0, 1, 0};

    /// Says that the client did not ask.
    static constexpr std::int32_t operations_not_asked = std::numeric_limits<std::int32_t>::min();

    struct request {
        bool include_cluster_authorized_operations = false;
        std::int8_t endpoint_type = 1;
        static constexpr auto fields() {
            return field_list(
                field<&request::include_cluster_authorized_operations>(
                    "include_cluster_authorized_operations"
                ),
                field<&request::endpoint_type>("endpoint_type", since(1))
            );
        }
    };

    struct response {
        struct broker {
            broker_id id{0};
            std::string host;
            std::int32_t port = 0;
            std::optional<std::string> rack;
            static constexpr auto fields() {
                return field_list(
                    field<&broker::id>("broker_id"),
                    field<&broker::host>("host"),
                    field<&broker::port>("port"),
                    field<&broker::rack>("rack", nullable())
                );
            }
        };
        std::int32_t throttle_time_ms = 0;
        std::int16_t error = 0;
        std::optional<std::string> error_message;
        std::int8_t endpoint_type = 1;
        std::string cluster_id;
        broker_id controller_id{-1};
        std::vector<broker> brokers;
        std::int32_t cluster_authorized_operations = operations_not_asked;
        static constexpr auto fields() {
            return field_list(
                field<&response::throttle_time_ms>("throttle_time_ms"),
                field<&response::error>("error_code"),
                field<&response::error_message>("error_message", nullable()),
                field<&response::endpoint_type>("endpoint_type", since(1)),
                field<&response::cluster_id>("cluster_id"),
                field<&response::controller_id>("controller_id"),
                field<&response::brokers>("brokers"),
                field<&response::cluster_authorized_operations>("cluster_authorized_operations")
            );
        }
    };
};

} // namespace logboom::kafka
