#include "event/ack_window.h"
#include "event/batch.h"

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
