// DeleteTopics (key 20): by name, or (6+) by name or id. Versions 0-6.
#pragma once

#include "codecs/kafka/description.h"

namespace logboom::kafka {

struct delete_topics_api {
    static constexpr api_spec spec{20, "DeleteTopics", 0, 6, 4};

    struct request {
        struct topic {
            std::optional<std::string_view> name;
            uuid id;
            static constexpr auto fields() {
                return field_list(
                    field<&topic::name>("name", nullable(6)), field<&topic::id>("topic_id")
                );
            }
        };
        std::vector<topic> topics;
        std::vector<std::string_view> topic_names;
        std::int32_t timeout_ms = 0;
        static constexpr auto fields() {
            return field_list(
                field<&request::topics>("topics", since(6)),
                field<&request::topic_names>("topic_names", until(5)),
                field<&request::timeout_ms>("timeout_ms")
            );
        }
    };

    struct response {
        struct topic {
            std::optional<std::string> name;
            uuid id;
            std::int16_t error = 0;
            std::optional<std::string> error_message;
            static constexpr auto fields() {
                return field_list(
                    field<&topic::name>("name", nullable(6)),
                    field<&topic::id>("topic_id", since(6)),
                    field<&topic::error>("error_code"),
                    field<&topic::error_message>("error_message", since(5), nullable(5))
                );
            }
        };
        std::int32_t throttle_time_ms = 0;
        std::vector<topic> topics;
        static constexpr auto fields() {
            return field_list(
                field<&response::throttle_time_ms>("throttle_time_ms", since(1)),
                field<&response::topics>("responses")
            );
        }
    };
};

} // namespace logboom::kafka
