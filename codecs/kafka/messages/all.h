// Every api that this program speaks, by Kafka's key: the one list. The handler table and with it
// the ApiVersions answer, the table in docs/broker.md, the round trips, the golden vectors and the
// fuzzer come from it.
#pragma once

#include "codecs/kafka/messages/00_produce.h"
#include "codecs/kafka/messages/01_fetch.h"
#include "codecs/kafka/messages/02_list_offsets.h"
#include "codecs/kafka/messages/03_metadata.h"
#include "codecs/kafka/messages/08_offset_commit.h"
#include "codecs/kafka/messages/09_offset_fetch.h"
#include "codecs/kafka/messages/10_find_coordinator.h"
#include "codecs/kafka/messages/11_join_group.h"
#include "codecs/kafka/messages/12_heartbeat.h"
#include "codecs/kafka/messages/13_leave_group.h"
#include "codecs/kafka/messages/14_sync_group.h"
#include "codecs/kafka/messages/15_describe_groups.h"
#include "codecs/kafka/messages/16_list_groups.h"
#include "codecs/kafka/messages/18_api_versions.h"
#include "codecs/kafka/messages/19_create_topics.h"
#include "codecs/kafka/messages/20_delete_topics.h"
#include "codecs/kafka/messages/21_delete_records.h"
#include "codecs/kafka/messages/22_init_producer_id.h"
#include "codecs/kafka/messages/23_offset_for_leader_epoch.h"
#include "codecs/kafka/messages/32_describe_configs.h"
#include "codecs/kafka/messages/33_alter_configs.h"
#include "codecs/kafka/messages/35_describe_log_dirs.h"
#include "codecs/kafka/messages/37_create_partitions.h"
#include "codecs/kafka/messages/42_delete_groups.h"
#include "codecs/kafka/messages/44_incremental_alter_configs.h"
#include "codecs/kafka/messages/46_list_partition_reassignments.h"
#include "codecs/kafka/messages/47_offset_delete.h"
#include "codecs/kafka/messages/60_describe_cluster.h"

namespace logboom::kafka {

/// `api(NAME)` for each: NAME_api is its message, add_NAME in buffer/broker/apis its handler.
// One line an api.
// clang-format off
#define LB_KAFKA_APIS(api) \
    api(produce) \
    api(fetch) \
    api(list_offsets) \
    api(metadata) \
    api(offset_commit) \
    api(offset_fetch) \
    api(find_coordinator) \
    api(join_group) \
    api(heartbeat) \
    api(leave_group) \
    api(sync_group) \
    api(describe_groups) \
    api(list_groups) \
    api(api_versions) \
    api(create_topics) \
    api(delete_topics) \
    api(delete_records) \
    api(init_producer_id) \
    api(offset_for_leader_epoch) \
    api(describe_configs) \
    api(alter_configs) \
    api(describe_log_dirs) \
    api(create_partitions) \
    api(delete_groups) \
    api(incremental_alter_configs) \
    api(list_partition_reassignments) \
    api(offset_delete) \
    api(describe_cluster)
// clang-format on

/// Calls visit.template operator()<Api>() for each.
template <class Visit>
void for_each_api(Visit&& visit) {
#define LB_VISIT(name) visit.template operator()<name##_api>();
    LB_KAFKA_APIS(LB_VISIT)
#undef LB_VISIT
}

} // namespace logboom::kafka
