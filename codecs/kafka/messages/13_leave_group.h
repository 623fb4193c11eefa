// LeaveGroup (key 13): gives membership up. Versions 0-5: 3 many members, named by member or
// instance id, 5 reason.
#pragma once

#include "codecs/kafka/description.h"

namespace logboom::kafka {

struct leave_group_api {
    static constexpr api_spec spec{13, "LeaveGroup", 0, 5, 4};

    struct request {
        struct member {
            std::string_view member_id;
            std::optional<std::string_view> instance_id;
            std::optional<std::string_view> reason;
            static constexpr auto fields() {
                return field_list(
                    field<&member::member_id>("member_id"),
                    field<&member::instance_id>("group_instance_id", nullable()),
                    field<&member::reason>("reason", since(5), nullable(5))
                );
            }
        };
        std::string_view group_id;
        std::string_view member_id;
        std::vector<member> members;
        static constexpr auto fields() {
            return field_list(
                field<&request::group_id>("group_id"),
                field<&request::member_id>("member_id", until(2)),
                field<&request::members>("members", since(3))
            );
        }
    };

    struct response {
        struct member {
            std::string member_id;
            std::optional<std::string> instance_id;
            std::int16_t error = 0;
            static constexpr auto fields() {
                return field_list(
                    field<&member::member_id>("member_id"),
                    field<&member::instance_id>("group_instance_id", nullable()),
                    field<&member::error>("error_code")
                );
            }
        };
        std::int32_t throttle_time_ms = 0;
        std::int16_t error = 0;
        std::vector<member> members;
        static constexpr auto fields() {
            return field_list(
                field<&response::throttle_time_ms>("throttle_time_ms", since(1)),
                field<&response::error>("error_code"),
                field<&response::members>("members", since(3))
            );
        }
    };
};

} // namespace logboom::kafka
