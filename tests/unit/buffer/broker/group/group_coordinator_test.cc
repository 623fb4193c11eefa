// The coordinator over a state topic in memory: commits, restarts, expiry, deletion.
#include "buffer/broker/group/coordinator.h"
#include "codecs/kafka/record_batch_builder.h"
#include "tests/unit/buffer/broker/group/group_fixture.h"

#include <doctest/doctest.h>

#include <deque>

TEST_SUITE_BEGIN("buffer/broker/group/coordinator");

namespace logboom::broker {
namespace {

using namespace std::chrono_literals;
using commit_api = kafka::offset_commit_api;

/// A coordinator over a log in memory, whose appends are durable when the test says so.
class coordinator_fixture {
  public:
    explicit coordinator_fixture(bool open = true) {
        if (open) {
            subject.open(4);
            for (int i = 0; i < 4; ++i) {
                subject.loaded(partition_id(i), {});
            }
        }
    }

    struct pending_append {
        partition_id to;
        std::vector<state_record> records;
        std::function<void(bool)> done;
    };

    manual_clock time;
    metrics counters;
    std::deque<pending_append> appends;
    std::vector<std::pair<partition_id, state_record>> log;
    bool durable_at_once = true;
    group_coordinator subject{options(), time, appender(), counters, logger()};

    void finish_append(bool done = true) {
        auto each = std::move(appends.front());
        appends.pop_front();
        for (state_record& record : each.records) {
            if (done) {
                log.emplace_back(each.to, std::move(record));
            }
        }
        each.done(done);
    }

    struct commit_spec {
        std::string group = "g";
        std::string member;
        std::int32_t generation = -1;
        std::string topic = "logs";
        std::int32_t partition = 0;
        std::int64_t at = 7;
        std::string metadata = "note";
        std::int64_t retention_ms = -1;
    };
    std::optional<error_code> commit(const commit_spec& spec) {
        commit_api::request request;
        request.group_id = spec.group;
        request.member_id = spec.member;
        request.generation = group_generation(spec.generation);
        request.retention_time_ms = spec.retention_ms;
        auto& topic = request.topics.emplace_back();
        topic.name = spec.topic;
        topic.partitions.push_back(
            {partition_id(spec.partition),
             offset(spec.at),
             leader_epoch(2),
             timestamp_ms(-1),
             spec.metadata}
        );
        last_commit.reset();
        subject.offsets().commit(
            request,
            [](std::string_view name, partition_id) {
                return name == "missing" ? error_code::unknown_topic_or_partition
                                         : error_code::none;
            },
            [this](const commit_api::response& body) {
                last_commit = static_cast<error_code>(body.topics.at(0).partitions.at(0).error);
            }
        );
        return last_commit;
    }
    /// As soon as it is answered.
    std::optional<error_code> last_commit;

    /// -1 for none, as on the wire.
    std::int64_t fetch(const std::string& topic = "logs", const std::string& group = "g") {
        std::vector<kafka::offset_fetch_api::request::topic> topics{{topic, {partition_id(0)}}};
        return subject.offsets()
            .fetch(group, topics)
            .topics.at(0)
            .partitions.at(0)
            .committed_offset.value();
    }
    std::string join_and_sync(const std::string& group = "g") {
        join_request join;
        join.group_id = group;
        join.session_timeout_ms = 10'000;
        join.protocol_type = "consumer";
        const std::string wants = testing::subscription({"logs"}, "");
        join.protocols.push_back({"range", as_bytes(wants)});
        std::string member;
        std::int32_t generation = 0;
        subject.members()
            .join(join, {"c", "/h", api_version(3), {}}, [&](const join_response& body) {
                member = body.member_id;
                generation = body.generation.value();
            });
        sync_request sync;
        sync.group_id = group;
        sync.member_id = member;
        sync.generation = group_generation(generation);
        sync.assignments.push_back({member, as_bytes("AA")});
        subject.members().sync(sync, {"c", "/h", api_version(3), {}}, [](const sync_response&) {});
        return member;
    }
    error_code leave(const std::string& member) {
        kafka::leave_group_api::request request;
        request.group_id = "g";
        request.member_id = member;
        return static_cast<error_code>(subject.members().leave(request, api_version(2)).error);
    }
    std::optional<error_code> remove(const std::string& group) {
        kafka::delete_groups_api::request request;
        request.groups.emplace_back(group);
        last_removal.reset();
        subject.remove(request, [this](const kafka::delete_groups_api::response& body) {
            last_removal = static_cast<error_code>(body.results.at(0).error);
        });
        return last_removal;
    }
    std::optional<error_code> last_removal;

