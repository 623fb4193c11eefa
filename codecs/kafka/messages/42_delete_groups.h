// DeleteGroups (key 42): forgets groups that are Empty, with their offsets. Versions 0-2.
#pragma once

#include "codecs/kafka/description.h"

namespace logboom::kafka {

struct delete_groups_api {
    static constexpr api_spec spec{42, "DeleteGroups", 0, 2, 2};

    struct request {
        std::vector<std::string_view> groups;
        static constexpr auto fields() {
            return field_list(field<&request::groups>("groups_names"));
        }
    };

    struct response {
        struct group {
            std::string group_id;
            std::int16_t error = 0;
            static constexpr auto fields() {
                return field_list(
                    field<&group::group_id>("group_id"), field<&group::error>("error_code")
                );
            }
        };
        std::int32_t throttle_time_ms = 0;
        std::vector<group> results;
        static constexpr auto fields() {
            return field_list(
                field<&response::throttle_time_ms>("throttle_time_ms"),
                field<&response::results>("results")
            );
        }
    };
};

} // namespace logboom::kafka
