// The bulk state machine, each row of its tables, with answers and time passed in.
#include "sinks/elasticsearch/bulk_machine.h"
#include "tests/unit/sinks/elasticsearch/support.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

using namespace logboom;
using namespace logboom::sinks;
using namespace std::chrono_literals;

namespace {

using ids = std::vector<std::string>;

struct fixture {
    metrics registry;
    test::letter_box letters;
    test::verdicts verdicts;
    probe counters{registry, {"main", "elasticsearch", "es"}, {}};
    std::chrono::nanoseconds now{0};

    bulk_machine make(bulk_machine_options options = {}) {
        return {std::move(options), letters, counters, logger{}};
    }

    /// A token for each id.
    std::unique_ptr<bulk> bulk_of(const ids& wanted, bulk_action action = bulk_action::index) {
        auto made = std::make_unique<bulk>();
        for (const std::string& id : wanted) {
            auto group = std::make_shared<ack_group>();
            group->token = verdicts.token();
            group->unsettled = 1;
            group->topic = "logs";
            made->groups.push_back(std::move(group));
            bulk_item item;
            item.begin = static_cast<std::uint32_t>(made->body.size());
            item.group = static_cast<std::uint32_t>(made->groups.size() - 1);
            item.action = action;
            item.id_is_origin = true;
            made->body += fmt::format(
                "{{\"{}\":{{\"_index\":\"i\",\"_id\":\"{}\"}}}}\n", name_of(action), id
            );
            item.action_size = static_cast<std::uint32_t>(made->body.size() - item.begin);
            made->body += fmt::format("{{\"m\":\"{}\"}}\n", id);
            item.size = static_cast<std::uint32_t>(made->body.size() - item.begin);
            made->items.push_back(item);
        }
        return made;
    }

    using statuses = std::vector<std::pair<int, std::string>>;
    static std::string answer(const statuses& items) {
        std::string out = R"({"errors":true,"items":[)";
        for (const auto& [status, type] : items) {
            out += fmt::format(R"({{"index":{{"status":{})", status);
            out += type.empty() ? "" : R"(,"error":{"type":")" + type + R"(","reason":"r"})";
            out += "}},";
        }
        out.back() = ']';
        return out + "}";
    }
    static std::string all_stored(std::size_t count) { return answer(statuses(count, {201, ""})); }

    static ids ids_in(const bulk& what) {
        ids out;
        for (const bulk_item& item : what.items) {
            out.push_back(parse_action(what.action_of(item)).id);
        }
        return out;
    }
    /// Lets the time pass that the machine waits for.
    void wait(const bulk_machine& machine) {
        const auto when = machine.wake_at(now);
        REQUIRE(when);
        now = *when;
    }
    /// Answers every request by `decide` (status and body) until nothing is to be sent now.
    template <class Decide>
    int answer_all(bulk_machine& machine, Decide decide) {
        int requests = 0;
        while (const auto lane = machine.next(now)) {
            ++requests;
            const std::pair<int, std::string> out = decide(machine.at(*lane));
            machine.answered(*lane, out.first, out.second, now);
        }
        return requests;
    }
};

} // namespace

