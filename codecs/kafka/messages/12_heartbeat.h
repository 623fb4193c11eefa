// Heartbeat (key 12): keeps a member alive and tells it of a rebalance. Versions 0-4: 3 static
// members.
#pragma once

#include "codecs/kafka/description.h"

namespace logboom::kafka {

struct heartbeat_api {
    static constexpr api_spec spec{12, "Heartbeat", 0, 4, 4};

    struct request {
        std::string_view group_id;
        group_generation generation{-1};
        std::string_view member_id;
        std::optional<std::string_view> instance_id;
        static constexpr auto fields() {
            return field_list(
                field<&request::group_id>("group_id"),
                field<&request::generation>("generation_id"),
                field<&request::member_id>("member_id"),
                field<&request::instance_id>("group_instance_id", since(3), nullable(3))
            );
        }
    };

    struct response {
        std::int32_t throttle_time_ms = 0;
        std::int16_t error = 0;
        static constexpr auto fields() {
            return field_list(
                field<&response::throttle_time_ms>("throttle_time_ms", since(1)),
                field<&response::error>("error_code")
            );
        }
    };
};

} // namespace logboom::kafka
