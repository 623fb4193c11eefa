// Each reason for which a produce or fetch request is refused, seen once by a client and once in
// the metrics.
#include "codecs/kafka/error_code.h"
#include "codecs/kafka/messages/10_find_coordinator.h"
#include "codecs/kafka/messages/19_create_topics.h"
#include "codecs/kafka/messages/22_init_producer_id.h"
#include "tests/unit/buffer/broker/broker_fixture.h"

TEST_SUITE_BEGIN("buffer/broker/apis/error_reasons");

namespace logboom::broker {
namespace {

using kafka::error_code;

struct refusing_broker {
    temporary_directory directory;
    broker_fixture broker{directory.path()};
    test_client client{broker.port()};

    refusing_broker() { create_topic(client, "t"); }

    void create(std::string_view name, std::string_view key, std::string_view value) {
        kafka::create_topics_api::request body;
        auto& topic = body.topics.emplace_back();
        topic.name = name;
        topic.num_partitions = 1;
        topic.replication_factor = 1;
        topic.configs.push_back({key, value});
        body.timeout_ms = 5000;
        const auto answer = client.call<kafka::create_topics_api>(7, body);
        REQUIRE(answer.topics.size() == 1);
        REQUIRE(answer.topics[0].error == 0);
    }
    std::int64_t counted(std::string_view what, error_code reason) {
        const std::vector<std::string> labels{kafka::name_of(reason)};
        const auto found = broker.counters().samples(
            "logboom_broker_" + std::string(what) + "_errors_total", labels
        );
        return found.empty() ? 0 : found[0].value;
    }
    void produce(const kafka::produce_api::request& body, error_code reason) {
        INFO(std::string(kafka::name_of(reason)));
        const std::int64_t before = counted("produce", reason);
        const auto answer = client.call<kafka::produce_api>(9, body);
        REQUIRE(answer.topics.size() == 1);
        CHECK(answer.topics[0].partitions[0].error == wire(reason));
        CHECK(counted("produce", reason) == before + 1);
    }
    void fetch(const kafka::fetch_api::request& body, error_code reason) {
        INFO(std::string(kafka::name_of(reason)));
        const std::int64_t before = counted("fetch", reason);
        const auto answer = client.call<kafka::fetch_api>(11, body);
        const bool is_whole = answer.error != 0;
        REQUIRE((is_whole || answer.topics.size() == 1));
        CHECK((is_whole ? answer.error : answer.topics[0].partitions[0].error) == wire(reason));
        CHECK(counted("fetch", reason) == before + 1);
    }
    static std::vector<std::byte> batch(kafka::batch_options options, timestamp_ms time) {
        kafka::record_batch_builder builder(options);
        builder.add(time, std::nullopt, as_bytes("v"));
        return *builder.finish();
    }
};

TEST_CASE_FIXTURE(refusing_broker, "what a produce request is refused for, before the records") {
    const auto sound = batch_of({"one"});
    produce(produce_to("t", sound, 2), error_code::invalid_required_acks);
    produce(produce_to("none", sound), error_code::unknown_topic_or_partition);
    auto transactional = produce_to("t", sound);
    transactional.transactional_id = "x";
    produce(transactional, error_code::unsupported_version);
    kafka::find_coordinator_api::request who;
    who.key = "g";
    std::int16_t error = -1;
    for (int i = 0; i < 1000 && error != 0; ++i) {
        error = client.call<kafka::find_coordinator_api>(3, who).error;
    }
    REQUIRE(error == 0);
    produce(produce_to("__consumer_offsets", sound), error_code::invalid_topic);
    create("two", "min.insync.replicas", "2");
    produce(produce_to("two", sound, -1), error_code::not_enough_replicas);
}

TEST_CASE_FIXTURE(refusing_broker, "what a produce request is refused for, of its records") {
    const timestamp_ms now = real_clock{}.wall_ms();
    auto damaged = batch_of({"one"});
    damaged.back() ^= std::byte{1};
    produce(produce_to("t", damaged), error_code::corrupt_message);
    produce(produce_to("t", {}), error_code::invalid_record);
    create("small", "max.message.bytes", "100");
    const auto large = batch_of({std::string(200, 'x')});
    produce(produce_to("small", large), error_code::message_too_large);
    create("short", "segment.bytes", "100");
    produce(produce_to("short", large), error_code::record_list_too_large);
    create("compacted", "cleanup.policy", "compact");
    produce(produce_to("compacted", batch_of({"no key"})), error_code::invalid_record);
    create("punctual", "message.timestamp.after.max.ms", "1000");
    const auto early = batch({}, now + std::int64_t{7'200'000});
    produce(produce_to("punctual", early), error_code::invalid_timestamp);
}

TEST_CASE_FIXTURE(refusing_broker, "what a produce request is refused for, of its sequence") {
    const timestamp_ms now = real_clock{}.wall_ms();
    const auto sent = [&](std::int16_t epoch, std::int32_t sequence) {
        return batch(
            {.producer = producer_id(7),
             .epoch_of_producer = producer_epoch(epoch),
             .base_sequence = sequence},
            now
        );
    };
    const auto first = sent(2, 0);
    const auto answer = client.call<kafka::produce_api>(9, produce_to("t", first));
    REQUIRE(answer.topics[0].partitions[0].error == 0);
    produce(produce_to("t", sent(2, 5)), error_code::out_of_order_sequence_number);
    produce(produce_to("t", sent(1, 0)), error_code::invalid_producer_epoch);
}

TEST_CASE_FIXTURE(refusing_broker, "what a fetch request is refused for") {
    fetch(fetch_from("none", 0), error_code::unknown_topic_or_partition);
    fetch(fetch_from("t", 1), error_code::offset_out_of_range);
    auto newer = fetch_from("t", 0);
    newer.topics[0].partitions[0].current_leader_epoch = leader_epoch(9);
    fetch(newer, error_code::unknown_leader_epoch);
    auto session = fetch_from("t", 0);
    session.session_id = 5;
    session.session_epoch = 1;
    fetch(session, error_code::fetch_session_id_not_found);
}

} // namespace
} // namespace logboom::broker

TEST_SUITE_END();
