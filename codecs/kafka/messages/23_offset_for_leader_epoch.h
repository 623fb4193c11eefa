// OffsetForLeaderEpoch (key 23): where an epoch ended, for a consumer that checks for truncation.
// Versions 0-4.
#pragma once

#include "codecs/kafka/description.h"

namespace logboom::kafka {

struct offset_for_leader_epoch_api {
    static constexpr api_spec spec{23, "OffsetForLeaderEpoch", 0, 4, 4};

    struct request {
        struct topic {
            struct partition {
                partition_id index{0};
                leader_epoch current_leader_epoch{-1};
                leader_epoch epoch{-1};
                static constexpr auto fields() {
                    return field_list(
                        field<&partition::index>("partition"),
                        field<&partition::current_leader_epoch>("current_leader_epoch", since(2)),
                        field<&partition::epoch>("leader_epoch")
                    );
                }
            };
            std::string_view name;
            std::vector<partition> partitions;
            static constexpr auto fields() {
                return field_list(
                    field<&topic::name>("topic"), field<&topic::partitions>("partitions")
                );
            }
        };
        broker_id replica_id{-2};
        std::vector<topic> topics;
        static constexpr auto fields() {
            return field_list(
                field<&request::replica_id>("replica_id", since(3)),
                field<&request::topics>("topics")
            );
        }
    };

    struct response {
        struct topic {
            struct partition {
                std::int16_t error = 0;
                partition_id index{0};
                leader_epoch epoch{-1};
                offset end_offset{-1};
                static constexpr auto fields() {
                    return field_list(
                        field<&partition::error>("error_code"),
                        field<&partition::index>("partition"),
                        field<&partition::epoch>("leader_epoch", since(1)),
                        field<&partition::end_offset>("end_offset")
                    );
                }
            };
            std::string name;
            std::vector<partition> partitions;
            static constexpr auto fields() {
                return field_list(
                    field<&topic::name>("topic"), field<&topic::partitions>("partitions")
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
