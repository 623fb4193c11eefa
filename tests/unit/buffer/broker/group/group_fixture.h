// A group under test: requests as verbs, time by hand, answers collected by token.
#pragma once

#include "buffer/broker/config/server_properties.h"
#include "buffer/broker/group/group_table.h"

#include <deque>

namespace logboom::broker::testing {

struct join_spec {
    std::string member;
    std::optional<std::string> instance;
    std::vector<std::pair<std::string, std::string>> protocols{{"range", "topics"}};
    std::int32_t session_ms = 10'000;
    std::int32_t rebalance_ms = 60'000;
    std::int16_t version = 5;
    std::string type = "connect";
};

inline group_limits limits_for_tests() {
    group_limits limits = make_coordinator_options(default_broker_config().groups).limits;
    limits.initial_rebalance_delay = std::chrono::milliseconds(0);
    limits.make_id = [next = 0]() mutable { return std::to_string(++next); };
    return limits;
}

/// What a "consumer" member says it subscribes to.
inline std::string subscription(const std::vector<std::string>& topics, std::string_view user) {
    kafka::wire_writer to;
    to.integer<std::int16_t>(1);
    to.count(topics.size(), kafka::encoding::classic);
    for (const std::string& each : topics) {
        to.string(each, kafka::encoding::classic);
    }
    to.byte_string(as_bytes(user), kafka::encoding::classic);
    to.count(0, kafka::encoding::classic);
    return to.take_buffer();
}

class group_fixture {
  public:
    explicit group_fixture(group_limits with = limits_for_tests())
        : limits(std::move(with)), subject("g", limits, now()) {}

    group_limits limits;
    manual_clock time;
    group subject;
    std::map<std::uint64_t, join_response> joins;
    std::map<std::uint64_t, sync_response> syncs;
    std::deque<group_actions::store> stores;
    std::uint64_t last_token = 0;
    /// Stores succeed at once unless a test wants to see what happens between.
    bool store_at_once = true;

    [[nodiscard]] moment now() const { return moment::of(time); }

    std::uint64_t join(const join_spec& spec) {
        join_request request;
        request.group_id = "g";
        request.session_timeout_ms = spec.session_ms;
        request.rebalance_timeout_ms = spec.rebalance_ms;
        request.member_id = spec.member;
        request.protocol_type = spec.type;
        if (spec.instance) {
            request.instance_id = *spec.instance;
        }
        for (const auto& [name, metadata] : spec.protocols) {
            request.protocols.push_back({name, as_bytes(metadata)});
        }
        group_actions out;
        subject.join(request, caller(spec.version), now(), out);
        take(std::move(out));
        return last_token;
    }
    /// As a client of JoinGroup 4 and above does it: twice. Gives the member id.
    std::string join_twice(join_spec spec, std::uint64_t* token = nullptr) {
        const std::uint64_t first = join(spec);
        spec.member = joins.at(first).member_id;
        const std::uint64_t second = join(spec);
        if (token != nullptr) {
            *token = second;
        }
        return spec.member;
    }
    std::uint64_t sync(
        const std::string& member,
        std::int32_t generation,
        const std::vector<std::pair<std::string, std::string>>& assignments = {},
        const std::optional<std::string>& instance = {}
    ) {
        sync_request request;
        request.group_id = "g";
        request.generation = group_generation(generation);
        request.member_id = member;
        if (instance) {
            request.instance_id = *instance;
        }
        for (const auto& [to, what] : assignments) {
            request.assignments.push_back({to, as_bytes(what)});
        }
        group_actions out;
        subject.sync(request, caller(5), now(), out);
        take(std::move(out));
        return last_token;
    }
    error_code beat(const std::string& member, std::int32_t generation) {
        return subject.heartbeat({member, {}}, group_generation(generation), now());
    }
    error_code leave(const std::string& member, std::optional<std::string_view> instance = {}) {
        group_actions out;
        const error_code told = subject.leave({member, instance}, now(), out);
        take(std::move(out));
        return told;
    }
    void disconnect(std::uint64_t token) {
        group_actions out;
        subject.disconnected(request_token(token), now(), out);
        take(std::move(out));
    }
    void stored(bool done = true) {
        const auto store = std::move(stores.front());
        stores.pop_front();
        group_actions out;
        subject.stored(store.ticket, done, now(), out);
        take(std::move(out));
    }
    /// Lets time pass and timers fire when they are due.
    void pass(std::chrono::milliseconds span) {
        const auto end = time.steady() + span;
        while (subject.next_deadline() <= end) {
            time.advance(std::max(subject.next_deadline() - time.steady(), clock::duration(0)));
            tick();
        }
        time.advance(end - time.steady());
    }
    void tick() {
        group_actions out;
        subject.tick(now(), out);
        take(std::move(out));
    }
    [[nodiscard]] error_code join_error(std::uint64_t token) const {
        return static_cast<error_code>(joins.at(token).error);
    }
    [[nodiscard]] error_code sync_error(std::uint64_t token) const {
        return static_cast<error_code>(syncs.at(token).error);
    }
    /// One member, in generation 1, Stable.
    std::string stable_with_one(const join_spec& spec = {}) {
        std::uint64_t token = 0;
        std::string member;
        if (spec.instance) {
            token = join(spec);
            member = joins.at(token).member_id;
        } else {
            member = join_twice(spec, &token);
        }
        sync(member, joins.at(token).generation.value(), {{member, "A"}});
        return member;
    }

  private:
    group_caller caller(std::int16_t version) {
        return {"client", "/host", api_version(version), request_token(++last_token)};
    }
    void take(group_actions out) {
        for (auto& each : out.joins) {
            LB_ASSERT(!joins.contains(each.to.value()));
            joins.emplace(each.to.value(), std::move(each.body));
        }
        for (auto& each : out.syncs) {
            LB_ASSERT(!syncs.contains(each.to.value()));
            syncs.emplace(each.to.value(), std::move(each.body));
        }
        for (auto& each : out.stores) {
            stores.push_back(std::move(each));
        }
        while (store_at_once && !stores.empty()) {
            stored();
        }
    }
};

} // namespace logboom::broker::testing