TEST_SUITE("sinks/elasticsearch") {
    TEST_CASE_FIXTURE(fixture, "every row of the item table") {
        struct row {
            int status;
            const char* type;
            bulk_action action;
            item_fate fate;
            bool is_versioned = false;
        };
        const row rows[] = {
            {200, "", bulk_action::index, item_fate::stored},
            {201, "", bulk_action::create, item_fate::stored},
            {409, "version_conflict_engine_exception", bulk_action::create, item_fate::duplicate},
            {409,
             "version_conflict_engine_exception",
             bulk_action::index,
             item_fate::superseded,
             true},
            {409, "version_conflict_engine_exception", bulk_action::index, item_fate::dead_letter},
            {409, "version_conflict_engine_exception", bulk_action::update, item_fate::dead_letter},
            {404, "", bulk_action::remove, item_fate::superseded},
            {404, "index_not_found_exception", bulk_action::remove, item_fate::dead_letter},
            {404, "index_not_found_exception", bulk_action::index, item_fate::dead_letter},
            {404, "document_missing_exception", bulk_action::update, item_fate::dead_letter},
            {400, "mapper_parsing_exception", bulk_action::index, item_fate::dead_letter},
            {400, "index_closed_exception", bulk_action::index, item_fate::dead_letter},
            {429, "es_rejected_execution_exception", bulk_action::index, item_fate::retry},
            {429, "cluster_block_exception", bulk_action::index, item_fate::retry},
            {403, "cluster_block_exception", bulk_action::index, item_fate::retry},
            {403, "security_exception", bulk_action::index, item_fate::dead_letter},
            {401, "security_exception", bulk_action::index, item_fate::retry},
            {408, "timeout", bulk_action::index, item_fate::retry},
            {500, "internal", bulk_action::index, item_fate::retry},
            {503, "unavailable_shards_exception", bulk_action::index, item_fate::retry},
            {413, "too_large", bulk_action::index, item_fate::dead_letter},
            {418, "teapot", bulk_action::index, item_fate::dead_letter},
        };
        for (const row& each : rows) {
            CAPTURE(each.status);
            CAPTURE(each.type);
            bulk_item item;
            item.action = each.action;
            item.is_versioned = each.is_versioned;
            CHECK(decide_item(item, {each.status, each.type}, {}) == each.fate);
        }
        const int codes[] = {429};
        const std::string drops[] = {"mapper_parsing_exception"};
        const decision_options custom{codes, drops};
        CHECK(decide_item({}, {429, "x"}, custom) == item_fate::dead_letter);
        CHECK(decide_item({}, {400, "mapper_parsing_exception"}, custom) == item_fate::dropped);
        const std::string conflict[] = {"version_conflict_engine_exception"};
        CHECK(
            decide_item({}, {409, "version_conflict_engine_exception"}, {{}, conflict}) ==
            item_fate::dropped
        );
    }

    TEST_CASE("every row of the request table") {
        CHECK(decide_request(200, "") == request_fate::answered);
        CHECK(decide_request(429, "") == request_fate::again);
        CHECK(decide_request(408, "") == request_fate::again);
        CHECK(decide_request(500, "") == request_fate::again);
        CHECK(decide_request(503, "") == request_fate::again);
        CHECK(decide_request(401, "") == request_fate::pause);
        CHECK(decide_request(403, "") == request_fate::pause);
        CHECK(decide_request(404, "") == request_fate::pause);
        CHECK(decide_request(302, "") == request_fate::pause);
        CHECK(decide_request(413, "") == request_fate::split);
        CHECK(decide_request(400, "action_request_validation_exception") == request_fate::bisect);
        CHECK(decide_request(400, "contains unrecognized parameter: [x]") == request_fate::pause);
    }

    TEST_CASE_FIXTURE(fixture, "of 201, 429 and 400 only the 429 is sent again, alone and later") {
        auto machine = make();
        machine.add(0, bulk_of({"a/1", "a/2", "a/3"}));
        const auto lane = machine.next(now);
        REQUIRE(lane);
        const statuses mixed{
            {201, ""}, {429, "es_rejected_execution_exception"}, {400, "mapper_parsing_exception"}};
        machine.answered(*lane, 200, answer(mixed), now);
        CHECK(verdicts.delivered == 2);
        REQUIRE(letters.letters.size() == 1);
        CHECK(letters.letters[0].status == 400);
        CHECK(letters.letters[0].error_type == "mapper_parsing_exception");
        CHECK(letters.letters[0].document == R"({"m":"a/3"})");
        CHECK(letters.letters[0].target == "i");
        CHECK(letters.letters[0].id == "a/3");
        CHECK(letters.letters[0].position == 3);
        CHECK(letters.letters[0].topic == "logs");
        CHECK_FALSE(machine.next(now));
        CHECK_FALSE(machine.next(now + 999ms));
        wait(machine);
        CHECK(now >= 1s);
        CHECK(now <= 2s);
        const auto again = machine.next(now);
        REQUIRE(again);
        CHECK(ids_in(machine.at(*again)) == ids{"a/2"});
        machine.answered(*again, 200, all_stored(1), now);
        CHECK(verdicts.delivered == 3);
        CHECK(verdicts.lost == 0);
        CHECK(machine.is_empty());
    }

    TEST_CASE_FIXTURE(fixture, "an event is final only when its dead letter is") {
        letters.holds_acks = true;
        auto machine = make();
        machine.add(0, bulk_of({"a/1"}));
        machine.answered(*machine.next(now), 200, answer({{400, "x"}}), now);
        CHECK(verdicts.delivered == 0);
        letters.held.front().delivered();
        CHECK(verdicts.delivered == 1);
    }

    TEST_CASE_FIXTURE(fixture, "a create that meets its earlier self is final") {
        auto machine = make();
        machine.add(0, bulk_of({"a/1", "a/2"}, bulk_action::create));
        machine.answered(
            *machine.next(now),
            200,
            answer({{409, "version_conflict_engine_exception"}, {201, ""}}),
            now
        );
        CHECK(verdicts.delivered == 2);
        CHECK(counters.duplicates.value() == 1);
        CHECK(counters.stored.value() == 1);
        CHECK(letters.letters.empty());
    }

    TEST_CASE_FIXTURE(fixture, "what went to a failure store is final and counted apart") {
        auto machine = make();
        machine.add(0, bulk_of({"a/1"}));
        machine.answered(
            *machine.next(now),
            200,
            R"({"items":[{"create":{"status":201,"failure_store":"used"}}]})",
            now
        );
        CHECK(verdicts.delivered == 1);
        CHECK(counters.failure_store.value() == 1);
        CHECK(counters.stored.value() == 0);
    }

    TEST_CASE_FIXTURE(fixture, "a request refused as a whole is sent again as it was, ever later") {
        auto machine = make();
        machine.add(0, bulk_of({"a/1", "a/2"}));
        std::chrono::nanoseconds waited{};
        for (int round = 0; round < 8; ++round) {
            const auto lane = machine.next(now);
            REQUIRE(lane);
            CHECK(ids_in(machine.at(*lane)) == ids{"a/1", "a/2"});
            machine.answered(*lane, round % 2 == 0 ? 503 : 429, "busy", now);
            const auto before = now;
            wait(machine);
            waited = now - before;
        }
        CHECK(waited >= 32s);
        CHECK(waited <= 64s);
        machine.answered(*machine.next(now), 200, all_stored(2), now);
        CHECK(verdicts.delivered == 2);
        CHECK(counters.retries_request.value() == 8);
    }

    TEST_CASE_FIXTURE(fixture, "an answer without a result for each item settles nothing") {
        auto machine = make();
        machine.add(0, bulk_of({"a/1", "a/2"}));
        machine.answered(*machine.next(now), 200, all_stored(1), now);
        CHECK(verdicts.delivered == 0);
        wait(machine);
        const auto lane = machine.next(now);
        REQUIRE(lane);
        CHECK(ids_in(machine.at(*lane)) == ids{"a/1", "a/2"});
        machine.answered(*lane, 200, "<html>", now);
        CHECK(verdicts.delivered == 0);
        CHECK_FALSE(machine.is_empty());
    }

    TEST_CASE_FIXTURE(
        fixture, "413 halves down to the one that is too large, which becomes a letter"
    ) {
        auto machine = make();
        machine.add(0, bulk_of({"a/1", "a/2", "a/3", "a/4", "a/5"}));
        const int requests = answer_all(machine, [](const bulk& sent) {
            return sent.body.find("a/4") != std::string::npos
                       ? std::pair(413, std::string())
                       : std::pair(200, all_stored(sent.items.size()));
        });
        CHECK(machine.is_empty());
        CHECK(verdicts.delivered == 5);
        REQUIRE(letters.letters.size() == 1);
        CHECK(letters.letters[0].id == "a/4");
        CHECK(letters.letters[0].error_type == "request_too_large");
        CHECK(requests <= 7);
        CHECK(machine.learnt_body_size());
        CHECK(counters.stored.value() == 4);
    }

    TEST_CASE_FIXTURE(fixture, "one item that spoils the whole request is found by halving") {
        auto machine = make();
        machine.add(0, bulk_of({"a/1", "a/2", "a/3", "a/4", "a/5", "a/6", "a/7", "a/8"}));
        answer_all(machine, [](const bulk& sent) {
            return sent.body.find("a/6") != std::string::npos
                       ? std::pair(400, std::string("action_request_validation_exception"))
                       : std::pair(200, all_stored(sent.items.size()));
        });
        CHECK(verdicts.delivered == 8);
        REQUIRE(letters.letters.size() == 1);
        CHECK(letters.letters[0].id == "a/6");
        CHECK(letters.letters[0].status == 400);
        CHECK_FALSE(machine.learnt_body_size());
    }

    TEST_CASE_FIXTURE(fixture, "a 400 to every request blames no event") {
        auto machine = make();
        machine.add(0, bulk_of({"a/1", "a/2", "a/3"}));
        machine.add(0, bulk_of({"a/4"}));
        const std::string refusal = R"({"error":"no handler found for uri [/x/y/z/_bulk]"})";
        for (int i = 0; i < 20; ++i) {
            answer_all(machine, [&](const bulk&) { return std::pair(400, refusal); });
            wait(machine);
        }
        CHECK(letters.letters.empty());
        CHECK(verdicts.delivered == 0);
        CHECK(now > 64s);
        answer_all(machine, [](const bulk& sent) {
            return std::pair(200, all_stored(sent.items.size()));
        });
        CHECK(machine.is_empty());
        CHECK(verdicts.delivered == 4);
    }

    TEST_CASE_FIXTURE(fixture, "an event that spoils the very first request waits for proof") {
        auto machine = make();
        machine.add(0, bulk_of({"a/1", "a/2"}));
        const auto decide = [](const bulk& sent) {
            return sent.body.find("a/1") != std::string::npos
                       ? std::pair(400, std::string("id is missing"))
                       : std::pair(200, all_stored(sent.items.size()));
        };
        answer_all(machine, decide);
        CHECK(letters.letters.empty());
        wait(machine);
        answer_all(machine, decide);
        CHECK(machine.is_empty());
        REQUIRE(letters.letters.size() == 1);
        CHECK(letters.letters[0].id == "a/1");
        CHECK(verdicts.delivered == 2);
    }

    TEST_CASE_FIXTURE(fixture, "while a pause is being tried out there is nothing to wake up for") {
        auto machine = make();
        machine.add(0, bulk_of({"a/1"}));
        machine.add(0, bulk_of({"a/2"}));
        const auto first = machine.next(now);
        const auto second = machine.next(now);
        REQUIRE(second);
        machine.answered(*first, 401, "who are you", now);
        machine.answered(*second, 401, "who are you", now);
        wait(machine);
        const auto probe = machine.next(now);
        REQUIRE(probe);
        now += 10s;
        CHECK_FALSE(machine.next(now));
        CHECK_FALSE(machine.wake_at(now));
        machine.answered(*probe, 200, all_stored(1), now);
        CHECK(machine.wake_at(now) == now);
    }

    TEST_CASE_FIXTURE(fixture, "401 stops everything, loses nothing and goes on by itself") {
        auto machine = make();
        for (int i = 0; i < 6; ++i) {
            machine.add(0, bulk_of({fmt::format("a/{}", i)}));
        }
        std::vector<bulk_machine::lane_id> sent;
        while (const auto lane = machine.next(now)) {
            sent.push_back(*lane);
        }
        CHECK(sent.size() == 4);
        for (const auto lane : sent) {
            machine.answered(lane, 401, "who are you", now);
        }
        CHECK_FALSE(machine.next(now));
        wait(machine);
        CHECK(now <= 2s);
        const auto probe = machine.next(now);
        REQUIRE(probe);
        CHECK_FALSE(machine.next(now));
        machine.answered(*probe, 401, "who are you", now);
        CHECK_FALSE(machine.next(now));
        wait(machine);
        answer_all(machine, [](const bulk&) { return std::pair(200, all_stored(1)); });
        CHECK(verdicts.delivered == 6);
        CHECK(verdicts.lost == 0);
        CHECK(letters.letters.empty());
    }

    TEST_CASE_FIXTURE(fixture, "a connection closed again and again is tried without gzip") {
        auto machine = make();
        auto made = bulk_of({"a/1"});
        made->pack(1);
        machine.add(0, std::move(made));
        for (unsigned i = 0; i < bulk_machine::closed_count_max; ++i) {
            const auto lane = machine.next(now);
            REQUIRE(lane);
            CHECK_FALSE(machine.at(*lane).packed.empty());
            machine.unanswered(*lane, no_answer::closed, "closed", now);
            wait(machine);
        }
        const auto lane = machine.next(now);
        REQUIRE(lane);
        CHECK(machine.at(*lane).packed.empty());
    }

    TEST_CASE_FIXTURE(
        fixture, "after a failed connection the bulk waits for a host, not for a back-off"
    ) {
        auto machine = make();
        machine.add(0, bulk_of({"a/1"}));
        machine.unanswered(*machine.next(now), no_answer::cannot_connect, "refused", now);
        CHECK(machine.next(now));
    }

    TEST_CASE_FIXTURE(fixture, "an index that refuses does not stop the others") {
        bulk_machine_options options;
        options.lanes = 2;
        auto machine = make(options);
        int requests = 0;
        for (int round = 0; round < 50; ++round) {
            machine.add(0, bulk_of({fmt::format("a/{}", round), fmt::format("b/{}", round)}));
            requests += answer_all(machine, [](const bulk& sent) {
                statuses items;
                for (const std::string& id : ids_in(sent)) {
                    items.emplace_back(
                        id[0] == 'b' ? 403 : 201, id[0] == 'b' ? "cluster_block_exception" : ""
                    );
                }
                return std::pair(200, answer(items));
            });
            now += 100ms;
        }
        CHECK(verdicts.delivered == 50);
        CHECK(machine.retry_items() == 50);
        CHECK(requests < 90);
        now += 64s;
        const auto lane = machine.next(now);
        REQUIRE(lane);
        CHECK(machine.at(*lane).items.size() == 50);
        machine.answered(*lane, 200, all_stored(50), now);
        CHECK(verdicts.delivered == 100);
        CHECK(machine.retry_items() == 0);
        CHECK(machine.is_empty());
    }

    TEST_CASE_FIXTURE(fixture, "a full retry lane takes nothing new until it has room") {
        bulk_machine_options options;
        options.retry_items_max = 2;
        auto machine = make(options);
        machine.add(0, bulk_of({"b/1", "b/2"}));
        machine.add(0, bulk_of({"a/1"}));
        machine.answered(*machine.next(now), 200, answer({{429, "x"}, {429, "x"}}), now);
        CHECK(machine.retry_lane_is_full());
        CHECK_FALSE(machine.next(now));
        wait(machine);
        machine.answered(*machine.next(now), 200, all_stored(2), now);
        CHECK_FALSE(machine.retry_lane_is_full());
        const auto lane = machine.next(now);
        REQUIRE(lane);
        CHECK(ids_in(machine.at(*lane)) == ids{"a/1"});
    }

    TEST_CASE_FIXTURE(fixture, "an ordered lane has one bulk on its way at a time, in order") {
        bulk_machine_options options;
        options.lanes = 2;
        options.is_ordered = true;
        auto machine = make(options);
        machine.add(1, bulk_of({"a/1"}));
        machine.add(1, bulk_of({"a/2"}));
        CHECK(machine.next(now) == 1U);
        CHECK_FALSE(machine.next(now));
        machine.answered(1, 503, "", now);
        CHECK_FALSE(machine.next(now));
        wait(machine);
        CHECK(machine.next(now) == 1U);
        CHECK(ids_in(machine.at(1)) == ids{"a/1"});
        machine.answered(1, 200, all_stored(1), now);
        CHECK(machine.next(now) == 1U);
        CHECK(ids_in(machine.at(1)) == ids{"a/2"});
    }

    TEST_CASE_FIXTURE(fixture, "released bytes add up to what was added") {
        auto machine = make();
        auto made = bulk_of({"a/1", "a/2", "a/3"});
        const std::size_t size = made->body.size();
        machine.add(0, std::move(made));
        machine.answered(*machine.next(now), 413, "", now);
        CHECK(machine.take_released() == 0);
        answer_all(machine, [](const bulk& sent) {
            return std::pair(200, all_stored(sent.items.size()));
        });
        CHECK(machine.take_released() == size);
    }

    TEST_CASE_FIXTURE(fixture, "what is abandoned is lost, not delivered") {
        auto machine = make();
        machine.add(0, bulk_of({"a/1"}));
        machine.add(0, bulk_of({"a/2"}));
        REQUIRE(machine.next(now));
        CHECK(machine.item_count() == 2);
        machine.abandon();
        CHECK(verdicts.lost == 2);
        CHECK(verdicts.delivered == 0);
    }
}
