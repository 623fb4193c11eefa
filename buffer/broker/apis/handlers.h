// The handlers of this folder, one file per api, named after Kafka's key: 00_produce.cc,
// 01_fetch.cc, ... Each adds itself to the table. What is registered is what ApiVersions offers.
#pragma once

#include "buffer/broker/config/broker_config.h"
#include "buffer/broker/core/broker_context.h"
#include "buffer/broker/partitions/partition_service.h"

#include <string>

namespace logboom::broker {

/// What the handlers work with; outlives the table.
struct handler_services {
    broker_context& context;
    partition_service& partitions;
    std::string cluster_id;
};

void add_produce(handler_table& to, handler_services& with);
void add_fetch(handler_table& to, handler_services& with);
void add_list_offsets(handler_table& to, handler_services& with);
void add_metadata(handler_table& to, handler_services& with);
/// Last: it answers with the table.
void add_api_versions(handler_table& to);
void add_create_topics(handler_table& to, handler_services& with);
void add_delete_topics(handler_table& to, handler_services& with);
void add_delete_records(handler_table& to, handler_services& with);
void add_init_producer_id(handler_table& to, handler_services& with);
void add_offset_for_leader_epoch(handler_table& to, handler_services& with);
void add_describe_configs(handler_table& to, handler_services& with);
/// AlterConfigs and IncrementalAlterConfigs.
void add_alter_configs(handler_table& to, handler_services& with);
void add_create_partitions(handler_table& to, handler_services& with);
void add_list_partition_reassignments(handler_table& to, handler_services& with);
void add_describe_cluster(handler_table& to, handler_services& with);

// ---- shared by handlers

/// The code a client gets for a failure of the log or of the records themselves.
kafka::error_code error_code_of(const error& why) noexcept;

/// A partition as a request names it, or why there is none.
struct found_partition {
    const topic_state* topic = nullptr;
    const partition_state* state = nullptr;
    kafka::error_code error = kafka::error_code::none;
};
found_partition
find_partition(const topic_catalog& topics, std::string_view topic, partition_id partition);

/// FENCED_LEADER_EPOCH or UNKNOWN_LEADER_EPOCH when the client knows another epoch; -1 is not
/// checked.
kafka::error_code check_epoch(const log::partition_log& log, leader_epoch known);

} // namespace logboom::broker
