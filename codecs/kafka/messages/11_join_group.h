// JoinGroup (key 11): asks for membership in the next generation; the answer waits for the other
// members. Versions 0-9: 1 rebalance timeout, 4 a member must come back with the id it was given, 5
// static members, 7 protocol type in the answer, 8 reason, 9 skip_assignment.
#pragma once

#include "codecs/kafka/description.h"

namespace logboom::kafka {

struct join_group_api {
    static constexpr api_spec spec{11, "JoinGroup", 0, 9, 6};

    struct request {
        struct protocol {
            std::string_view name;
            bytes_view metadata;
            static constexpr auto fields() {
                return field_list(
                    field<&protocol::name>("name"), field<&protocol::metadata>("metadata")
                );
            }
        };
        std::string_view group_id;
        std::int32_t session_timeout_ms = 0;
        std::int32_t rebalance_timeout_ms = -1;
        std::string_view member_id;
        std::optional<std::string_view> instance_id;
        std::string_view protocol_type;
        std::vector<protocol> protocols;
        std::optional<std::string_view> reason;
        static constexpr auto fields() {
            return field_list(
                field<&request::group_id>("group_id"),
                field<&request::session_timeout_ms>("session_timeout_ms"),
                field<&request::rebalance_timeout_ms>("rebalance_timeout_ms", since(1)),
                field<&request::member_id>("member_id"),
                field<&request::instance_id>("group_instance_id", since(5), nullable(5)),
                field<&request::protocol_type>("protocol_type"),
                field<&request::protocols>("protocols"),
                field<&request::reason>("reason", since(8), nullable(8))
            );
        }
    };

    struct response {
        struct member {
            std::string member_id;
            std::optional<std::string> instance_id;
            bytes metadata;
            static constexpr auto fields() {
                return field_list(
                    field<&member::member_id>("member_id"),
                    field<&member::instance_id>("group_instance_id", since(5), nullable(5)),
                    field<&member::metadata>("metadata")
                );
            }
        };
        std::int32_t throttle_time_ms = 0;
        std::int16_t error = 0;
        group_generation generation{-1};
        std::optional<std::string> protocol_type;
        std::optional<std::string> protocol_name;
        std::string leader;
        bool skip_assignment = false;
        std::string member_id;
        std::vector<member> members;
        static constexpr auto fields() {
            return field_list(
                field<&response::throttle_time_ms>("throttle_time_ms", since(2)),
                field<&response::error>("error_code"),
                field<&response::generation>("generation_id"),
                field<&response::protocol_type>("protocol_type", since(7), nullable(7)),
                field<&response::protocol_name>("protocol_name", nullable(7)),
                field<&response::leader>("leader"),
                field<&response::skip_assignment>("skip_assignment", since(9)),
                field<&response::member_id>("member_id"),
                field<&response::members>("members")
            );
        }
    };
};

} // namespace logboom::kafka
