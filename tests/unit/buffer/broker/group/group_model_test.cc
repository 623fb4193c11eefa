// Random clients against one group. Whatever they do: every parked request is answered or given
// back, generations only grow, and within a generation no partition has two owners.
#include "tests/unit/buffer/broker/group/group_fixture.h"

#include <doctest/doctest.h>

#include <random>

TEST_SUITE_BEGIN("buffer/broker/group/model");

namespace logboom::broker {
namespace {

using namespace std::chrono_literals;
using testing::group_fixture;
using testing::limits_for_tests;

constexpr int partition_count = 7;
constexpr std::size_t member_count_max = 5;

/// A client with the few things a real one remembers.
struct simulated_client {
    std::string member;
    std::optional<std::string> instance;
    std::int32_t generation = -1;
    std::uint64_t join_token = 0;
    std::uint64_t sync_token = 0;
    bool leads = false;
    std::vector<std::string> all_members;
    int metadata = 0;
    bool running = false;
};

class simulation {
  public:
    explicit simulation(unsigned seed) : random_(seed), test_(limits()) {
        for (int i = 0; i < 6; ++i) {
            simulated_client made;
            if (i % 3 == 0) {
                made.instance = "static-" + std::to_string(i);
            }
            clients_.push_back(made);
        }
        test_.store_at_once = false;
    }

    /// Gives the number of partitions that found an owner.
    std::size_t run(int steps) {
        for (int i = 0; i < steps; ++i) {
            step();
            check();
        }
        settle();
        return owners_.size();
    }

  private:
    static group_limits limits() {
        auto made = limits_for_tests();
        made.initial_rebalance_delay = 500ms;
        made.member_count_max = member_count_max;
        return made;
    }
    int below(int limit) { return std::uniform_int_distribution<int>(0, limit - 1)(random_); }

