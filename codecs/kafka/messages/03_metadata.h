// Metadata (key 3): who the brokers are and where partitions live. Versions 0-12; topics: empty is
// all in 0, none from 1 on, where null is all.
#pragma once

#include "codecs/kafka/description.h"

namespace logboom::kafka {

struct metadata_api {
    static constexpr api_spec spec{3, "Metadata", 0, 12, 9};

    /// Says that the client did not ask.
    static constexpr std::int32_t operations_not_asked = std::numeric_limits<std::int32_t>::min();

    struct request {
        struct topic {
            uuid id;
            std::optional<std::string_view> name;
            static constexpr auto fields() {
                return field_list(
                    field<&topic::id>("topic_id", since(10)),
                    field<&topic::name>("name", nullable(10))
                );
            }
        };
        std::optional<std::vector<topic>> topics;
        bool allow_auto_topic_creation = true;
        bool include_cluster_authorized_operations = false;
        bool include_topic_authorized_operations = false;
        static constexpr auto fields() {
            return field_list(
                field<&request::topics>("topics", nullable(1)),
                field<&request::allow_auto_topic_creation>("allow_auto_topic_creation", since(4)),
                field<&request::include_cluster_authorized_operations>(
                    "include_cluster_authorized_operations", since(8), until(10)
                ),
                field<&request::include_topic_authorized_operations>(
                    "include_topic_authorized_operations", since(8)
                )
            );
        }
    };

    struct response {
        struct broker {
            broker_id id{0};
            std::string host;
            std::int32_t port = 0;
            std::optional<std::string> rack;
            static constexpr auto fields() {
                return field_list(
                    field<&broker::id>("node_id"),
                    field<&broker::host>("host"),
                    field<&broker::port>("port"),
                    field<&broker::rack>("rack", since(1), nullable(1))
                );
            }
        };
        struct topic {
            struct partition {
                std::int16_t error = 0;
                partition_id index{0};
                broker_id leader_id{-1};
                leader_epoch epoch{-1};
                std::vector<broker_id> replica_nodes;
                std::vector<broker_id> isr_nodes;
                std::vector<broker_id> offline_replicas;
                static constexpr auto fields() {
                    return field_list(
                        field<&partition::error>("error_code"),
                        field<&partition::index>("partition_index"),
                        field<&partition::leader_id>("leader_id"),
                        field<&partition::epoch>("leader_epoch", since(7)),
                        field<&partition::replica_nodes>("replica_nodes"),
                        field<&partition::isr_nodes>("isr_nodes"),
                        field<&partition::offline_replicas>("offline_replicas", since(5))
                    );
                }
            };
            std::int16_t error = 0;
            std::optional<std::string> name;
            uuid id;
            bool is_internal = false;
            std::vector<partition> partitions;
            std::int32_t authorized_operations = operations_not_asked;
            static constexpr auto fields() {
                return field_list(
                    field<&topic::error>("error_code"),
                    field<&topic::name>("name", nullable(12)),
                    field<&topic::id>("topic_id", since(10)),
                    field<&topic::is_internal>("is_internal", since(1)),
                    field<&topic::partitions>("partitions"),
                    field<&topic::authorized_operations>("topic_authorized_operations", since(8))
                );
            }
        };
        std::int32_t throttle_time_ms = 0;
        std::vector<broker> brokers;
        std::optional<std::string> cluster_id;
        broker_id controller_id{-1};
        std::vector<topic> topics;
        std::int32_t cluster_authorized_operations = operations_not_asked;
        static constexpr auto fields() {
            return field_list(
                field<&response::throttle_time_ms>("throttle_time_ms", since(3)),
                field<&response::brokers>("brokers"),
                field<&response::cluster_id>("cluster_id", since(2), nullable(2)),
                field<&response::controller_id>("controller_id", since(1)),
                field<&response::topics>("topics"),
                field<&response::cluster_authorized_operations>(
                    "cluster_authorized_operations", since(8), until(10)
                )
            );
        }
    };
};

} // namespace logboom::kafka
