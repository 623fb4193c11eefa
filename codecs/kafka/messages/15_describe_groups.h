// DescribeGroups (key 15): state and members. Versions 0-5: 3 authorized operations, 4 static
// members. An unknown group is answered as Dead, without an error.
#pragma once

#include "codecs/kafka/description.h"

namespace logboom::kafka {

struct describe_groups_api {
    static constexpr api_spec spec{15, "DescribeGroups", 0, 5, 5};

    struct request {
        std::vector<std::string_view> groups;
        bool include_authorized_operations = false;
        static constexpr auto fields() {
            return field_list(
                field<&request::groups>("groups"),
                field<&request::include_authorized_operations>(
                    "include_authorized_operations", since(3)
                )
            );
        }
    };

    struct response {
        struct group {
            struct member {
                std::string member_id;
                std::optional<std::string> instance_id;
                std::string client_id;
                std::string client_host;
                bytes member_metadata;
                bytes member_assignment;
                static constexpr auto fields() {
                    return field_list(
                        field<&member::member_id>("member_id"),
                        field<&member::instance_id>("group_instance_id", since(4), nullable(4)),
                        field<&member::client_id>("client_id"),
                        field<&member::client_host>("client_host"),
                        field<&member::member_metadata>("member_metadata"),
                        field<&member::member_assignment>("member_assignment")
                    );
                }
            };
            std::int16_t error = 0;
            std::string group_id;
            std::string group_state;
            std::string protocol_type;
            std::string protocol_data;
            std::vector<member> members;
            std::int32_t authorized_operations = std::numeric_limits<std::int32_t>::min();
            static constexpr auto fields() {
                return field_list(
                    field<&group::error>("error_code"),
                    field<&group::group_id>("group_id"),
                    field<&group::group_state>("group_state"),
                    field<&group::protocol_type>("protocol_type"),
                    field<&group::protocol_data>("protocol_data"),
                    field<&group::members>("members"),
                    field<&group::authorized_operations>("authorized_operations", since(3))
                );
            }
        };
        std::int32_t throttle_time_ms = 0;
        std::vector<group> groups;
        static constexpr auto fields() {
            return field_list(
                field<&response::throttle_time_ms>("throttle_time_ms", since(1)),
                field<&response::groups>("groups")
            );
        }
    };
};

} // namespace logboom::kafka
