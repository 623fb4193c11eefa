#include "pipelines/filters/drop.h"
#include "pipelines/filters/json_filter.h"
#include "tests/unit/pipelines/filters/filter_fixture.h"

using namespace logboom;

namespace {

struct fixture : filter_fixture {
    void use_json(given_settings given = {}) {
        given.emplace_back("source", config_text("m"));
        use(json_filter, given);
    }
};

} // namespace

TEST_SUITE("pipelines/filters/json") {
    TEST_CASE_FIXTURE(fixture, "the document's fields become the event's") {
        use_json();
        CHECK(filtered(R"({"m":"{\"a\":1,\"m\":2}"})") == R"({"m":2,"a":1})");
        CHECK(was_matched);
        CHECK(
            filtered(R"({"m":"{\"[x][y]\":1,\"@metadata\":{\"k\":1}}"})") ==
            R"({"m":"{\"[x][y]\":1,\"@metadata\":{\"k\":1}}","x":{"y":1}})"
        );
        CHECK(batch->events[0].get(field_reference::of("[@metadata][k]"))->as_integer() == 1);
    }

    TEST_CASE_FIXTURE(fixture, "a key and a reference to the same field are one field") {
        use_json();
        CHECK(
            filtered(R"({"m":"{\"[a][b]\":1,\"a\":2,\"c\":3,\"[c]\":4}"})") ==
            R"({"m":"{\"[a][b]\":1,\"a\":2,\"c\":3,\"[c]\":4}","a":2,"c":4})"
        );
    }

    TEST_CASE_FIXTURE(fixture, "a document of very many fields takes time as it is long") {
        use_json();
        constexpr int count = 300'000;
        std::string text;
        for (int i = 0; i < count; ++i) {
            text += (i == 0 ? "{\\\"" : ",\\\"") + std::to_string(i) + "\\\":0";
        }
        // Minutes, were each key looked for among all.
        filtered(R"({"m":")" + text + R"(}"})");
        CHECK(was_matched);
        CHECK(batch->events[0].fields().size == count + 1);
    }

    TEST_CASE_FIXTURE(fixture, "with a target anything goes under it") {
        use_json({{"target", config_text("[d][e]")}});
        CHECK(filtered(R"({"m":"[1]"})") == R"({"m":"[1]","d":{"e":[1]}})");
    }

    TEST_CASE_FIXTURE(fixture, "what is not JSON, or no object, is tagged") {
        use_json();
        for (const char* bad : {"{", "[1]", "7", " "}) {
            CAPTURE(bad);
            const std::string json = R"({"m":")" + std::string(bad) + "\"";
            CHECK(filtered(json + "}") == json + R"(,"tags":["_jsonparsefailure"]})");
            CHECK_FALSE(was_matched);
        }
        CHECK(filtered(R"({"m":5})") == R"({"m":5,"tags":["_jsonparsefailure"]})");
        use_json({{"tag_on_failure", config_array({"a", "b"})}});
        CHECK(filtered(R"({"m":"{"})") == R"({"m":"{","tags":["a","b"]})");
    }

    TEST_CASE_FIXTURE(fixture, "without the source nothing happens") {
        use_json();
        CHECK(filtered(R"({"x":1})") == R"({"x":1})");
        CHECK(filtered(R"({"m":null})") == R"({"m":null})");
        CHECK_FALSE(was_matched);
    }

    TEST_CASE_FIXTURE(fixture, "@timestamp is parsed, or now with its text kept") {
        use_json();
        filtered(R"({"m":"{\"@timestamp\":\"2024-05-11T15:17:02Z\"}"})");
        CHECK(batch->events[0].timestamp() == 1'715'440'622'000'000'000);
        const std::string out = filtered(R"({"m":"{\"@timestamp\":\"x\"}"})");
        CHECK(batch->events[0].timestamp() == time.wall().count());
        CHECK(
            out.find(R"("tags":["_timestampparsefailure"],"_@timestamp":"x")") != std::string::npos
        );
    }

    TEST_CASE_FIXTURE(fixture, "a map for tags fails as in Logstash") {
        use_json();
        CHECK(filtered(R"({"m":"{\"tags\":{}}"})").find("_jsonparsefailure") != std::string::npos);
    }
}

TEST_SUITE("pipelines/filters/drop") {
    TEST_CASE_FIXTURE(filter_fixture, "drops all, none, or some") {
        const auto dropped = [&](const char* percentage) {
            use(drop_filter, {{"percentage", config_text(percentage)}});
            event_batch events;
            selection chosen;
            for (std::uint32_t i = 0; i < 2000; ++i) {
                events.add(0);
                chosen.push_back(i);
            }
            selection matched;
            used().apply(events, chosen, matched);
            CHECK(matched.empty());
            int count = 0;
            for (const event& each : events.events) {
                count += each.is_cancelled() ? 1 : 0;
            }
            return count;
        };
        CHECK(dropped("100") == 2000);
        CHECK(dropped("0") == 0);
        const int some = dropped("40");
        CHECK(some > 600);
        CHECK(some < 1000);
    }
}
