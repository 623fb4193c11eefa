// FindCoordinator (key 10): which broker keeps a group (key type 0) or a transactional id (1).
// Versions 0-5: 4 asks for many keys and moves the answer into an array.
#pragma once

#include "codecs/kafka/description.h"

namespace logboom::kafka {

struct find_coordinator_api {
    static constexpr api_spec spec{10, "FindCoordinator", 0, 5, 3};

    struct request {
        std::string_view key;
        std::int8_t key_type = 0;
        std::vector<std::string_view> coordinator_keys;
        static constexpr auto fields() {
            return field_list(
                field<&request::key>("key", until(3)),
                field<&request::key_type>("key_type", since(1)),
                field<&request::coordinator_keys>("coordinator_keys", since(4))
            );
        }
    };

    struct response {
        struct coordinator {
            std::string key;
            broker_id node_id{0};
            std::string host;
            std::int32_t port = 0;
            std::int16_t error = 0;
            std::optional<std::string> error_message;
            static constexpr auto fields() {
                return field_list(
                    field<&coordinator::key>("key"),
                    field<&coordinator::node_id>("node_id"),
                    field<&coordinator::host>("host"),
                    field<&coordinator::port>("port"),
                    field<&coordinator::error>("error_code"),
                    field<&coordinator::error_message>("error_message", nullable())
                );
            }
        };
        std::int32_t throttle_time_ms = 0;
        std::int16_t error = 0;
        std::optional<std::string> error_message;
        broker_id node_id{0};
        std::string host;
        std::int32_t port = 0;
        std::vector<coordinator> coordinators;
        static constexpr auto fields() {
            return field_list(
                field<&response::throttle_time_ms>("throttle_time_ms", since(1)),
                field<&response::error>("error_code", until(3)),
                field<&response::error_message>("error_message", since(1), until(3), nullable(1)),
                field<&response::node_id>("node_id", until(3)),
                field<&response::host>("host", until(3)),
                field<&response::port>("port", until(3)),
                field<&response::coordinators>("coordinators", since(4))
            );
        }
    };
};

} // namespace logboom::kafka
