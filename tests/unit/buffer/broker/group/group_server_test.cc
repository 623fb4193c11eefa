// Groups through a running broker's socket, in every version of their APIs.
#include "codecs/kafka/error_code.h"
#include "codecs/kafka/messages/08_offset_commit.h"
#include "codecs/kafka/messages/09_offset_fetch.h"
#include "codecs/kafka/messages/10_find_coordinator.h"
#include "codecs/kafka/messages/11_join_group.h"
#include "codecs/kafka/messages/12_heartbeat.h"
#include "codecs/kafka/messages/14_sync_group.h"
#include "codecs/kafka/messages/15_describe_groups.h"
#include "codecs/kafka/messages/16_list_groups.h"
#include "codecs/kafka/messages/20_delete_topics.h"
#include "codecs/kafka/messages/37_create_partitions.h"
#include "tests/unit/buffer/broker/broker_fixture.h"
#include "tests/unit/wait.h"

#include <filesystem>

TEST_SUITE_BEGIN("buffer/broker/group/group_service");

namespace logboom::broker {
namespace {

using namespace std::chrono_literals;
using kafka::error_code;

broker_config config_for_groups() {
    broker_config config = default_broker_config();
    config.groups.initial_rebalance_delay = 0ms;
    config.groups.offsets_topic_partitions = 3;
    return config;
}

void find_coordinator(test_client& client) {
    kafka::find_coordinator_api::request request;
    request.key = "g";
    const auto answer = client.call<kafka::find_coordinator_api>(2, request);
    REQUIRE(answer.error == 0);
    CHECK(answer.host == "127.0.0.1");
}

kafka::join_group_api::request join_of(std::string_view member = {}) {
    kafka::join_group_api::request request;
    request.group_id = "g";
    request.session_timeout_ms = 30'000;
    request.rebalance_timeout_ms = 30'000;
    request.member_id = member;
    request.protocol_type = "consumer";
    request.protocols.push_back({"range", as_bytes("MM")});
    return request;
}

/// As an old client: no id is asked for first. Gives the member id, in generation 1.
std::string join_and_sync(test_client& client) {
    const auto joined = client.call<kafka::join_group_api>(3, join_of());
    REQUIRE(joined.error == 0);
    kafka::sync_group_api::request sync;
    sync.group_id = "g";
    sync.member_id = joined.member_id;
    sync.generation = joined.generation;
    sync.assignments.push_back({joined.member_id, as_bytes("AA")});
    const auto synced = client.call<kafka::sync_group_api>(3, sync);
    CHECK(synced.error == 0);
    CHECK(synced.assignment.text() == "AA");
    return joined.member_id;
}

error_code beat(test_client& client, std::string_view member, std::int32_t generation) {
    kafka::heartbeat_api::request request;
    request.group_id = "g";
    request.member_id = member;
    request.generation = group_generation(generation);
    return static_cast<error_code>(client.call<kafka::heartbeat_api>(3, request).error);
}

error_code commit(test_client& client, std::int16_t version, std::int64_t at) {
    kafka::offset_commit_api::request request;
    request.group_id = "simple";
    auto& topic = request.topics.emplace_back();
    topic.name = "t";
    auto& partition = topic.partitions.emplace_back();
    partition.committed_offset = offset(at);
    partition.metadata = "note";
    const auto answer = client.call<kafka::offset_commit_api>(version, request);
    return static_cast<error_code>(answer.topics.at(0).partitions.at(0).error);
}

std::int64_t committed(test_client& client, std::int16_t version) {
    kafka::offset_fetch_api::request request;
    const std::vector<kafka::offset_fetch_api::request::topic> topics{{"t", {partition_id(0)}}};
    request.group_id = "simple";
    request.topics = topics;
    request.groups.push_back({"simple", std::nullopt, -1, topics});
    const auto answer = client.call<kafka::offset_fetch_api>(version, request);
    if (version >= 8) {
        return answer.groups.at(0).topics.at(0).partitions.at(0).committed_offset.value();
    }
    return answer.topics.at(0).partitions.at(0).committed_offset.value();
}

/// Groups are read in the background after a start.
void wait_until_loaded(test_client& client) {
    kafka::offset_fetch_api::request request;
    request.groups.push_back({"simple", std::nullopt, -1, std::nullopt});
    error_code code = error_code::coordinator_load_in_progress;
    eventually([&] {
        const auto answer = client.call<kafka::offset_fetch_api>(9, request);
        code = static_cast<error_code>(answer.groups.at(0).error);
        return code != error_code::coordinator_load_in_progress;
    });
    REQUIRE(code == error_code::none);
}

TEST_CASE("clients cannot make, grow or delete the topic of committed offsets") {
    const temporary_directory directory;
    broker_fixture broker(directory.path(), config_for_groups());
    test_client client(broker.port());
    constexpr std::string_view topic = "__consumer_offsets";
    // A tool that reads the topic before there is any group: with the defaults of other topics it
    // would have one partition, and lose what is older than retention.ms.
    kafka::metadata_api::request metadata;
    metadata.topics.emplace();
    metadata.topics->push_back({{}, topic});
    CHECK(client.call<kafka::metadata_api>(9, metadata).topics.at(0).error == 3);
    find_coordinator(client);
    CHECK(client.call<kafka::metadata_api>(9, metadata).topics.at(0).partitions.size() == 3);
    // More partitions, and groups would be looked for where they are not.
    kafka::create_partitions_api::request grow;
    grow.topics.push_back({topic, 6, std::nullopt});
    const auto grown = client.call<kafka::create_partitions_api>(1, grow);
    CHECK(static_cast<error_code>(grown.results.at(0).error) == error_code::invalid_partitions);
    kafka::delete_topics_api::request remove;
    remove.topic_names.push_back(topic);
    const auto removed = client.call<kafka::delete_topics_api>(3, remove);
    CHECK(static_cast<error_code>(removed.topics.at(0).error) == error_code::invalid_topic);
    CHECK(client.call<kafka::metadata_api>(9, metadata).topics.at(0).partitions.size() == 3);
}

TEST_CASE("the coordinator is this broker, in every version, and has a topic from then on") {
    const temporary_directory directory;
    broker_fixture broker(directory.path(), config_for_groups());
    test_client client(broker.port());
    for (std::int16_t version = 0; version <= 5; ++version) {
        CAPTURE(version);
        kafka::find_coordinator_api::request request;
        request.key = "g";
        request.coordinator_keys = {"g", "h"};
        const auto answer = client.call<kafka::find_coordinator_api>(version, request);
        if (version < 4) {
            CHECK(answer.error == 0);
            CHECK(answer.port == broker.port());
        } else {
            REQUIRE(answer.coordinators.size() == 2);
            CHECK(answer.coordinators[1].key == "h");
            CHECK(answer.coordinators[1].port == broker.port());
        }
    }
    kafka::metadata_api::request all;
    const auto topics = client.call<kafka::metadata_api>(9, all).topics;
    REQUIRE(topics.size() == 1);
    CHECK(topics[0].partitions.size() == 3);
    kafka::find_coordinator_api::request transaction;
    transaction.key_type = 1;
    CHECK(
        client.call<kafka::find_coordinator_api>(2, transaction).error ==
        static_cast<std::int16_t>(error_code::invalid_request)
    );
}

TEST_CASE("offsets are committed and fetched in every version, and outlive a restart") {
    const temporary_directory directory;
    {
        broker_fixture broker(directory.path(), config_for_groups());
        test_client client(broker.port());
        find_coordinator(client);
        create_topic(client, "t");
        CHECK(committed(client, 1) == -1);
        for (std::int16_t version = 0; version <= 9; ++version) {
            CAPTURE(version);
            CHECK(commit(client, version, 100 + version) == error_code::none);
            CHECK(committed(client, version) == 100 + version);
        }
    }
    broker_fixture broker(directory.path(), config_for_groups());
    test_client client(broker.port());
    wait_until_loaded(client);
    CHECK(committed(client, 9) == 109);
}

std::uint64_t size_of_logs(const std::string& directory) {
    std::uint64_t total = 0;
    for (const auto& each : std::filesystem::directory_iterator(directory)) {
        total += each.path().extension() == ".log" ? each.file_size() : 0;
    }
    return total;
}

TEST_CASE("commits do not pile up: __consumer_offsets is compacted, and the newest stay") {
    const temporary_directory directory;
    broker_config config = config_for_groups();
    config.groups.offsets_topic_partitions = 1;
    config.groups.offsets_topic_segment_bytes = 5000;
    config.checkpoint_interval = 20ms;
    config.cleaner_backoff = 20ms;
    constexpr int commits = 400;
    {
        broker_fixture broker(directory.path(), config);
        test_client client(broker.port());
        find_coordinator(client);
        create_topic(client, "t");
        const std::string member = join_and_sync(client);
        for (int i = 1; i <= commits; ++i) {
            REQUIRE(commit(client, 7, i) == error_code::none);
        }
        const auto before = [&] {
            return broker.counters().sum("logboom_broker_compaction_before_bytes_total");
        };
        const auto after = [&] {
            return broker.counters().sum("logboom_broker_compaction_after_bytes_total");
        };
        // One segment of commits is about 40 of them.
        const std::string logs = directory.path() + "/__consumer_offsets-0";
        CHECK(eventually([&] { return size_of_logs(logs) <= 12'000; }));
        CHECK(before() > 30'000);
        CHECK(after() < before() / 2);
        CHECK(broker.counters().sum("logboom_broker_compactions_total") > 0);
        CHECK(committed(client, 9) == commits);
    }
    broker_fixture broker(directory.path(), config);
    test_client client(broker.port());
    wait_until_loaded(client);
    CHECK(committed(client, 9) == commits);
    kafka::describe_groups_api::request describe;
    describe.groups = {"g"};
    const auto groups = client.call<kafka::describe_groups_api>(4, describe).groups;
    CHECK(groups.at(0).group_state == "Stable");
}

TEST_CASE("a group outlives a restart without a rebalance") {
    const temporary_directory directory;
    std::string member;
    {
        broker_fixture broker(directory.path(), config_for_groups());
        test_client client(broker.port());
        find_coordinator(client);
        member = join_and_sync(client);
    }
    broker_fixture broker(directory.path(), config_for_groups());
    test_client client(broker.port());
    wait_until_loaded(client);
    CHECK(beat(client, member, 1) == error_code::none);
    kafka::describe_groups_api::request describe;
    describe.groups = {"g", "nobody"};
    const auto groups = client.call<kafka::describe_groups_api>(4, describe).groups;
    CHECK(groups.at(0).group_state == "Stable");
    CHECK(groups.at(0).members.at(0).client_host == "/127.0.0.1");
    CHECK(groups.at(0).members.at(0).member_assignment.text() == "AA");
    CHECK(groups.at(1).group_state == "Dead");
}

TEST_CASE("a JoinGroup that waits holds up nobody but its own connection's order") {
    const temporary_directory directory;
    broker_fixture broker(directory.path(), config_for_groups());
    test_client first(broker.port());
    find_coordinator(first);
    const std::string member = join_and_sync(first);
    test_client second(broker.port());
    const auto joins = second.send<kafka::join_group_api>(3, join_of());
    const auto lists = second.send<kafka::list_groups_api>(2, {});
    // The group knows of it already, and other connections go on.
    while (beat(first, member, 1) != error_code::rebalance_in_progress) {
        std::this_thread::yield();
    }
    const auto again = first.call<kafka::join_group_api>(3, join_of(member));
    CHECK(again.generation == group_generation(2));
    CHECK(again.members.size() == 2);
    CHECK(second.receive_as<kafka::join_group_api>(3, joins).generation == group_generation(2));
    CHECK(second.receive_as<kafka::list_groups_api>(2, lists).groups.size() == 1);
}

TEST_CASE("a new member whose connection ends while it waits is not waited for") {
    const temporary_directory directory;
    broker_fixture broker(directory.path(), config_for_groups());
    test_client first(broker.port());
    find_coordinator(first);
    const std::string member = join_and_sync(first);
    {
        test_client gone(broker.port());
        gone.send<kafka::join_group_api>(3, join_of());
        while (beat(first, member, 1) != error_code::rebalance_in_progress) {
            std::this_thread::yield();
        }
    }
    kafka::describe_groups_api::request describe;
    describe.groups = {"g"};
    while (first.call<kafka::describe_groups_api>(4, describe).groups.at(0).members.size() > 1) {
        std::this_thread::yield();
    }
    CHECK(first.call<kafka::join_group_api>(3, join_of(member)).members.size() == 1);
}

TEST_CASE("a broker stops at once while a JoinGroup waits") {
    const temporary_directory directory;
    broker_fixture broker(directory.path(), config_for_groups());
    test_client first(broker.port());
    find_coordinator(first);
    const std::string member = join_and_sync(first);
    test_client second(broker.port());
    second.send<kafka::join_group_api>(3, join_of());
    while (beat(first, member, 1) != error_code::rebalance_in_progress) {
        std::this_thread::yield();
    }
    const auto before = std::chrono::steady_clock::now();
    broker.stop();
    CHECK(std::chrono::steady_clock::now() - before < 5s);
    CHECK(second.is_closed());
}

TEST_CASE("a deleted topic takes its offsets along") {
    const temporary_directory directory;
    broker_fixture broker(directory.path(), config_for_groups());
    test_client client(broker.port());
    find_coordinator(client);
    create_topic(client, "t");
    CHECK(commit(client, 7, 5) == error_code::none);
    kafka::delete_topics_api::request remove;
    remove.topic_names = {"t"};
    remove.timeout_ms = 5'000;
    CHECK(client.call<kafka::delete_topics_api>(3, remove).topics.at(0).error == 0);
    CHECK(commit(client, 7, 6) == error_code::unknown_topic_or_partition);
    create_topic(client, "t");
    CHECK(committed(client, 7) == -1);
}

} // namespace
} // namespace logboom::broker

TEST_SUITE_END();