    void step() {
        simulated_client& client = clients_[static_cast<std::size_t>(below(6))];
        switch (below(12)) {
        case 0:
        case 1:
        case 2:
        case 3:
            act(client);
            break;
        case 4:
        case 5:
            test_.pass(std::chrono::milliseconds(below(2'000)));
            break;
        case 6:
            leave(client);
            break;
        case 7:
            crash(client);
            break;
        case 8:
            client.metadata += below(4) == 0 ? 1 : 0;
            break;
        default:
            if (!test_.stores.empty()) {
                test_.stored(below(20) != 0);
            }
        }
        collect();
    }

    /// What the client would do next: answers first, then join, then heartbeats.
    void act(simulated_client& client) {
        client.running = true;
        if (client.join_token != 0 || client.sync_token != 0) {
            return;
        }
        if (client.generation < 0) {
            client.join_token = test_.join(
                {.member = client.member,
                 .instance = client.instance,
                 .protocols = {{"range", std::to_string(client.metadata)}},
                 .session_ms = 6'000,
                 .rebalance_ms = 9'000,
                 .version = static_cast<std::int16_t>(3 + below(7))}
            );
            tokens_.insert(client.join_token);
            return;
        }
        const error_code told = test_.subject.heartbeat(
            {client.member, client.instance}, group_generation(client.generation), test_.now()
        );
        if (told == error_code::rebalance_in_progress) {
            client.generation = -1;
        } else if (told != error_code::none) {
            client.generation = -1;
            client.member.clear();
        }
    }

    void leave(simulated_client& client) {
        if (client.join_token != 0 || client.sync_token != 0 || client.member.empty()) {
            return;
        }
        test_.leave(client.member, client.instance);
        client.member.clear();
        client.generation = -1;
    }

    /// The process dies: what it waits for is nobody's any more.
    void crash(simulated_client& client) {
        for (const std::uint64_t token : {client.join_token, client.sync_token}) {
            if (token != 0) {
                test_.disconnect(token);
                tokens_.erase(token);
            }
        }
        const auto instance = client.instance;
        client = {};
        client.instance = instance;
    }

    void collect() {
        for (simulated_client& client : clients_) {
            if (client.join_token != 0 && test_.joins.contains(client.join_token)) {
                joined(client);
            }
            if (client.sync_token != 0 && test_.syncs.contains(client.sync_token)) {
                synced(client);
            }
        }
    }

    void joined(simulated_client& client) {
        const join_response answer = test_.joins.at(client.join_token);
        tokens_.erase(client.join_token);
        client.join_token = 0;
        const auto why = static_cast<error_code>(answer.error);
        if (why == error_code::member_id_required) {
            client.member = answer.member_id;
            return;
        }
        if (why != error_code::none) {
            client.generation = -1;
            if (why != error_code::rebalance_in_progress) {
                client.member.clear();
            }
            return;
        }
        client.member = answer.member_id;
        client.generation = answer.generation.value();
        CHECK(client.generation >= generation_seen_ - 1);
        std::vector<std::pair<std::string, std::string>> assignments;
        if (answer.leader == client.member && !answer.skip_assignment) {
            assignments = assign(answer);
        }
        client.sync_token =
            test_.sync(client.member, client.generation, assignments, client.instance);
        tokens_.insert(client.sync_token);
    }

    static std::vector<std::pair<std::string, std::string>> assign(const join_response& answer) {
        std::vector<std::pair<std::string, std::string>> made;
        for (const auto& each : answer.members) {
            made.emplace_back(each.member_id, "");
        }
        for (int i = 0; i < partition_count && !made.empty(); ++i) {
            made[static_cast<std::size_t>(i) % made.size()].second += static_cast<char>('0' + i);
        }
        return made;
    }

    void synced(simulated_client& client) {
        const sync_response answer = test_.syncs.at(client.sync_token);
        tokens_.erase(client.sync_token);
        client.sync_token = 0;
        if (answer.error != 0) {
            client.generation = -1;
            if (static_cast<error_code>(answer.error) != error_code::rebalance_in_progress) {
                client.member.clear();
            }
            return;
        }
        const std::string who = client.instance.value_or(client.member);
        for (const char partition : answer.assignment.text()) {
            const auto [at, added] = owners_.try_emplace({client.generation, partition}, who);
            // A static member that came back owns what it owned, under another id.
            CHECK(at->second == who);
        }
    }

    void check() {
        CHECK(test_.subject.generation().value() >= generation_seen_);
        generation_seen_ = test_.subject.generation().value();
        // Members that do not ask again are counted out only when the rebalance ends.
        std::size_t here = 0;
        for (const auto& [id, member] : test_.subject.members()) {
            const bool preparing = test_.subject.state() == group_state::preparing_rebalance;
            here += (preparing ? member.has_joined : !member.instance_id.has_value()) ? 1 : 0;
        }
        CHECK(here <= member_count_max);
        if (test_.subject.state() == group_state::empty) {
            CHECK(test_.subject.members().empty());
        }
    }

    /// No more events but time and the disk: everything that waits must get an answer.
    void settle() {
        for (int i = 0; i < 100; ++i) {
            while (!test_.stores.empty()) {
                test_.stored();
            }
            test_.pass(10s);
        }
        for (const std::uint64_t token : tokens_) {
            const bool answered = test_.joins.contains(token) || test_.syncs.contains(token);
            CHECK(answered);
        }
        CHECK(test_.subject.state() == group_state::empty);
        CHECK(test_.subject.is_vacant());
    }

    std::mt19937 random_;
    group_fixture test_;
    std::vector<simulated_client> clients_;
    std::set<std::uint64_t> tokens_;
    std::map<std::pair<std::int32_t, char>, std::string> owners_;
    std::int32_t generation_seen_ = 0;
};

TEST_CASE("random joins, leaves, crashes and delays keep a group's promises") {
    constexpr unsigned runs = 200;
    std::size_t owned = 0;
    for (unsigned seed = 1; seed <= runs; ++seed) {
        CAPTURE(seed);
        owned += simulation(seed).run(400);
    }
    // Or the check above would say nothing.
    CHECK(owned > runs * partition_count);
}

} // namespace
} // namespace logboom::broker

TEST_SUITE_END();
