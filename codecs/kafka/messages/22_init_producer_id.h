// InitProducerId (key 22): gives an idempotent producer its id. Versions 0-5.
#pragma once

#include "codecs/kafka/description.h"

namespace logboom::kafka {

struct init_producer_id_api {
    static constexpr api_spec spec{22, "InitProducerId", 0, 5, 2};

    struct request {
        std::optional<std::string_view> transactional_id;
        std::int32_t transaction_timeout_ms = 0;
        producer_id id{-1};
        producer_epoch epoch{-1};
        static constexpr auto fields() {
            return field_list(
                field<&request::transactional_id>("transactional_id", nullable()),
                field<&request::transaction_timeout_ms>("transaction_timeout_ms"),
                field<&request::id>("producer_id", since(3)),
                field<&request::epoch>("producer_epoch", since(3))
            );
        }
    };

    struct response {
        std::int32_t throttle_time_ms = 0;
        std::int16_t error = 0;
        producer_id id{-1};
        producer_epoch epoch{0};
        static constexpr auto fields() {
            return field_list(
                field<&response::throttle_time_ms>("throttle_time_ms"),
                field<&response::error>("error_code"),
                field<&response::id>("producer_id"),
                field<&response::epoch>("producer_epoch")
            );
        }
    };
};

} // namespace logboom::kafka
