// Field references, paths, tags and origins of an event.
#include "event/ack_window.h"
#include "event/batch.h"
#include "event/json_writer.h"

#include <doctest/doctest.h>

using namespace logboom;

TEST_SUITE("event") {
    TEST_CASE("field references follow Logstash's rules") {
        CHECK(field_reference::parse("[a][b]")->path() == std::vector<std::string>{"a", "b"});
        CHECK(
            field_reference::parse("[[a][b]][c]")->path() == std::vector<std::string>{"a", "b", "c"}
        );
        for (const char* bad : {"foo[bar]", "[a]b[c]", "[a", "]", "[]", ""}) {
            CHECK_FALSE(field_reference::parse(bad));
        }
        CHECK(field_reference::parse("[@metadata][k]")->in_metadata());
    }

    TEST_CASE("set makes the maps in between, get reaches into arrays from both ends") {
        event_batch batch;
        event& one = batch.add(0);
        CHECK(one.set(field_reference::of("[a][b]"), value::of(std::int64_t{5})));
        CHECK(one.get(field_reference::of("[a][b]"))->as_integer() == 5);
        CHECK_FALSE(one.set(field_reference::of("[a][b][c]"), value::of(true)));
        one.tag("x");
        one.tag("y");
        one.tag("x");
        CHECK(one.get(field_reference::of("[tags][-1]"))->as_string() == "y");
        CHECK(one.get(field_reference::of("[tags][2]")) == nullptr);
        CHECK(one.remove(field_reference::of("[tags][0]")));
        CHECK(one.get(field_reference::of("[tags][0]"))->as_string() == "y");
    }

    TEST_CASE("nil on the way is as good as nothing") {
        event_batch batch;
        event& one = batch.add(0);
        one.set("user", value());
        CHECK(one.set(field_reference::of("[user][name]"), value::of(std::int64_t{1})));
        CHECK(one.get(field_reference::of("[user][name]"))->as_integer() == 1);
        const value list = value::new_array(batch.memory);
        list.as_array().push_back(batch.memory, value());
        one.set("list", list);
        CHECK(one.set(field_reference::of("[list][0][a][b]"), value::of(std::int64_t{2})));
        CHECK(one.get(field_reference::of("[list][0][a][b]"))->as_integer() == 2);
    }

    TEST_CASE("an index behind the end of an array makes it longer, within reason") {
        event_batch batch;
        event& one = batch.add(0);
        one.set("list", value::new_array(batch.memory));
        CHECK(one.set(field_reference::of("[list][2]"), value::of(std::int64_t{1})));
        CHECK(one.get("list")->as_array().size == 3);
        CHECK(one.get(field_reference::of("[list][1]"))->is_nil());
        CHECK(one.set(field_reference::of("[list][3][a]"), value::of(std::int64_t{1})));
        CHECK(one.get(field_reference::of("[list][3][a]"))->as_integer() == 1);
        for (const char* bad : {"[list][-5]", "[list][104]", "[list][1000000]", "[list][x]"}) {
            CAPTURE(bad);
            CHECK_FALSE(one.set(field_reference::of(bad), value::of(std::int64_t{1})));
            CHECK(one.get("list")->as_array().size == 4);
        }
    }

    TEST_CASE("a move is whole or nothing") {
        const auto moved = [](const char* json, const char* from, const char* to) {
            event_batch batch;
            event& one = batch.events.emplace_back(batch.memory);
            one.set("k", value::of(std::int64_t{1}));
            one.set("s", value::of(std::string_view("x")));
            const value list = value::new_array(batch.memory);
            list.as_array().push_back(batch.memory, value::of(std::int64_t{7}));
            list.as_array().push_back(batch.memory, value::of(std::int64_t{8}));
            one.set("l", list);
            const bool done = one.move(field_reference::of(from), field_reference::of(to));
            std::string out;
            append_json(one, out);
            CHECK(out == json);
            return done;
        };
        CHECK(moved(R"({"s":"x","l":[7,8],"n":1})", "k", "n"));
        CHECK(moved(R"({"s":"x","l":[7,8],"k":{"v":1}})", "k", "[k][v]"));
        CHECK(moved(R"({"k":1,"s":"x","l":[8],"n":7})", "[l][0]", "n"));
        CHECK(moved(R"({"k":1,"s":"x","l":[8,7]})", "[l][0]", "[l][1]"));
        CHECK(moved(R"({"k":1,"s":"x","l":[7,8]})", "missing", "n"));
        // What cannot be set where it is to go stays where it was.
        CHECK_FALSE(moved(R"({"k":1,"s":"x","l":[7,8]})", "k", "[s][n]"));
        CHECK_FALSE(moved(R"({"k":1,"s":"x","l":[7,8]})", "[l][0]", "[s][n]"));
        CHECK_FALSE(moved(R"({"k":1,"s":"x","l":[7,8]})", "[l][-1]", "@timestamp"));
    }

    TEST_CASE("moving all of the metadata keeps what was in it") {
        event_batch batch;
        event& one = batch.add(0);
        one.set(field_reference::of("[@metadata][k]"), value::of(std::int64_t{1}));
        one.set("s", value::of(std::string_view("x")));
        CHECK_FALSE(one.move(field_reference::of("[@metadata]"), field_reference::of("[s][m]")));
        CHECK(one.get(field_reference::of("[@metadata][k]")) != nullptr);
        CHECK(one.move(field_reference::of("[@metadata]"), field_reference::of("m")));
        CHECK(one.get(field_reference::of("[m][k]"))->as_integer() == 1);
        CHECK(one.metadata().size == 0);
    }

    TEST_CASE("tags never become a map, from above or from within") {
        event_batch batch;
        event& one = batch.add(0);
        CHECK_FALSE(one.set(field_reference::of("tags"), value::new_map(batch.memory)));
        CHECK_FALSE(one.set(field_reference::of("[tags][a]"), value::of(true)));
        CHECK_FALSE(one.set(field_reference::of("[tags][0][b]"), value::of(true)));
        CHECK(one.get("tags") == nullptr);
        one.tag("x");
        CHECK_FALSE(one.set(field_reference::of("[tags][a]"), value::of(true)));
        CHECK(one.set(field_reference::of("[tags][0]"), value::of(std::string_view("y"))));
        CHECK(one.get(field_reference::of("[tags][0]"))->as_string() == "y");
    }

    TEST_CASE("an origin survives its text form") {
        std::string text;
        event_origin{"agent/8-1f/0", 123, 2}.append_text(text);
        event_origin back;
        REQUIRE(event_origin::parse(text, back));
        CHECK(back.stream == "agent/8-1f/0");
        CHECK(back.position == 123);
        CHECK(back.part == 2);
        CHECK_FALSE(event_origin::parse("no numbers/", back));
    }

    TEST_CASE("a batch is delivered when every share is, and lost when one is forgotten") {
        int delivered = 0;
        int lost = 0;
        const auto count = [&](ack_verdict verdict) {
            ++(verdict == ack_verdict::delivered ? delivered : lost);
        };
        {
            ack_token token(count);
            ack_token share = token.share();
            token.delivered();
            CHECK(delivered == 0);
            share.delivered();
            CHECK(delivered == 1);
        }
        {
            ack_token token(count);
            const ack_token share = token.share();
            token.delivered();
        }
        CHECK(delivered == 1);
        CHECK(lost == 1);
    }

    TEST_CASE("the watermark is the end of the longest final prefix") {
        ack_window<int> window(10);
        const auto first = window.begin(20);
        const auto second = window.begin(30);
        CHECK_FALSE(window.finish(second));
        CHECK(window.watermark() == 10);
        CHECK(*window.finish(first) == 30);
        CHECK(window.open_count() == 0);
    }
}
