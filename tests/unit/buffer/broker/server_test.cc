// A whole broker on a socket: every version of its APIs, restarts, directories from elsewhere.
#include "buffer/broker/apis/handlers.h"
#include "codecs/kafka/messages/02_list_offsets.h"
#include "codecs/kafka/messages/18_api_versions.h"
#include "codecs/kafka/messages/19_create_topics.h"
#include "codecs/kafka/messages/20_delete_topics.h"
#include "codecs/kafka/messages/22_init_producer_id.h"
#include "codecs/kafka/messages/32_describe_configs.h"
#include "tests/unit/buffer/broker/broker_fixture.h"

#include <algorithm>
#include <fstream>
#include <random>

TEST_SUITE_BEGIN("buffer/broker/server");

namespace logboom::broker {
namespace {

using kafka::error_code;

struct running_broker {
    temporary_directory directory;
    broker_fixture broker{directory.path()};
    test_client client{broker.port()};
};

std::int64_t resident_kib() {
    std::ifstream status("/proc/self/statm");
    std::int64_t total = 0;
    std::int64_t resident = 0;
    status >> total >> resident;
    return resident * 4;
}

TEST_CASE_FIXTURE(running_broker, "ApiVersions is answered in every version there may ever be") {
    using api = kafka::api_versions_api;
    for (std::int16_t version = 0; version < 128; ++version) {
        CAPTURE(version);
        api::request body;
        body.client_software_name = "probe";
        body.client_software_version = "1.0";
        const std::int32_t correlation = client.send<api>(version, body);
        const bool known = version <= api::spec.version_max;
        const auto answer = client.receive_as<api>(known ? version : 0, correlation);
        CHECK(answer.error == (known ? 0 : 35));
        const auto own =
            std::find_if(answer.ranges.begin(), answer.ranges.end(), [](const auto& each) {
                return each.key == 18;
            });
        REQUIRE(own != answer.ranges.end());
        CHECK(own->version_max == api::spec.version_max);
    }
    const auto odd = client.call<api>(3, {"bad name!", "1"});
    CHECK(odd.error == 42);
}

TEST_CASE_FIXTURE(running_broker, "records come back as they were sent, for every version") {
    create_topic(client, "t");
    std::int64_t end = 0;
    for (std::int16_t version = 3; version <= 11; ++version) {
        CAPTURE(version);
        const auto records = batch_of({"one", "two"});
        const auto answer = client.call<kafka::produce_api>(
            version, produce_to("t", records, version % 2 == 0 ? 1 : -1)
        );
        CHECK(answer.topics[0].partitions[0].error == 0);
        CHECK(answer.topics[0].partitions[0].base_offset == offset(end));
        end += 2;
    }
    for (std::int16_t version = 4; version <= 12; ++version) {
        CAPTURE(version);
        const auto answer = client.call<kafka::fetch_api>(version, fetch_from("t", 0));
        const auto& partition = answer.topics[0].partitions[0];
        CHECK(partition.error == 0);
        CHECK(partition.high_watermark == offset(end));
        const auto values = values_in(partition.records.view);
        CHECK(values.size() == static_cast<std::size_t>(end));
        CHECK(values[3] == "two");
    }
    CHECK(
        client.call<kafka::fetch_api>(11, fetch_from("t", end + 1)).topics[0].partitions[0].error ==
        1
    );
    CHECK(
        client.call<kafka::fetch_api>(11, fetch_from("none", 0)).topics[0].partitions[0].error == 3
    );
}

TEST_CASE_FIXTURE(running_broker, "acks=0 gets no answer, and a failure ends the connection") {
    create_topic(client, "t");
    const auto records = batch_of({"one"});
    client.send<kafka::produce_api>(7, produce_to("t", records, 0));
    kafka::list_offsets_api::request latest;
    latest.topics.push_back({"t", {{partition_id(0), leader_epoch(-1), timestamp_ms(-1), 1}}});
    const auto answer = client.call<kafka::list_offsets_api>(2, latest);
    CHECK(answer.topics[0].partitions[0].at == offset(1));
    client.send<kafka::produce_api>(7, produce_to("none", records, 0));
    CHECK(client.is_closed());
}

TEST_CASE_FIXTURE(
    running_broker, "damaged records and unknown acks are refused with Kafka's codes"
) {
    create_topic(client, "t");
    auto records = batch_of({"one"});
    records.back() ^= std::byte{1};
    const auto damaged = client.call<kafka::produce_api>(9, produce_to("t", records));
    CHECK(damaged.topics[0].partitions[0].error == wire(error_code::corrupt_message));
    const auto sound = batch_of({"one"});
    const auto acks = client.call<kafka::produce_api>(9, produce_to("t", sound, 2));
    CHECK(acks.topics[0].partitions[0].error == wire(error_code::invalid_required_acks));
    const auto internal =
        client.call<kafka::produce_api>(9, produce_to("__consumer_offsets", sound));
    CHECK(internal.topics[0].partitions[0].error != 0);
    const auto fetched = client.call<kafka::fetch_api>(11, fetch_from("t", 0));
    CHECK(fetched.topics[0].partitions[0].records.view.empty());
}

TEST_CASE_FIXTURE(
    running_broker, "answers leave in the order of the requests, whoever is ready first"
) {
    create_topic(client, "t");
    std::vector<std::int32_t> expected;
    for (int i = 0; i < 50; ++i) {
        const auto records = batch_of({"value"});
        // Every third waits for the disk; those behind it do not overtake.
        expected.push_back(
            client.send<kafka::produce_api>(7, produce_to("t", records, i % 3 == 0 ? -1 : 1))
        );
    }
    for (std::size_t i = 0; i < expected.size(); ++i) {
        const auto answer = client.receive_as<kafka::produce_api>(7, expected[i]);
        CHECK(answer.topics[0].partitions[0].base_offset == offset(static_cast<std::int64_t>(i)));
    }
}

TEST_CASE_FIXTURE(running_broker, "a fetch waits for records and is answered when they come") {
    create_topic(client, "t");
    const std::int32_t waiting = client.send<kafka::fetch_api>(11, fetch_from("t", 0, 4000));
    test_client producer(broker.port());
    const auto records = batch_of({"late"});
    CHECK(
        producer.call<kafka::produce_api>(7, produce_to("t", records))
            .topics[0]
            .partitions[0]
            .error == 0
    );
    const auto answer = client.receive_as<kafka::fetch_api>(11, waiting);
    CHECK(
        values_in(answer.topics[0].partitions[0].records.view) == std::vector<std::string>{"late"}
    );
    // Nothing comes: the time that was asked for passes.
    const auto began = std::chrono::steady_clock::now();
    const auto empty = client.call<kafka::fetch_api>(11, fetch_from("t", 1, 100));
    CHECK(empty.topics[0].partitions[0].error == 0);
    CHECK(empty.topics[0].partitions[0].records.view.empty());
    CHECK(std::chrono::steady_clock::now() - began >= std::chrono::milliseconds(90));
}

TEST_CASE_FIXTURE(
    running_broker, "a fetch that waits ends when its topic is deleted or its client leaves"
) {
    create_topic(client, "t");
    const std::int32_t waiting = client.send<kafka::fetch_api>(11, fetch_from("t", 0, 30'000));
    {
        test_client leaving(broker.port());
        leaving.send<kafka::fetch_api>(11, fetch_from("t", 0, 30'000));
    }
    test_client admin(broker.port());
    kafka::delete_topics_api::request doomed;
    doomed.topic_names = {"t"};
    CHECK(admin.call<kafka::delete_topics_api>(3, doomed).topics[0].error == 0);
    const auto answer = client.receive_as<kafka::fetch_api>(11, waiting);
    CHECK(answer.topics[0].partitions[0].error == wire(error_code::unknown_topic_or_partition));
}

TEST_CASE_FIXTURE(
    running_broker, "Metadata: null is all, empty is none, version 0 turns that round"
) {
    create_topic(client, "a");
    create_topic(client, "b");
    using api = kafka::metadata_api;
    CHECK(client.call<api>(1, {}).topics.size() == 2);
    api::request none;
    none.topics.emplace();
    CHECK(client.call<api>(1, none).topics.empty());
    CHECK(client.call<api>(0, none).topics.size() == 2);
    const auto all = client.call<api>(12, {});
    CHECK(all.topics.size() == 2);
    CHECK_FALSE(all.topics[0].id.is_zero());
    CHECK(all.cluster_id.has_value());
    REQUIRE(all.brokers.size() == 1);
    CHECK(all.brokers[0].host == "127.0.0.1");
    CHECK(all.brokers[0].port == broker.port());
    api::request by_id;
    by_id.topics.emplace();
    by_id.topics->push_back({all.topics[1].id, std::nullopt});
    CHECK(client.call<api>(12, by_id).topics[0].name == "b");
    api::request forbidden;
    forbidden.topics.emplace();
    forbidden.topics->push_back({{}, "c"});
    forbidden.allow_auto_topic_creation = false;
    CHECK(client.call<api>(9, forbidden).topics[0].error == 3);
    forbidden.topics->front().name = "no/slash";
    CHECK(client.call<api>(9, forbidden).topics[0].error == 17);
}

TEST_CASE_FIXTURE(running_broker, "DescribeConfigs names every key and the topic's id") {
    using create = kafka::create_topics_api;
    create::request wanted;
    wanted.topics.resize(1);
    wanted.topics[0].name = "t";
    wanted.topics[0].configs.push_back({"retention.ms", "77"});
    const auto made = client.call<create>(7, wanted);
    REQUIRE(made.topics[0].error == 0);
    CHECK(made.topics[0].num_partitions == 1);
    CHECK(client.call<create>(7, wanted).topics[0].error == 36);
    using api = kafka::describe_configs_api;
    api::request ask;
    ask.resources.push_back({2, "t", std::nullopt});
    ask.include_synonyms = true;
    const auto answer = client.call<api>(4, ask);
    REQUIRE(answer.results.size() == 1);
    const auto& configs = answer.results[0].configs;
    std::size_t count = 0;
    for_each_topic_key([&](const config_key&) { ++count; });
    CHECK(configs.size() == count + 1);
    const auto find = [&](std::string_view name) {
        const auto at = std::find_if(configs.begin(), configs.end(), [&](const auto& each) {
            return each.name == name;
        });
        REQUIRE(at != configs.end());
        return *at;
    };
    CHECK(find("retention.ms").value == "77");
    CHECK(find("retention.ms").source == 1);
    CHECK(find("segment.bytes").source == 5);
    CHECK(find("logboom.topic.id").value == made.topics[0].id.text());
    CHECK(find("logboom.topic.id").read_only);
    ask.resources[0] = {4, "0", std::nullopt};
    CHECK(client.call<api>(1, ask).results[0].configs.size() > 50);
}

TEST_CASE("producer ids are never given twice, also over restarts") {
    const temporary_directory directory;
    using api = kafka::init_producer_id_api;
    std::vector<std::int64_t> ids;
    for (int life = 0; life < 2; ++life) {
        broker_fixture broker(directory.path());
        test_client client(broker.port());
        for (int i = 0; i < 3; ++i) {
            const auto answer = client.call<api>(4, {});
            CHECK(answer.error == 0);
            ids.push_back(answer.id.value());
        }
        api::request transactional;
        transactional.transactional_id = "tx";
        CHECK(client.call<api>(4, transactional).error == 35);
    }
    std::sort(ids.begin(), ids.end());
    CHECK(std::adjacent_find(ids.begin(), ids.end()) == ids.end());
}

TEST_CASE("a directory whose topics are not known here is served from the first start on") {
    const temporary_directory directory;
    {
        broker_fixture broker(directory.path());
        test_client client(broker.port());
        create_topic(client, "t");
    }
    REQUIRE(make_posix_env()->remove(directory.path() + "/logboom.metadata").has_value());
    broker_fixture broker(directory.path());
    test_client client(broker.port());
    CHECK(client.call<kafka::metadata_api>(8, {}).topics.size() == 1);
}

TEST_CASE("producer ids begin above those that the logs know, as in a directory from Kafka") {
    const temporary_directory directory;
    {
        broker_fixture broker(directory.path());
        test_client client(broker.port());
        create_topic(client, "t");
        kafka::record_batch_builder builder(
            {.producer = producer_id(4711),
             .epoch_of_producer = producer_epoch(0),
             .base_sequence = 0}
        );
        builder.add(real_clock{}.wall_ms(), std::nullopt, as_bytes("x"));
        const auto batch = *builder.finish();
        const auto answer = client.call<kafka::produce_api>(7, produce_to("t", batch));
        CHECK(answer.topics.at(0).partitions.at(0).error == 0);
    }
    // Kafka's counter is not in its log directories. The first batch of a new producer with an old
    // id would be taken for one that is there already.
    REQUIRE(make_posix_env()->remove(directory.path() + "/logboom.metadata").has_value());
    broker_fixture broker(directory.path());
    test_client client(broker.port());
    CHECK(client.call<kafka::init_producer_id_api>(4, {}).id.value() > 4711);
}

TEST_CASE("topics, records and ids are there after a restart, which found everything clean") {
    const temporary_directory directory;
    uuid id;
    {
        broker_fixture broker(directory.path());
        test_client client(broker.port());
        create_topic(client, "t");
        const auto records = batch_of({"kept"});
        client.call<kafka::produce_api>(7, produce_to("t", records, -1));
        id = client.call<kafka::metadata_api>(10, {}).topics[0].id;
    }
    CHECK(make_posix_env()->exists(directory.path() + "/.kafka_cleanshutdown"));
    broker_fixture broker(directory.path());
    test_client client(broker.port());
    CHECK(client.call<kafka::metadata_api>(10, {}).topics[0].id == id);
    const auto answer = client.call<kafka::fetch_api>(11, fetch_from("t", 0));
    CHECK(
        values_in(answer.topics[0].partitions[0].records.view) == std::vector<std::string>{"kept"}
    );
}

TEST_CASE("old producers and consumers are converted for") {
    const temporary_directory directory;
    broker_fixture broker(directory.path());
    test_client client(broker.port());
    create_topic(client, "t");
    const auto records = batch_of({"new"});
    client.call<kafka::produce_api>(7, produce_to("t", records));
    const auto old = client.call<kafka::fetch_api>(2, fetch_from("t", 0));
    const auto set = old.topics[0].partitions[0].records.view;
    REQUIRE(set.size() > 17);
    CHECK(static_cast<int>(set[16]) == 1);
    const std::string copy(as_text(set));
    const auto answer = client.call<kafka::produce_api>(2, produce_to("t", as_bytes(copy)));
    CHECK(answer.topics[0].partitions[0].error == 0);
    CHECK(answer.topics[0].partitions[0].base_offset == offset(1));
    const auto both = client.call<kafka::fetch_api>(11, fetch_from("t", 0));
    CHECK(
        values_in(both.topics[0].partitions[0].records.view) ==
        std::vector<std::string>{"new", "new"}
    );
}

TEST_CASE_FIXTURE(running_broker, "hostile bytes end their connection and nothing else") {
    create_topic(client, "t");
    const std::int64_t before = resident_kib();
    const std::vector<std::string> openings{
        "GET / HTTP/1.1\r\nHost: x\r\n\r\n",
        std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11),
        std::string("\x7f\xff\xff\xff\x00\x00\x00\x00", 8),
        std::string("\xff\xff\xff\xff\x00\x00\x00\x00", 8),
        std::string("\x00\x00\x00\x00", 4),
        // An api that does not exist, and a version that Produce does not have.
        std::string("\x00\x00\x00\x0a\x7f\x00\x00\x00\x00\x00\x00\x01\xff\xff", 14),
        std::string("\x00\x00\x00\x0a\x00\x00\x00\x63\x00\x00\x00\x01\xff\xff", 14),
        // Metadata with two billion topics; a string that is longer than its frame.
        std::string("\x00\x00\x00\x0e\x00\x03\x00\x00\x00\x00\x00\x01\xff\xff\x7f\xff\xff\xff", 18),
        std::string("\x00\x00\x00\x0a\x00\x03\x00\x01\x00\x00\x00\x01\x7f\xff", 14),
    };
    for (int round = 0; round < 20; ++round) {
        for (const std::string& each : openings) {
            test_client hostile(broker.port());
            hostile.send_raw(each);
            CHECK(hostile.is_closed());
        }
    }
    std::mt19937 random(11);
    for (int i = 0; i < 200; ++i) {
        test_client hostile(broker.port());
        std::string noise(64 + random() % 400, '\0');
        std::generate(noise.begin(), noise.end(), [&] { return static_cast<char>(random()); });
        // A believable size and key, and noise behind it.
        const auto size = static_cast<std::uint32_t>(noise.size() - 4);
        kafka::store_big_endian(reinterpret_cast<std::byte*>(noise.data()), size);
        noise[4] = 0;
        noise[5] = static_cast<char>(random() % 48);
        noise[6] = 0;
        noise[7] = static_cast<char>(random() % 12);
        hostile.send_raw(noise);
    }
    CHECK(client.call<kafka::metadata_api>(9, {}).topics.size() >= 1);
    constexpr std::int64_t growth_max_kib = 32 << 10;
    CHECK(resident_kib() - before < growth_max_kib);
}

TEST_CASE("a request that does not arrive whole in time ends its connection") {
    const temporary_directory directory;
    broker_config config = default_broker_config();
    config.frame_timeout = std::chrono::milliseconds(100);
    broker_fixture broker(directory.path(), config);
    test_client slow(broker.port());
    slow.send_raw(std::string("\x00\x00\x10\x00\x00\x03", 6));
    CHECK(slow.is_closed());
    test_client other(broker.port());
    CHECK(other.call<kafka::metadata_api>(9, {}).brokers.size() == 1);
}

TEST_CASE("connections beyond max.connections are closed at once") {
    const temporary_directory directory;
    broker_config config = default_broker_config();
    config.max_connections = 1;
    broker_fixture broker(directory.path(), config);
    test_client first(broker.port());
    CHECK(first.call<kafka::metadata_api>(9, {}).brokers.size() == 1);
    test_client second(broker.port());
    CHECK(second.is_closed());
    CHECK(first.call<kafka::metadata_api>(9, {}).brokers.size() == 1);
}

TEST_CASE("a client that does not read its answers is not read from either") {
    const temporary_directory directory;
    broker_fixture broker(directory.path());
    test_client client(broker.port());
    create_topic(client, "t");
    const std::string large(1 << 19, 'x');
    const auto records = batch_of({large});
    client.call<kafka::produce_api>(7, produce_to("t", records));
    const std::int64_t before = resident_kib();
    std::vector<std::int32_t> asked;
    for (int i = 0; i < 2000; ++i) {
        asked.push_back(client.send<kafka::fetch_api>(11, fetch_from("t", 0)));
    }
    constexpr std::int64_t growth_max_kib = 32 << 10;
    CHECK(resident_kib() - before < growth_max_kib);
    for (int i = 0; i < 20; ++i) {
        const auto answer =
            client.receive_as<kafka::fetch_api>(11, asked[static_cast<std::size_t>(i)]);
        CHECK(answer.topics[0].partitions[0].records.view.size() == records.size());
    }
}

TEST_CASE("clients that go away in the middle of their answers harm nobody") {
    const temporary_directory directory;
    broker_fixture broker(directory.path());
    test_client client(broker.port());
    create_topic(client, "t");
    const std::string large(1 << 19, 'x');
    client.call<kafka::produce_api>(7, produce_to("t", batch_of({large})));
    for (int i = 0; i < 40; ++i) {
        test_client leaving(broker.port());
        for (int asked = 0; asked < 40; ++asked) {
            leaving.send<kafka::fetch_api>(11, fetch_from("t", 0));
        }
        CHECK(leaving.receive().has_value());
    }
    CHECK(client.call<kafka::metadata_api>(9, {}).brokers.size() == 1);
}

} // namespace
} // namespace logboom::broker

TEST_SUITE_END();
