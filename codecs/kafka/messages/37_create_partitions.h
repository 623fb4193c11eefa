// CreatePartitions (key 37): gives topics more partitions. Versions 0-3.
#pragma once

#include "codecs/kafka/description.h"

namespace logboom::kafka {

struct create_partitions_api {
    static constexpr api_spec spec{37, "CreatePartitions", 0, 3, 2};

    struct request {
        struct topic {
            struct assignment {
                std::vector<broker_id> broker_ids;
                static constexpr auto fields() {
                    return field_list(field<&assignment::broker_ids>("broker_ids"));
                }
            };
            std::string_view name;
            std::int32_t count = 0;
            std::optional<std::vector<assignment>> assignments;
            static constexpr auto fields() {
                return field_list(
                    field<&topic::name>("name"),
                    field<&topic::count>("count"),
                    field<&topic::assignments>("assignments", nullable())
                );
            }
        };
        std::vector<topic> topics;
        std::int32_t timeout_ms = 0;
        bool validate_only = false;
        static constexpr auto fields() {
            return field_list(
                field<&request::topics>("topics"),
                field<&request::timeout_ms>("timeout_ms"),
                field<&request::validate_only>("validate_only")
            );
        }
    };

    struct response {
        struct result {
            std::string name;
            std::int16_t error = 0;
            std::optional<std::string> error_message;
            static constexpr auto fields() {
                return field_list(
                    field<&result::name>("name"),
                    field<&result::error>("error_code"),
                    field<&result::error_message>("error_message", nullable())
                );
            }
        };
        std::int32_t throttle_time_ms = 0;
        std::vector<result> results;
        static constexpr auto fields() {
            return field_list(
                field<&response::throttle_time_ms>("throttle_time_ms"),
                field<&response::results>("results")
            );
        }
    };
};

} // namespace logboom::kafka
