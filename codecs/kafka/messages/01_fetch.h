// Fetch (key 1): reads record batches. Versions 0-12; sessions (7+) are declared and never opened.
#pragma once

#include "codecs/kafka/description.h"

namespace logboom::kafka {

struct fetch_api {
    static constexpr api_spec spec{1, "Fetch", 0, 12, 12};

    struct request {
        struct topic {
            struct partition {
                partition_id index{0};
                leader_epoch current_leader_epoch{-1};
                offset fetch_offset{0};
                leader_epoch last_fetched_epoch{-1};
                offset log_start_offset{-1};
                std::int32_t bytes_max = 0;
                static constexpr auto fields() {
                    return field_list(
                        field<&partition::index>("partition"),
                        field<&partition::current_leader_epoch>("current_leader_epoch", since(9)),
                        field<&partition::fetch_offset>("fetch_offset"),
                        field<&partition::last_fetched_epoch>("last_fetched_epoch", since(12)),
                        field<&partition::log_start_offset>("log_start_offset", since(5)),
                        field<&partition::bytes_max>("partition_max_bytes")
                    );
                }
            };
            std::string_view name;
            std::vector<partition> partitions;
            static constexpr auto fields() {
                return field_list(
                    field<&topic::name>("topic"), field<&topic::partitions>("partitions")
                );
            }
        };
        struct forgotten_topic {
            std::string_view name;
            std::vector<partition_id> partitions;
            static constexpr auto fields() {
                return field_list(
                    field<&forgotten_topic::name>("topic"),
                    field<&forgotten_topic::partitions>("partitions")
                );
            }
        };
        std::optional<std::string_view> cluster_id;
        broker_id replica_id{-1};
        std::int32_t max_wait_ms = 0;
        std::int32_t min_bytes = 0;
        std::int32_t max_bytes = 0x7fffffff;
        std::int8_t isolation_level = 0;
        std::int32_t session_id = 0;
        std::int32_t session_epoch = -1;
        std::vector<topic> topics;
        std::vector<forgotten_topic> forgotten_topics;
        std::string_view rack_id;
        static constexpr auto fields() {
            return field_list(
                field<&request::cluster_id>("cluster_id", since(12), nullable(12), tagged(0)),
                field<&request::replica_id>("replica_id"),
                field<&request::max_wait_ms>("max_wait_ms"),
                field<&request::min_bytes>("min_bytes"),
                field<&request::max_bytes>("max_bytes", since(3)),
                field<&request::isolation_level>("isolation_level", since(4)),
                field<&request::session_id>("session_id", since(7)),
                field<&request::session_epoch>("session_epoch", since(7)),
                field<&request::topics>("topics"),
                field<&request::forgotten_topics>("forgotten_topics_data", since(7)),
                field<&request::rack_id>("rack_id", since(11))
            );
        }
    };

    struct response {
        struct topic {
            struct partition {
                struct epoch_end {
                    leader_epoch epoch{-1};
                    offset end_offset{-1};
                    static constexpr auto fields() {
                        return field_list(
                            field<&epoch_end::epoch>("epoch"),
                            field<&epoch_end::end_offset>("end_offset")
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
                struct snapshot {
                    offset end_offset{-1};
                    leader_epoch epoch{-1};
                    static constexpr auto fields() {
                        return field_list(
                            field<&snapshot::end_offset>("end_offset"),
                            field<&snapshot::epoch>("epoch")
                        );
                    }
                };
                struct aborted_transaction {
                    producer_id producer{-1};
                    offset first_offset{-1};
                    static constexpr auto fields() {
                        return field_list(
                            field<&aborted_transaction::producer>("producer_id"),
                            field<&aborted_transaction::first_offset>("first_offset")
                        );
                    }
                };
                partition_id index{0};
                std::int16_t error = 0;
                offset high_watermark{-1};
                offset last_stable_offset{-1};
                offset log_start_offset{-1};
                epoch_end diverging_epoch;
                leader current_leader;
                snapshot snapshot_id;
                std::optional<std::vector<aborted_transaction>> aborted_transactions;
                broker_id preferred_read_replica{-1};
                record_data records;
                static constexpr auto fields() {
                    return field_list(
                        field<&partition::index>("partition_index"),
                        field<&partition::error>("error_code"),
                        field<&partition::high_watermark>("high_watermark"),
                        field<&partition::last_stable_offset>("last_stable_offset", since(4)),
                        field<&partition::log_start_offset>("log_start_offset", since(5)),
                        field<&partition::diverging_epoch>("diverging_epoch", since(12), tagged(0)),
                        field<&partition::current_leader>("current_leader", since(12), tagged(1)),
                        field<&partition::snapshot_id>("snapshot_id", since(12), tagged(2)),
                        field<&partition::aborted_transactions>(
                            "aborted_transactions", since(4), nullable(4)
                        ),
                        field<&partition::preferred_read_replica>(
                            "preferred_read_replica", since(11)
                        ),
                        field<&partition::records>("records", nullable())
                    );
                }
            };
            std::string name;
            std::vector<partition> partitions;
            static constexpr auto fields() {
                return field_list(
                    field<&topic::name>("topic"), field<&topic::partitions>("partitions")
                );
            }
        };
        std::int32_t throttle_time_ms = 0;
        std::int16_t error = 0;
        std::int32_t session_id = 0;
        std::vector<topic> topics;
        static constexpr auto fields() {
            return field_list(
                field<&response::throttle_time_ms>("throttle_time_ms", since(1)),
                field<&response::error>("error_code", since(7)),
                field<&response::session_id>("session_id", since(7)),
                field<&response::topics>("responses")
            );
        }
    };
};

} // namespace logboom::kafka
