// ListPartitionReassignments (key 46): which partitions are on the move. Version 0.
#pragma once

#include "codecs/kafka/description.h"

namespace logboom::kafka {

struct list_partition_reassignments_api {
    static constexpr api_spec spec{46, "ListPartitionReassignments", 0, 0, 0};

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
        std::int32_t timeout_ms = 60000;
        std::optional<std::vector<topic>> topics;
        static constexpr auto fields() {
            return field_list(
                field<&request::timeout_ms>("timeout_ms"),
                field<&request::topics>("topics", nullable())
            );
        }
    };

    struct response {
        struct topic {
            struct partition {
                partition_id index{0};
                std::vector<broker_id> replicas;
                std::vector<broker_id> adding_replicas;
                std::vector<broker_id> removing_replicas;
                static constexpr auto fields() {
                    return field_list(
                        field<&partition::index>("partition_index"),
                        field<&partition::replicas>("replicas"),
                        field<&partition::adding_replicas>("adding_replicas"),
                        field<&partition::removing_replicas>("removing_replicas")
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
        std::int16_t error = 0;
        std::optional<std::string> error_message;
        std::vector<topic> topics;
        static constexpr auto fields() {
            return field_list(
                field<&response::throttle_time_ms>("throttle_time_ms"),
                field<&response::error>("error_code"),
                field<&response::error_message>("error_message", nullable()),
                field<&response::topics>("topics")
            );
        }
    };
};

} // namespace logboom::kafka
