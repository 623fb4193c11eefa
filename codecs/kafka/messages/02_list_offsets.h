// ListOffsets (key 2): finds offsets by time: -1 the end, -2 the start, -3 (7+) the largest
// timestamp. Versions 0-7.
#pragma once

#include "codecs/kafka/description.h"

namespace logboom::kafka {

struct list_offsets_api {
    static constexpr api_spec spec{2, "ListOffsets", 0, 7, 6};

    struct request {
        struct topic {
            struct partition {
                partition_id index{0};
                leader_epoch current_leader_epoch{-1};
                timestamp_ms timestamp{-1};
                std::int32_t max_num_offsets = 1;
                static constexpr auto fields() {
                    return field_list(
                        field<&partition::index>("partition_index"),
                        field<&partition::current_leader_epoch>("current_leader_epoch", since(4)),
                        field<&partition::timestamp>("timestamp"),
                        field<&partition::max_num_offsets>("max_num_offsets", until(0))
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
        broker_id replica_id{-1};
        std::int8_t isolation_level = 0;
        std::vector<topic> topics;
        static constexpr auto fields() {
            return field_list(
                field<&request::replica_id>("replica_id"),
                field<&request::isolation_level>("isolation_level", since(2)),
                field<&request::topics>("topics")
            );
        }
    };

    struct response {
        struct topic {
            struct partition {
                partition_id index{0};
                std::int16_t error = 0;
                std::vector<offset> old_style_offsets;
                timestamp_ms timestamp{-1};
                offset at{-1};
                leader_epoch epoch{-1};
                static constexpr auto fields() {
                    return field_list(
                        field<&partition::index>("partition_index"),
                        field<&partition::error>("error_code"),
                        field<&partition::old_style_offsets>("old_style_offsets", until(0)),
                        field<&partition::timestamp>("timestamp", since(1)),
                        field<&partition::at>("offset", since(1)),
                        field<&partition::epoch>("leader_epoch", since(4))
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
                field<&response::throttle_time_ms>("throttle_time_ms", since(2)),
                field<&response::topics>("topics")
            );
        }
    };
};

} // namespace logboom::kafka
