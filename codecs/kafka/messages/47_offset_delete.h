// OffsetDelete (key 47): forgets the offsets of some partitions. Version 0.
#pragma once

#include "codecs/kafka/description.h"

namespace logboom::kafka {

struct offset_delete_api {
    static constexpr api_spec spec{47, "OffsetDelete", 0, 0};

    struct request {
        struct topic {
            struct partition {
                partition_id index{0};
                static constexpr auto fields() {
                    return field_list(field<&partition::index>("partition_index"));
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
        std::vector<topic> topics;
        static constexpr auto fields() {
            return field_list(
                field<&request::group_id>("group_id"), field<&request::topics>("topics")
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
        std::int16_t error = 0;
        std::int32_t throttle_time_ms = 0;
        std::vector<topic> topics;
        static constexpr auto fields() {
            return field_list(
                field<&response::error>("error_code"),
                field<&response::throttle_time_ms>("throttle_time_ms"),
                field<&response::topics>("topics")
            );
        }
    };
};

} // namespace logboom::kafka
