#include "codecs/kafka/messages/08_offset_commit.h"
#include "codecs/kafka/messages/09_offset_fetch.h"
#include "codecs/kafka/messages/10_find_coordinator.h"
#include "codecs/kafka/messages/11_join_group.h"
#include "codecs/kafka/messages/12_heartbeat.h"
#include "codecs/kafka/messages/13_leave_group.h"
#include "codecs/kafka/messages/14_sync_group.h"
#include "codecs/kafka/messages/15_describe_groups.h"
#include "codecs/kafka/messages/16_list_groups.h"
#include "codecs/kafka/messages/42_delete_groups.h"
#include "codecs/kafka/messages/47_offset_delete.h"
#include "tests/unit/codecs/kafka/round_trip.h"

#include <doctest/doctest.h>

TEST_SUITE_BEGIN("codecs/kafka/messages/groups");

namespace logboom::kafka {
namespace {

TEST_CASE("every version of every group message survives encode, decode, encode") {
    check_every_version<offset_commit_api>();
    check_every_version<offset_fetch_api>();
    check_every_version<find_coordinator_api>();
    check_every_version<join_group_api>();
    check_every_version<heartbeat_api>();
    check_every_version<leave_group_api>();
    check_every_version<sync_group_api>();
    check_every_version<describe_groups_api>();
    check_every_version<list_groups_api>();
    check_every_version<delete_groups_api>();
    check_every_version<offset_delete_api>();
}

} // namespace
} // namespace logboom::kafka

TEST_SUITE_END();
