// OffsetCommit (key 8): stores how far a group has read. Versions 0-9: 1 generation and member, 2-4
// a retention time of its own, 6 leader epoch, 7 static members. Generation -1 is a consumer that
// is in no group.
#pragma once

#include "codecs/kafka/description.h"

namespace logboom::kafka {

struct offset_commit_api {
    static constexpr api_spec spec{8, "OffsetCommit", 0, 9, 8};

    struct request {
        struct topic {
            struct partition {
                partition_id index{0};
                offset committed_offset{-1};
                leader_epoch leader_epoch_seen{-1};
                timestamp_ms commit_timestamp{-1};
                std::optional<std::string_view> metadata;
                static constexpr auto fields() {
                    return field_list(
                        field<&partition::index>("partition_index"),
                        field<&partition::committed_offset>("committed_offset"),
                        field<&partition::leader_epoch_seen>("committed_leader_epoch", since(6)),
                        field<&partition::commit_timestamp>("commit_timestamp", since(1), until(1)),
                        field<&partition::metadata>("committed_metadata", nullable())
                    );
                }
            };
            std::string_view name;
            std::vector<partition> partitions;
            static constexpr auto fields() {
                return field_list(
                    field<&topic::name>("name"), field<&topic::partitions>("partitions")
                );
            }
        };
        std::string_view group_id;
        group_generation generation{-1};
        std::string_view member_id;
        std::optional<std::string_view> instance_id;
        std::int64_t retention_time_ms = -1;
        std::vector<topic> topics;
        static constexpr auto fields() {
            return field_list(
                field<&request::group_id>("group_id"),
                field<&request::generation>("generation_id_or_member_epoch", since(1)),
                field<&request::member_id>("member_id", since(1)),
                field<&request::instance_id>("group_instance_id", since(7), nullable(7)),
                field<&request::retention_time_ms>("retention_time_ms", since(2), until(4)),
                field<&request::topics>("topics")
            );
        }
    };

    struct response {
        struct topic {
            struct partition {
                partition_id index{0};
                std::int16_t error = 0;
                static constexpr auto fields() {
                    return field_list(
                        field<&partition::index>("partition_index"),
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
        std::int32_t throttle_time_ms = 0;
        std::vector<topic> topics;
        static constexpr auto fields() {
            return field_list(
                field<&response::throttle_time_ms>("throttle_time_ms", since(3)),
                field<&response::topics>("topics")
            );
        }
    };
};

} // namespace logboom::kafka
