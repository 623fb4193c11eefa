// The machine of one group: joins, syncs, leaves and timeouts, with time passed in.
#include "tests/unit/buffer/broker/group/group_fixture.h"

#include <doctest/doctest.h>

TEST_SUITE_BEGIN("buffer/broker/group/group");

namespace logboom::broker {
namespace {

using namespace std::chrono_literals;
using testing::group_fixture;
using testing::join_spec;
using testing::limits_for_tests;
using testing::subscription;

TEST_CASE("a dynamic member of JoinGroup 4 must come back with the id it is given") {
    group_fixture test;
    const auto first = test.join({});
    CHECK(test.join_error(first) == error_code::member_id_required);
    const std::string id = test.joins.at(first).member_id;
    CHECK(id == "client-1");
    CHECK(test.subject.state() == group_state::empty);
    CHECK_FALSE(test.subject.is_vacant());

    const auto second = test.join({.member = id});
    CHECK(test.join_error(second) == error_code::none);
    CHECK(test.joins.at(second).member_id == id);
    CHECK(test.joins.at(second).leader == id);
    CHECK(test.joins.at(second).generation == group_generation(1));
    CHECK(test.subject.state() == group_state::completing_rebalance);
}

TEST_CASE("an older client becomes a member at once") {
    group_fixture test;
    const auto token = test.join({.version = 3});
    CHECK(test.join_error(token) == error_code::none);
    CHECK(test.subject.members().size() == 1);
}

TEST_CASE("an id that was given out holds a rebalance up until its session time is over") {
    group_fixture test;
    test.join({});
    const auto token = test.join({.version = 3});
    CHECK_FALSE(test.joins.contains(token));
    test.pass(10s);
    CHECK(test.join_error(token) == error_code::none);
}

TEST_CASE("an id that nobody gave out is unknown") {
    group_fixture test;
    test.stable_with_one();
    CHECK(test.join_error(test.join({.member = "made-up"})) == error_code::unknown_member_id);
}

TEST_CASE("session time-outs out of bounds are refused") {
    group_fixture test;
    CHECK(test.join_error(test.join({.session_ms = 5'999})) == error_code::invalid_session_timeout);
    CHECK(
        test.join_error(test.join({.session_ms = 1'800'001})) == error_code::invalid_session_timeout
    );
}

TEST_CASE("the first members of an empty group are waited for, and each extends the wait") {
    auto limits = limits_for_tests();
    limits.initial_rebalance_delay = 3s;
    group_fixture test(limits);
    const auto first = test.join({.version = 3});
    test.pass(2s);
    CHECK_FALSE(test.joins.contains(first));
    const auto second = test.join({.version = 3});
    test.pass(2s);
    CHECK_FALSE(test.joins.contains(first));
    test.pass(2s);
    CHECK(test.join_error(first) == error_code::none);
    CHECK(test.joins.at(second).generation == group_generation(1));
    CHECK(test.joins.at(first).members.size() == 2);
}

TEST_CASE("only the leader learns the members and their metadata") {
    auto limits = limits_for_tests();
    limits.initial_rebalance_delay = 3s;
    group_fixture test(limits);
    const auto first = test.join({.protocols = {{"range", "one"}}, .version = 3});
    const auto second = test.join({.protocols = {{"range", "two"}}, .version = 3});
    test.pass(6s);
    const auto& leader = test.joins.at(first);
    CHECK(leader.leader == leader.member_id);
    REQUIRE(leader.members.size() == 2);
    CHECK(leader.members[0].metadata.text() == "one");
    CHECK(leader.members[1].metadata.text() == "two");
    CHECK(test.joins.at(second).members.empty());
    CHECK(test.joins.at(second).leader == leader.member_id);
}

TEST_CASE("the protocol with the most votes among those that all know is chosen") {
    auto limits = limits_for_tests();
    limits.initial_rebalance_delay = 3s;
    group_fixture test(limits);
    const auto first =
        test.join({.protocols = {{"mine", ""}, {"range", ""}, {"sticky", ""}}, .version = 3});
    test.join({.protocols = {{"sticky", ""}, {"range", ""}}, .version = 3});
    test.join({.protocols = {{"sticky", ""}, {"range", ""}}, .version = 3});
    test.pass(60s);
    CHECK(test.joins.at(first).protocol_name == "sticky");
    CHECK(test.joins.at(first).protocol_type == "connect");
}

TEST_CASE("a member of another type or without a common protocol is refused") {
    group_fixture test;
    const std::string member = test.stable_with_one();
    CHECK(
        test.join_error(test.join({.type = "consumer"})) == error_code::inconsistent_group_protocol
    );
    CHECK(
        test.join_error(test.join({.protocols = {{"other", ""}}})) ==
        error_code::inconsistent_group_protocol
    );
    group_fixture empty;
    CHECK(
        empty.join_error(empty.join({.protocols = {}})) == error_code::inconsistent_group_protocol
    );
    CHECK(empty.join_error(empty.join({.type = ""})) == error_code::inconsistent_group_protocol);
}

TEST_CASE("SyncGroup waits until the leader has brought the assignment") {
    auto limits = limits_for_tests();
    limits.initial_rebalance_delay = 1s;
    group_fixture test(limits);
    const auto a = test.join({.version = 3});
    const auto b = test.join({.version = 3});
    test.pass(2s);
    const std::string leader = test.joins.at(a).member_id;
    const std::string other = test.joins.at(b).member_id;
    const auto waits = test.sync(other, 1);
    CHECK_FALSE(test.syncs.contains(waits));
    const auto brings = test.sync(leader, 1, {{leader, "L"}, {other, "O"}});
    CHECK(test.syncs.at(brings).assignment.text() == "L");
    CHECK(test.syncs.at(waits).assignment.text() == "O");
    CHECK(test.syncs.at(waits).protocol_name == "range");
    CHECK(test.subject.state() == group_state::stable);
    // Lost answers can be asked for again.
    CHECK(test.syncs.at(test.sync(other, 1)).assignment.text() == "O");
}

TEST_CASE("nobody gets an assignment before it is stored") {
    group_fixture test;
    test.store_at_once = false;
    std::uint64_t token = 0;
    const std::string member = test.join_twice({}, &token);
    const auto sync = test.sync(member, 1, {{member, "A"}});
    CHECK_FALSE(test.syncs.contains(sync));
    CHECK(test.subject.state() == group_state::completing_rebalance);
    REQUIRE(test.stores.size() == 1);
    CHECK(test.stores[0].what.members.at(0).assignment.text() == "A");
    CHECK(test.stores[0].what.members.at(0).subscription.text() == "topics");
    SUBCASE("stored: it is handed out") {
        test.stored();
        CHECK(test.sync_error(sync) == error_code::none);
    }
    SUBCASE("not stored: an error, and everybody joins again") {
        test.stored(false);
        CHECK(test.sync_error(sync) == error_code::coordinator_not_available);
        CHECK(test.subject.state() == group_state::preparing_rebalance);
    }
    SUBCASE("stored after a new rebalance began: it is void") {
        const auto late = test.join({.version = 3});
        CHECK(test.sync_error(sync) == error_code::rebalance_in_progress);
        test.stored();
        CHECK(test.subject.state() == group_state::preparing_rebalance);
        CHECK_FALSE(test.joins.contains(late));
    }
}

TEST_CASE("a member that the leader forgot gets an assignment that says: nothing") {
    group_fixture test;
    const std::string wants = subscription({"logs"}, "");
    std::uint64_t token = 0;
    const std::string member =
        test.join_twice({.protocols = {{"range", wants}}, .type = "consumer"}, &token);
    const auto sync = test.sync(member, 1);
    CHECK(test.syncs.at(sync).assignment.text() == std::string("\0\0\0\0\0\0\xff\xff\xff\xff", 10));
    group_fixture other;
    const std::string worker = other.join_twice({});
    CHECK(other.syncs.at(other.sync(worker, 1)).assignment.empty());
}

TEST_CASE("SyncGroup of a stranger, of another generation or protocol is refused") {
    group_fixture test;
    const std::string member = test.stable_with_one();
    CHECK(test.sync_error(test.sync("x", 1)) == error_code::unknown_member_id);
    CHECK(test.sync_error(test.sync(member, 2)) == error_code::illegal_generation);
    sync_request request;
    request.member_id = member;
    request.generation = group_generation(1);
    request.protocol_type = "connect";
    request.protocol_name = "sticky";
    group_actions out;
    test.subject.sync(request, {"c", "/h", api_version(5), request_token(99)}, test.now(), out);
    REQUIRE(out.syncs.size() == 1);
    CHECK(
        out.syncs[0].body.error ==
        static_cast<std::int16_t>(error_code::inconsistent_group_protocol)
    );
}

TEST_CASE("heartbeats tell members what is going on") {
    group_fixture test;
    const std::string member = test.stable_with_one();
    CHECK(test.beat(member, 1) == error_code::none);
    CHECK(test.beat(member, 0) == error_code::illegal_generation);
    CHECK(test.beat("x", 1) == error_code::unknown_member_id);
    test.join({.version = 3});
    CHECK(test.beat(member, 1) == error_code::rebalance_in_progress);
}

TEST_CASE("a member that is not heard of for its session time is out") {
    group_fixture test;
    const std::string member = test.stable_with_one();
    test.pass(9s);
    CHECK(test.beat(member, 1) == error_code::none);
    test.pass(9999ms);
    CHECK(test.subject.state() == group_state::stable);
    test.pass(1ms);
    CHECK(test.subject.state() == group_state::empty);
    CHECK(test.subject.generation() == group_generation(2));
    CHECK(test.beat(member, 1) == error_code::unknown_member_id);
}

TEST_CASE("a new member starts a rebalance that waits for the others to join again") {
    group_fixture test;
    const std::string first = test.stable_with_one();
    const auto joins = test.join({.version = 3});
    CHECK(test.subject.state() == group_state::preparing_rebalance);
    CHECK_FALSE(test.joins.contains(joins));
    const auto again = test.join({.member = first});
    CHECK(test.joins.at(joins).generation == group_generation(2));
    CHECK(test.joins.at(again).members.size() == 2);
    CHECK(test.joins.at(again).leader == first);
}

TEST_CASE("a member that does not join again in time is dropped") {
    group_fixture test;
    const std::string first = test.stable_with_one({.rebalance_ms = 20'000});
    const auto joins = test.join({.rebalance_ms = 20'000, .version = 3});
    for (int i = 0; i < 4; ++i) {
        test.pass(4900ms);
        CHECK(test.beat(first, 1) == error_code::rebalance_in_progress);
    }
    test.pass(400ms);
    CHECK(test.joins.at(joins).generation == group_generation(2));
    CHECK(test.joins.at(joins).members.size() == 1);
    CHECK(test.beat(first, 1) == error_code::unknown_member_id);
}

TEST_CASE("a member that joins but never syncs is dropped after the rebalance time") {
    auto limits = limits_for_tests();
    limits.initial_rebalance_delay = 1s;
    group_fixture test(limits);
    const auto a = test.join({.rebalance_ms = 8'000, .version = 3});
    const auto b = test.join({.rebalance_ms = 8'000, .version = 3});
    test.pass(2s);
    const std::string leader = test.joins.at(a).member_id;
    const std::string lazy = test.joins.at(b).member_id;
    test.sync(leader, 1, {{leader, "L"}, {lazy, "Z"}});
    test.pass(4s);
    test.beat(lazy, 1);
    test.pass(4s);
    CHECK(test.subject.state() == group_state::preparing_rebalance);
    CHECK(test.beat(lazy, 1) == error_code::unknown_member_id);
}

TEST_CASE("joining again unchanged gives a follower its generation, and the leader a rebalance") {
    auto limits = limits_for_tests();
    limits.initial_rebalance_delay = 1s;
    group_fixture test(limits);
    const auto a = test.join({.version = 3});
    const auto b = test.join({.version = 3});
    test.pass(2s);
    const std::string leader = test.joins.at(a).member_id;
    const std::string other = test.joins.at(b).member_id;
    // The answer to JoinGroup was lost.
    const auto lost = test.join({.member = leader});
    CHECK(test.joins.at(lost).generation == group_generation(1));
    CHECK(test.joins.at(lost).members.size() == 2);
    test.sync(leader, 1, {{leader, "L"}, {other, "O"}});
    test.sync(other, 1);

    const auto same = test.join({.member = other});
    CHECK(test.joins.at(same).generation == group_generation(1));
    CHECK(test.joins.at(same).members.empty());
    CHECK(test.subject.state() == group_state::stable);
    SUBCASE("a follower with other metadata rebalances") {
        test.join({.member = other, .protocols = {{"range", "more topics"}}});
        CHECK(test.subject.state() == group_state::preparing_rebalance);
    }
    SUBCASE("the leader rebalances") {
        test.join({.member = leader});
        CHECK(test.subject.state() == group_state::preparing_rebalance);
    }
}

TEST_CASE("a full group takes nobody more") {
    auto limits = limits_for_tests();
    limits.member_count_max = 1;
    group_fixture test(limits);
    test.stable_with_one();
    const auto refused = test.join({});
    CHECK(test.join_error(refused) == error_code::group_max_size_reached);
    CHECK(test.joins.at(refused).member_id.empty());
}

TEST_CASE("leaving makes room at once; the last one leaves an empty group that is stored") {
    group_fixture test;
    const std::string member = test.stable_with_one();
    CHECK(test.leave("x") == error_code::unknown_member_id);
    test.store_at_once = false;
    CHECK(test.leave(member) == error_code::none);
    CHECK(test.subject.state() == group_state::empty);
    REQUIRE(test.stores.size() == 1);
    CHECK(test.stores[0].what.members.empty());
    CHECK(test.stores[0].what.generation == group_generation(2));
    CHECK_FALSE(test.stores[0].what.protocol.has_value());
    CHECK(test.stores[0].what.protocol_type == "connect");
    CHECK(test.leave(member) == error_code::unknown_member_id);
}

TEST_CASE("an id that was given out can be left") {
    group_fixture test;
    const auto first = test.join({});
    CHECK(test.leave(test.joins.at(first).member_id) == error_code::none);
    CHECK(test.subject.is_vacant());
}

TEST_CASE("a static member comes back under a new id without a rebalance") {
    group_fixture test;
    const std::string old = test.stable_with_one({.instance = "i"});
    CHECK(old == "i-1");
    const auto back = test.join({.instance = "i"});
    REQUIRE(test.joins.contains(back));
    const auto& answer = test.joins.at(back);
    CHECK(answer.error == 0);
    CHECK(answer.member_id == "i-2");
    CHECK(answer.generation == group_generation(1));
    CHECK(test.subject.state() == group_state::stable);
    // Before JoinGroup 9 it must not take itself for the leader.
    CHECK(answer.leader == old);
    CHECK(answer.members.empty());
    CHECK(test.syncs.at(test.sync("i-2", 1, {}, "i")).assignment.text() == "A");
    CHECK(
        test.subject.heartbeat({old, "i"}, group_generation(1), test.now()) ==
        error_code::fenced_instance_id
    );
    CHECK(
        test.join_error(test.join({.member = old, .instance = "i"})) ==
        error_code::fenced_instance_id
    );
    CHECK(test.sync_error(test.sync(old, 1, {}, "i")) == error_code::fenced_instance_id);
    CHECK(test.leave(old, "i") == error_code::fenced_instance_id);
}

TEST_CASE("a static leader of JoinGroup 9 is told to assign nothing") {
    group_fixture test;
    test.stable_with_one({.instance = "i"});
    const auto back = test.join({.instance = "i", .version = 9});
    CHECK(test.joins.at(back).skip_assignment);
    CHECK(test.joins.at(back).leader == test.joins.at(back).member_id);
    CHECK(test.joins.at(back).members.size() == 1);
}

TEST_CASE("the new id of a static member is stored before it is told") {
    group_fixture test;
    test.stable_with_one({.instance = "i"});
    test.store_at_once = false;
    const auto back = test.join({.instance = "i"});
    CHECK_FALSE(test.joins.contains(back));
    REQUIRE(test.stores.size() == 1);
    CHECK(test.stores[0].what.members.at(0).id == "i-2");
    CHECK(test.stores[0].what.members.at(0).assignment.text() == "A");
    SUBCASE("stored") {
        test.stored();
        CHECK(test.join_error(back) == error_code::none);
    }
    SUBCASE("failed") {
        test.stored(false);
        CHECK(test.join_error(back) == error_code::coordinator_not_available);
    }
    SUBCASE("its connection goes first: the next rebalance does not take it for present") {
        test.disconnect(back);
        test.stored();
        CHECK_FALSE(test.joins.contains(back));
        const auto other = test.join({.version = 3});
        CHECK_FALSE(test.joins.contains(other));
        CHECK(test.subject.state() == group_state::preparing_rebalance);
    }
}

TEST_CASE("a static member that wants other topics than before rebalances") {
    group_fixture test;
    const auto spec = [](const std::vector<std::string>& topics, std::string_view owned) {
        return join_spec{
            .instance = "i",
            .protocols = {{"range", subscription(topics, owned)}},
            .type = "consumer"};
    };
    test.stable_with_one(spec({"a", "b"}, "owns"));
    CHECK(test.joins.at(test.join(spec({"b", "a"}, ""))).generation == group_generation(1));
    CHECK(test.joins.at(test.join(spec({"a", "c"}, ""))).generation == group_generation(2));
}

TEST_CASE("a static member that is away stays a member until its session ends") {
    group_fixture test;
    const std::string away =
        test.stable_with_one({.instance = "i", .session_ms = 100'000, .rebalance_ms = 20'000});
    const auto joins = test.join({.rebalance_ms = 20'000, .version = 3});
    test.pass(20s);
    REQUIRE(test.joins.contains(joins));
    // The leader is away: somebody who is here leads.
    CHECK(test.joins.at(joins).leader == test.joins.at(joins).member_id);
    CHECK(test.joins.at(joins).members.size() == 2);
    CHECK(test.subject.members().contains(away));
    const std::string here = test.joins.at(joins).member_id;
    test.sync(here, 2, {{here, "H"}, {away, "W"}});
    for (int i = 0; i < 9; ++i) {
        test.pass(9s);
        test.beat(here, 2);
    }
    CHECK_FALSE(test.subject.members().contains(away));
}

TEST_CASE("a static member in the middle of a rebalance fences its older self") {
    group_fixture test;
    const auto first = test.join({.instance = "i"});
    const std::string old = test.joins.at(first).member_id;
    const auto waits = test.sync("x", 1);
    CHECK(test.sync_error(waits) == error_code::unknown_member_id);
    test.store_at_once = false;
    const auto parked = test.sync(old, 1, {{old, "A"}}, "i");
    CHECK_FALSE(test.syncs.contains(parked));
    const auto second = test.join({.instance = "i"});
    CHECK(test.sync_error(parked) == error_code::fenced_instance_id);
    // The assignment names the old id: a new generation.
    CHECK(test.joins.at(second).generation == group_generation(2));
}

TEST_CASE("an administrator removes a static member by its instance id") {
    group_fixture test;
    test.stable_with_one({.instance = "i"});
    CHECK(test.leave("", "other") == error_code::unknown_member_id);
    CHECK(test.leave("", std::nullopt) == error_code::unknown_member_id);
    CHECK(test.leave("", "i") == error_code::none);
    CHECK(test.subject.state() == group_state::empty);
}

TEST_CASE("a new member whose connection goes while it waits is out at once") {
    auto limits = limits_for_tests();
    limits.initial_rebalance_delay = 3s;
    group_fixture test(limits);
    const auto gone = test.join({.version = 3});
    const auto stays = test.join({.version = 3});
    test.disconnect(gone);
    test.pass(60s);
    CHECK_FALSE(test.joins.contains(gone));
    CHECK(test.joins.at(stays).members.size() == 1);
}

TEST_CASE("an old member whose connection goes while it waits has one session to come back") {
    group_fixture test;
    const std::string first = test.stable_with_one();
    const auto second = test.join({.version = 3});
    test.join({.member = first});
    const std::string other = test.joins.at(second).member_id;
    test.sync(first, 2, {{first, "F"}, {other, "O"}});
    test.sync(other, 2);
    const auto parked = test.join({.member = first});
    test.disconnect(parked);
    CHECK(test.subject.members().contains(first));
    for (int i = 0; i < 3; ++i) {
        test.pass(4s);
        test.beat(other, 2);
    }
    CHECK_FALSE(test.subject.members().contains(first));
}

TEST_CASE("a request that is sent again takes the place of the one before") {
    group_fixture test;
    const std::string first = test.stable_with_one();
    test.join({.version = 3, .type = "connect"});
    const auto other = test.last_token;
    test.join({.member = first, .protocols = {{"range", "changed"}}});
    CHECK(test.joins.at(other).generation == group_generation(2));
    const std::string member = test.joins.at(other).member_id;
    const auto sync_a = test.sync(member, 2);
    const auto sync_b = test.sync(member, 2);
    CHECK(test.sync_error(sync_a) == error_code::rebalance_in_progress);
    CHECK_FALSE(test.syncs.contains(sync_b));
}

TEST_CASE("commits are for members of this generation, or for anyone while there is none") {
    group_fixture test;
    const auto commit = [&](std::string_view member, std::int32_t generation) {
        return test.subject.may_commit({member, {}}, group_generation(generation), test.now());
    };
    CHECK(commit("", -1) == error_code::none);
    CHECK(commit("x", 3) == error_code::unknown_member_id);
    std::uint64_t token = 0;
    const std::string member = test.join_twice({}, &token);
    CHECK(commit(member, 1) == error_code::rebalance_in_progress);
    test.sync(member, 1, {{member, "A"}});
    CHECK(commit(member, 1) == error_code::none);
    CHECK(commit(member, 2) == error_code::illegal_generation);
    CHECK(commit(member, -1) == error_code::illegal_generation);
    CHECK(commit("", -1) == error_code::unknown_member_id);
    CHECK(commit("x", 1) == error_code::unknown_member_id);
    test.pass(9s);
    CHECK(commit(member, 1) == error_code::none);
    test.pass(9s);
    CHECK(test.subject.state() == group_state::stable);
    test.join({.version = 3});
    CHECK(commit(member, 1) == error_code::none);
}

TEST_CASE("a description shows metadata and assignments only while they hold") {
    group_fixture test;
    const std::string member = test.stable_with_one();
    auto shown = test.subject.describe();
    CHECK(shown.group_state == "Stable");
    CHECK(shown.protocol_type == "connect");
    CHECK(shown.protocol_data == "range");
    REQUIRE(shown.members.size() == 1);
    CHECK(shown.members[0].client_id == "client");
    CHECK(shown.members[0].client_host == "/host");
    CHECK(shown.members[0].member_metadata.text() == "topics");
    CHECK(shown.members[0].member_assignment.text() == "A");
    test.join({.version = 3});
    shown = test.subject.describe();
    CHECK(shown.group_state == "PreparingRebalance");
    CHECK(shown.protocol_data.empty());
    CHECK(shown.members[0].member_assignment.empty());
}

TEST_CASE("a group from the log goes on where it was, if its members are heard of") {
    group_fixture test;
    test.store_at_once = false;
    std::uint64_t token = 0;
    const std::string member = test.join_twice({.rebalance_ms = 1'000}, &token);
    test.sync(member, 1, {{member, "A"}});
    group_metadata kept = test.stores.front().what;
    test.stored();

    group again("g", test.limits, kept, test.now());
    CHECK(again.state() == group_state::stable);
    CHECK(again.heartbeat({member, {}}, group_generation(1), test.now()) == error_code::none);
    CHECK(again.describe().members.at(0).member_assignment.text() == "A");
    CHECK(again.next_deadline() == test.time.steady() + 10s);
    test.time.advance(10s);
    group_actions out;
    again.tick(test.now(), out);
    CHECK(again.state() == group_state::empty);
}

} // namespace
} // namespace logboom::broker

TEST_SUITE_END();