    /// What a restart would read: the log as batches, one a record.
    [[nodiscard]] group_loader::images reload(partition_id from) const {
        group_loader loader;
        for (const auto& [to, record] : log) {
            if (to == from) {
                kafka::record_batch_builder batch;
                batch.add(
                    timestamp_ms(1),
                    record.key.view(),
                    record.value ? std::optional(record.value->view()) : std::nullopt
                );
                loader.add(*batch.finish());
            }
        }
        CHECK(loader.unreadable() == 0);
        return loader.take();
    }
    static void load(group_coordinator& into, const coordinator_fixture& from) {
        into.open(4);
        for (int i = 0; i < 4; ++i) {
            into.loaded(partition_id(i), from.reload(partition_id(i)));
        }
    }

  private:
    static coordinator_options options() {
        auto made = make_coordinator_options(default_broker_config().groups);
        made.limits = testing::limits_for_tests();
        made.offset_metadata_size_max = 8;
        made.offsets_retention = 1h;
        return made;
    }
    group_coordinator::append_call appender() {
        return
            [this](
                partition_id to, std::vector<state_record> records, std::function<void(bool)> done
            ) {
                appends.push_back({to, std::move(records), std::move(done)});
                while (durable_at_once && !appends.empty()) {
                    finish_append();
                }
            };
    }
};

TEST_CASE("without a topic there is no coordinator; before it is read, groups are loading") {
    coordinator_fixture test(false);
    CHECK(test.commit({}) == error_code::coordinator_not_available);
    CHECK(test.subject.members().list({}).groups.empty());
    CHECK(test.subject.members().list({}).error == 0);
    test.subject.open(4);
    CHECK(test.commit({}) == error_code::coordinator_load_in_progress);
    kafka::heartbeat_api::request beat;
    beat.group_id = "g";
    CHECK(test.subject.members().heartbeat(beat) == error_code::none);
    sync_request sync;
    sync.group_id = "g";
    std::int16_t told = 0;
    test.subject.members().sync(sync, {}, [&](const sync_response& body) { told = body.error; });
    CHECK(told == static_cast<std::int16_t>(error_code::rebalance_in_progress));
    CHECK(
        test.subject.members().list({}).error ==
        static_cast<std::int16_t>(error_code::coordinator_load_in_progress)
    );
}

TEST_CASE("groups of a partition that cannot be read are not served, the others are") {
    coordinator_fixture test(false);
    test.subject.open(2);
    const partition_id home = partition_of_state("g", 2);
    test.subject.load_failed(home);
    test.subject.loaded(partition_id(1 - home.value()), {});
    CHECK(test.commit({}) == error_code::coordinator_not_available);
    std::string other = "a";
    while (partition_of_state(other, 2) == home) {
        other += 'a';
    }
    CHECK(test.commit({.group = other}) == error_code::none);
    CHECK(test.subject.members().list({}).error == 0);
    CHECK(test.subject.members().list({}).groups.size() == 1);
}

TEST_CASE("a group without a name cannot be joined") {
    coordinator_fixture test;
    join_request request;
    std::int16_t told = 0;
    test.subject.members().join(request, {}, [&](const join_response& body) { told = body.error; });
    CHECK(told == static_cast<std::int16_t>(error_code::invalid_group_id));
}

TEST_CASE("a commit is answered and seen once it is durable") {
    coordinator_fixture test;
    test.durable_at_once = false;
    CHECK_FALSE(test.commit({}).has_value());
    CHECK(test.fetch() == -1);
    REQUIRE(test.appends.size() == 1);
    CHECK(test.appends[0].to == partition_of_state("g", 4));
    test.finish_append();
    CHECK(test.last_commit == error_code::none);
    CHECK(test.fetch() == 7);
    const auto told = test.subject.offsets().fetch("g", std::nullopt);
    REQUIRE(told.topics.size() == 1);
    CHECK(told.topics[0].partitions[0].metadata == "note");
    CHECK(told.topics[0].partitions[0].leader_epoch_seen == leader_epoch(2));
}

TEST_CASE("a commit that cannot be written is an error and changes nothing") {
    coordinator_fixture test;
    test.durable_at_once = false;
    test.commit({});
    test.finish_append(false);
    CHECK(test.last_commit == error_code::coordinator_not_available);
    CHECK(test.fetch() == -1);
}

TEST_CASE("commits of strangers, to unknown topics and with too much metadata are refused") {
    coordinator_fixture test;
    CHECK(test.commit({.member = "m", .generation = 1}) == error_code::illegal_generation);
    CHECK(test.commit({.topic = "missing"}) == error_code::unknown_topic_or_partition);
    CHECK(test.commit({.metadata = "123456789"}) == error_code::offset_metadata_too_large);
    const std::string member = test.join_and_sync();
    CHECK(test.commit({}) == error_code::unknown_member_id);
    CHECK(test.commit({.member = member, .generation = 1}) == error_code::none);
    CHECK(test.commit({.member = member, .generation = 2}) == error_code::illegal_generation);
}

TEST_CASE("what nobody committed is -1 and no error") {
    coordinator_fixture test;
    CHECK(test.fetch("logs", "nobody") == -1);
    CHECK(test.subject.offsets().fetch("nobody", std::nullopt).topics.empty());
}

TEST_CASE("a restart finds members, generation, assignment and offsets again") {
    coordinator_fixture before;
    const std::string member = before.join_and_sync();
    before.commit({.member = member, .generation = 1, .at = 41});
    before.commit({.member = member, .generation = 1, .at = 42});

    coordinator_fixture after(false);
    coordinator_fixture::load(after.subject, before);
    kafka::heartbeat_api::request beat;
    beat.group_id = "g";
    beat.member_id = member;
    beat.generation = group_generation(1);
    CHECK(after.subject.members().heartbeat(beat) == error_code::none);
    CHECK(after.fetch() == 42);
    CHECK(after.subject.members().describe("g").members.at(0).member_assignment.text() == "AA");
    // Who does not come back is dropped when the session ends.
    after.time.advance(10s);
    after.subject.members().tick();
    CHECK(after.subject.members().describe("g").group_state == "Empty");
}

TEST_CASE("the loader keeps the last word, skips what it cannot read, and minds transactions") {
    const auto key = encode_key(offset_key{"g", {"t", partition_id(0)}});
    const auto value = [](std::int64_t at) {
        return encode_value(committed_offset{offset(at), leader_epoch(-1), "", timestamp_ms(1)});
    };
    group_loader loader;
    const auto add = [&](const bytes& with_key,
                         std::optional<bytes_view> with_value,
                         kafka::batch_options options = {}) {
        kafka::record_batch_builder batch(options);
        batch.add(timestamp_ms(1), with_key.view(), with_value);
        loader.add(*batch.finish());
    };
    const auto current = [&] {
        auto copy = loader;
        return copy.take();
    };
    add(key, value(1).view());
    add(bytes::copy_of("\x00\x09new kind"), value(1).view());
    add(bytes::copy_of(std::string_view("\x00\x09kind", 6)), value(1).view());
    add(bytes::copy_of("\x01"), value(1).view());
    add(key, as_bytes("torn"));
    CHECK(loader.unknown() >= 1);
    CHECK(loader.unreadable() >= 2);
    CHECK(current().at("g").offsets.begin()->second.at == offset(1));

    const kafka::batch_options open{.producer = producer_id(5), .transactional = true};
    const kafka::batch_options end{
        .producer = producer_id(5), .transactional = true, .control = true};
    add(key, value(2).view(), open);
    CHECK(current().at("g").offsets.begin()->second.at == offset(1));
    add(bytes::copy_of(std::string_view("\0\0\0\0", 4)), as_bytes("x"), end);
    CHECK(current().at("g").offsets.begin()->second.at == offset(1));
    add(key, value(3).view(), open);
    add(bytes::copy_of(std::string_view("\0\0\0\1", 4)), as_bytes("x"), end);
    CHECK(current().at("g").offsets.begin()->second.at == offset(3));

    add(key, std::nullopt);
    CHECK(current().empty());
}

TEST_CASE("a torn batch at the end and a damaged one are left out") {
    const auto key = encode_key(offset_key{"g", {"t", partition_id(0)}});
    const auto value = encode_value(committed_offset{offset(9)});
    kafka::record_batch_builder builder;
    builder.add(timestamp_ms(1), key.view(), value.view());
    const auto whole = *builder.finish();
    auto data = whole;
    data.insert(data.end(), whole.begin(), whole.end());
    data[whole.size() - 1] ^= std::byte{1};
    data.insert(data.end(), whole.begin(), whole.end() - 3);
    group_loader loader;
    loader.add(data);
    CHECK(loader.unreadable() == 1);
    CHECK(loader.records_read() == 1);
    CHECK(loader.take().at("g").offsets.size() == 1);
}

TEST_CASE("groups are listed by state") {
    coordinator_fixture test;
    test.commit({.group = "simple"});
    test.join_and_sync();
    CHECK(test.subject.members().list({}).groups.size() == 2);
    const auto stable = test.subject.members().list({"stable"});
    REQUIRE(stable.groups.size() == 1);
    CHECK(stable.groups[0].group_id == "g");
    CHECK(stable.groups[0].group_state == "Stable");
    CHECK(stable.groups[0].protocol_type == "consumer");
    CHECK(test.subject.members().list({"Empty"}).groups.at(0).group_id == "simple");
    CHECK(test.subject.members().list({"Dead"}).groups.empty());
}

TEST_CASE("an unknown group is described as Dead without an error") {
    coordinator_fixture test;
    const auto shown = test.subject.members().describe("nobody");
    CHECK(shown.error == 0);
    CHECK(shown.group_state == "Dead");
}

TEST_CASE("only an empty group can be deleted, and then nothing of it comes back") {
    coordinator_fixture test;
    CHECK(test.remove("g") == error_code::group_id_not_found);
    const std::string member = test.join_and_sync();
    test.commit({.member = member, .generation = 1});
    CHECK(test.remove("g") == error_code::non_empty_group);
    CHECK(test.leave(member) == error_code::none);
    CHECK(test.remove("g") == error_code::none);
    CHECK(test.fetch() == -1);
    CHECK(test.subject.members().describe("g").group_state == "Dead");
    for (int i = 0; i < 4; ++i) {
        CHECK(test.reload(partition_id(i)).empty());
    }
}

TEST_CASE("a deletion covers a commit that is still on its way to the log") {
    coordinator_fixture test;
    test.durable_at_once = false;
    test.commit({});
    test.remove("g");
    while (!test.appends.empty()) {
        test.finish_append();
    }
    CHECK(test.last_commit == error_code::none);
    CHECK(test.fetch() == -1);
    CHECK(test.reload(partition_of_state("g", 4)).empty());
}

TEST_CASE("offsets of a deleted topic are forgotten, those of others stay") {
    coordinator_fixture test;
    test.commit({.topic = "logs"});
    test.commit({.topic = "logs2"});
    CHECK(test.subject.offsets().topics() == std::set<std::string>{"logs", "logs2"});
    test.subject.offsets().forget_topic("logs");
    CHECK(test.fetch("logs") == -1);
    CHECK(test.fetch("logs2") == 7);
    CHECK(test.reload(partition_of_state("g", 4)).at("g").offsets.size() == 1);
}

TEST_CASE("single offsets can be deleted unless a member reads the topic") {
    coordinator_fixture test;
    const std::string member = test.join_and_sync();
    test.commit({.member = member, .generation = 1, .topic = "logs"});
    test.commit({.member = member, .generation = 1, .topic = "other"});
    const auto remove = [&](const std::string& topic) {
        kafka::offset_delete_api::request request;
        request.group_id = "g";
        request.topics.push_back({topic, {{partition_id(0)}}});
        std::int16_t told = -1;
        test.subject.offsets().remove(request, [&](const kafka::offset_delete_api::response& body) {
            told = body.topics.at(0).partitions.at(0).error;
        });
        return static_cast<error_code>(told);
    };
    CHECK(remove("logs") == error_code::group_subscribed_to_topic);
    CHECK(remove("other") == error_code::none);
    CHECK(test.fetch("logs") == 7);
    CHECK(test.fetch("other") == -1);
}

TEST_CASE("offsets expire a retention time after the last member left, never before") {
    coordinator_fixture test;
    const std::string member = test.join_and_sync();
    test.commit({.member = member, .generation = 1});
    test.time.advance(9s);
    test.commit({.member = member, .generation = 1, .topic = "late"});
    for (int i = 0; i < 1000; ++i) {
        test.time.advance(9s);
        kafka::heartbeat_api::request beat;
        beat.group_id = "g";
        beat.member_id = member;
        beat.generation = group_generation(1);
        REQUIRE(test.subject.members().heartbeat(beat) == error_code::none);
        test.subject.members().tick();
        test.subject.offsets().expire();
    }
    CHECK(test.fetch() == 7);
    test.leave(member);
    test.time.advance(59min);
    test.subject.offsets().expire();
    CHECK(test.fetch() == 7);
    test.time.advance(1min);
    test.subject.offsets().expire();
    CHECK(test.fetch() == -1);
    CHECK(test.subject.members().describe("g").group_state == "Dead");
    CHECK(test.reload(partition_of_state("g", 4)).empty());
    CHECK(test.counters.sum("logboom_broker_group_expired_offsets_total") == 2);
}

TEST_CASE("offsets of a consumer in no group expire a retention time after the commit") {
    coordinator_fixture test;
    test.commit({.topic = "old"});
    test.commit({.topic = "short", .retention_ms = 1'000});
    test.time.advance(30min);
    test.commit({.topic = "new"});
    test.subject.offsets().expire();
    CHECK(test.fetch("short") == -1);
    CHECK(test.fetch("old") == 7);
    test.time.advance(30min);
    test.subject.offsets().expire();
    CHECK(test.fetch("old") == -1);
    CHECK(test.fetch("new") == 7);
}

TEST_CASE("a parked member is let go when its connection ends") {
    coordinator_fixture test;
    test.join_and_sync();
    join_request join;
    join.group_id = "g";
    join.session_timeout_ms = 10'000;
    join.protocol_type = "consumer";
    join.protocols.push_back({"range", {}});
    bool answered = false;
    const auto token = test.subject.members().join(
        join, {"c", "/h", api_version(3), {}}, [&](const join_response&) { answered = true; }
    );
    CHECK(test.subject.members().describe("g").members.size() == 2);
    test.subject.members().disconnected(token);
    CHECK(test.subject.members().describe("g").members.size() == 1);
    CHECK_FALSE(answered);
}

TEST_CASE("timers fire for the group that asked, at the time it asked for") {
    coordinator_fixture test;
    test.join_and_sync("a");
    test.time.advance(4s);
    test.join_and_sync("b");
    test.time.advance(test.subject.members().next_deadline() - test.time.steady());
    test.subject.members().tick();
    test.time.advance(10s - 4s - 1ms);
    test.subject.members().tick();
    CHECK(test.subject.members().describe("a").group_state == "Empty");
    test.time.advance(4s);
    test.subject.members().tick();
    CHECK(test.subject.members().describe("b").group_state == "Empty");
}

} // namespace
} // namespace logboom::broker

TEST_SUITE_END();
