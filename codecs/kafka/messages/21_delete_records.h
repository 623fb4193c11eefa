// DeleteRecords (key 21): moves the start of partitions forward. Versions 0-2.
#pragma once

#include "codecs/kafka/description.h"

namespace logboom::kafka {

struct delete_records_api {
    static constexpr api_spec spec{21, "DeleteRecords", 0, 2, 2};

    struct request {
        struct topic {
            struct partition {
                partition_id index{0};
                offset before{-1};
                static constexpr auto fields() {
                    return field_list(
                        field<&partition::index>("partition_index"),
                        field<&partition::before>("offset")
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
        std::vector<topic> topics;
        std::int32_t timeout_ms = 0;
        static constexpr auto fields() {
            return field_list(
                field<&request::topics>("topics"), field<&request::timeout_ms>("timeout_ms")
            );
        }
    };

    struct response {
        struct topic {
            struct partition {
                partition_id index{0};
                offset low_watermark{-1};
                std::int16_t error = 0;
                static constexpr auto fields() {
                    return field_list(
                        field<&partition::index>("partition_index"),
                        field<&partition::low_watermark>("low_watermark"),
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
                field<&response::throttle_time_ms>("throttle_time_ms"),
                field<&response::topics>("topics")
            );
        }
    };
};

} // namespace logboom::kafka
