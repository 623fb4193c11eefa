// ListGroups (key 16): the groups of this broker. Versions 0-4: 4 can ask for some states only.
#pragma once

#include "codecs/kafka/description.h"

namespace logboom::kafka {

struct list_groups_api {
    static constexpr api_spec spec{16, "ListGroups", 0, 4, 3};

    struct request {
        std::vector<std::string_view> states_filter;
        static constexpr auto fields() {
            return field_list(field<&request::states_filter>("states_filter", since(4)));
        }
    };

    struct response {
        struct group {
            std::string group_id;
            std::string protocol_type;
            std::string group_state;
            static constexpr auto fields() {
                return field_list(
                    field<&group::group_id>("group_id"),
                    field<&group::protocol_type>("protocol_type"),
                    field<&group::group_state>("group_state", since(4))
                );
            }
        };
        std::int32_t throttle_time_ms = 0;
        std::int16_t error = 0;
        std::vector<group> groups;
        static constexpr auto fields() {
            return field_list(
                field<&response::throttle_time_ms>("throttle_time_ms", since(1)),
                field<&response::error>("error_code"),
                field<&response::groups>("groups")
            );
        }
    };
};

} // namespace logboom::kafka
