// SyncGroup (key 14): the leader hands the assignment in, everybody gets their part. Versions 0-5:
// 3 static members, 5 protocol type and name, to be checked.
#pragma once

#include "codecs/kafka/description.h"

namespace logboom::kafka {

struct sync_group_api {
    static constexpr api_spec spec{14, "SyncGroup", 0, 5, 4};

    struct request {
        struct assignment {
            std::string_view member_id;
            bytes_view assignment;
            static constexpr auto fields() {
                return field_list(
                    field<&assignment::member_id>("member_id"),
                    field<&assignment::assignment>("assignment")
                );
            }
        };
        std::string_view group_id;
        group_generation generation{-1};
        std::string_view member_id;
        std::optional<std::string_view> instance_id;
        std::optional<std::string_view> protocol_type;
        std::optional<std::string_view> protocol_name;
        std::vector<assignment> assignments;
        static constexpr auto fields() {
            return field_list(
                field<&request::group_id>("group_id"),
                field<&request::generation>("generation_id"),
                field<&request::member_id>("member_id"),
                field<&request::instance_id>("group_instance_id", since(3), nullable(3)),
                field<&request::protocol_type>("protocol_type", since(5), nullable(5)),
                field<&request::protocol_name>("protocol_name", since(5), nullable(5)),
                field<&request::assignments>("assignments")
            );
        }
    };

    struct response {
        std::int32_t throttle_time_ms = 0;
        std::int16_t error = 0;
        std::optional<std::string> protocol_type;
        std::optional<std::string> protocol_name;
        bytes assignment;
        static constexpr auto fields() {
            return field_list(
                field<&response::throttle_time_ms>("throttle_time_ms", since(1)),
                field<&response::error>("error_code"),
                field<&response::protocol_type>("protocol_type", since(5), nullable(5)),
                field<&response::protocol_name>("protocol_name", since(5), nullable(5)),
                field<&response::assignment>("assignment")
            );
        }
    };
};

} // namespace logboom::kafka
