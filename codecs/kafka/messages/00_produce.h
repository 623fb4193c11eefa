// Produce (key 0): appends record batches. Versions 0-11; 10 added where the leader is now.
#pragma once

#include "codecs/kafka/description.h"

namespace logboom::kafka {

struct produce_api {
    static constexpr api_spec spec{0, "Produce", 0, 11, 9};

    struct request {
        struct partition {
            partition_id index{0};
            /// Into the frame.
            std::optional<bytes_view> records;
            static constexpr auto fields() {
                return field_list(
                    field<&partition::index>("index"),
                    field<&partition::records>("records", nullable())
                );
            }
        };
        struct topic {
            std::string_view name;
            std::vector<partition> partitions;
            static constexpr auto fields() {
                return field_list(
                    field<&topic::name>("name"), field<&topic::partitions>("partition_data")
                );
            }
        };
        std::optional<std::string_view> transactional_id;
        std::int16_t acks = 0;
        std::int32_t timeout_ms = 0;
        std::vector<topic> topics;
        static constexpr auto fields() {
            return field_list(
                field<&request::transactional_id>("transactional_id", since(3), nullable(3)),
                field<&request::acks>("acks"),
                field<&request::timeout_ms>("timeout_ms"),
                field<&request::topics>("topic_data")
            );
        }
    };

    struct response {
        struct record_error {
            std::int32_t batch_index = 0;
            std::optional<std::string> message;
            static constexpr auto fields() {
                return field_list(
                    field<&record_error::batch_index>("batch_index"),
                    field<&record_error::message>("batch_index_error_message", nullable())
                );
            }
        };
        struct leader {
            broker_id id{-1};
            leader_epoch epoch{-1};
            static constexpr auto fields() {
                return field_list(
                    field<&leader::id>("leader_id"), field<&leader::epoch>("leader_epoch")
                );
            }
        };
        struct partition {
            partition_id index{0};
            std::int16_t error = 0;
            offset base_offset{-1};
            timestamp_ms log_append_time{-1};
            offset log_start_offset{-1};
            std::vector<record_error> record_errors;
            std::optional<std::string> error_message;
            leader current_leader;
            static constexpr auto fields() {
                return field_list(
                    field<&partition::index>("index"),
                    field<&partition::error>("error_code"),
                    field<&partition::base_offset>("base_offset"),
                    field<&partition::log_append_time>("log_append_time_ms", since(2)),
                    field<&partition::log_start_offset>("log_start_offset", since(5)),
                    field<&partition::record_errors>("record_errors", since(8)),
                    field<&partition::error_message>("error_message", since(8), nullable(8)),
                    field<&partition::current_leader>("current_leader", since(10), tagged(0))
                );
            }
        };
        struct topic {
            std::string name;
            std::vector<partition> partitions;
            static constexpr auto fields() {
                return field_list(
                    field<&topic::name>("name"), field<&topic::partitions>("partition_responses")
                );
            }
        };
        struct node {
            broker_id id{0};
            std::string host;
            std::int32_t port = 0;
            std::optional<std::string> rack;
            static constexpr auto fields() {
                return field_list(
                    field<&node::id>("node_id"),
                    field<&node::host>("host"),
                    field<&node::port>("port"),
                    field<&node::rack>("rack", nullable())
                );
            }
        };
        std::vector<topic> topics;
        std::int32_t throttle_time_ms = 0;
        std::vector<node> node_endpoints;
        static constexpr auto fields() {
            return field_list(
                field<&response::topics>("responses"),
                field<&response::throttle_time_ms>("throttle_time_ms", since(1)),
                field<&response::node_endpoints>("node_endpoints", since(10), tagged(0))
            );
        }
    };
};

} // namespace logboom::kafka
