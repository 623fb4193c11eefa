// OffsetFetch (key 9): what a group has committed; -1 for nothing. Versions 0-9: 2 null topics
// means all, 7 require_stable, 8 many groups in one request (the fields of 0-7 are then unused).
#pragma once

#include "codecs/kafka/description.h"

namespace logboom::kafka {

struct offset_fetch_api {
    static constexpr api_spec spec{9, "OffsetFetch", 0, 9, 6};

    struct request {
        struct topic {
            std::string_view name;
            std::vector<partition_id> partitions;
            static constexpr auto fields() {
                return field_list(
                    field<&topic::name>("name"), field<&topic::partitions>("partition_indexes")
                );
            }
        };
        struct group {
            std::string_view group_id;
            std::optional<std::string_view> member_id;
            std::int32_t member_epoch = -1;
            std::optional<std::vector<topic>> topics;
            static constexpr auto fields() {
                return field_list(
                    field<&group::group_id>("group_id"),
                    field<&group::member_id>("member_id", since(9), nullable(9)),
                    field<&group::member_epoch>("member_epoch", since(9)),
                    field<&group::topics>("topics", nullable())
                );
            }
        };
        std::string_view group_id;
        std::optional<std::vector<topic>> topics;
        std::vector<group> groups;
        bool require_stable = false;
        static constexpr auto fields() {
            return field_list(
                field<&request::group_id>("group_id", until(7)),
                field<&request::topics>("topics", until(7), nullable(2)),
                field<&request::groups>("groups", since(8)),
                field<&request::require_stable>("require_stable", since(7))
            );
        }
    };

    struct response {
        struct topic {
            struct partition {
                partition_id index{0};
                offset committed_offset{-1};
                leader_epoch leader_epoch_seen{-1};
                std::optional<std::string> metadata;
                std::int16_t error = 0;
                static constexpr auto fields() {
                    return field_list(
                        field<&partition::index>("partition_index"),
                        field<&partition::committed_offset>("committed_offset"),
                        field<&partition::leader_epoch_seen>("committed_leader_epoch", since(5)),
                        field<&partition::metadata>("metadata", nullable()),
                        field<&partition::error>("error_code")
                    );
                }
            };
            std::string name;
            std::vector<partition> partitions;
            static constexpr auto fields() {
                return field_list(
                    field<&topic::name>("name"), field<&topic::partitions>("partitions")
                );
            }
        };
        struct group {
            std::string group_id;
            std::vector<topic> topics;
            std::int16_t error = 0;
            static constexpr auto fields() {
                return field_list(
                    field<&group::group_id>("group_id"),
                    field<&group::topics>("topics"),
                    field<&group::error>("error_code")
                );
            }
        };
        std::int32_t throttle_time_ms = 0;
        std::vector<topic> topics;
        std::int16_t error = 0;
        std::vector<group> groups;
        static constexpr auto fields() {
            return field_list(
                field<&response::throttle_time_ms>("throttle_time_ms", since(3)),
                field<&response::topics>("topics", until(7)),
                field<&response::error>("error_code", since(2), until(7)),
                field<&response::groups>("groups", since(8))
            );
        }
    };
};

} // namespace logboom::kafka
