#include "codecs/text/json_reader.h"
#include "codecs/text/rubydebug.h"
#include "tests/unit/codecs/text/codec_fixture.h"

using namespace logboom;

namespace {

/// The event that holds exactly the fields of this JSON, and its rubydebug.
std::string shown(std::string_view json, const rubydebug_style& style = {}) {
    event_batch batch;
    event it(batch.memory);
    const value fields = read_json(json, batch.memory).value();
    for (const map_entry& entry : fields.as_map()) {
        if (entry.key == "@timestamp") {
            it.set_timestamp(1'715'440'622'123'456'000);
        } else {
            it.set(entry.key, entry.item);
        }
    }
    it.set(field_reference::of("[@metadata][k]"), value::of(std::string_view("v")));
    std::string out;
    append_rubydebug(it, style, out);
    return out;
}

} // namespace

TEST_SUITE("codecs/text/rubydebug") {
    TEST_CASE("an event looks as Logstash shows it, to the byte") {
        const std::string expected = R"({
       "message" => "May 11 a \"q\"",
    "@timestamp" => 2024-05-11T15:17:02.123456Z,
      "@version" => "1",
          "tags" => [
        [0] "a",
        [1] "b"
    ],
          "host" => {
        "hostname" => "meow",
              "ip" => [
            [0] "10.0.0.1"
        ],
           "empty" => {}
    },
             "n" => 3
}
)";
        CHECK(
            shown(R"({"message":"May 11 a \"q\"","@timestamp":0,"@version":"1","tags":["a","b"],)"
                  R"("host":{"hostname":"meow","ip":["10.0.0.1"],"empty":{}},"n":3})") == expected
        );
    }

    TEST_CASE("keys are escaped and counted in characters") {
        CHECK(shown(R"({"a\"b":1})") == "{\n    \"a\\\"b\" => 1\n}\n");
        CHECK(
            shown("{\"\xC3\xA9\":1,\"ab\":2}") == "{\n     \"\xC3\xA9\" => 1,\n    \"ab\" => 2\n}\n"
        );
    }

    TEST_CASE("indexes are as wide as the last one") {
        const std::string out = shown(R"({"l":[0,1,2,3,4,5,6,7,8,9,10]})");
        CHECK(out.find("\n        [ 0] 0,\n") != std::string::npos);
        CHECK(out.find("\n        [10] 10\n    ]\n") != std::string::npos);
    }

    TEST_CASE("scalars look like Ruby's") {
        CHECK(shown(R"({"v":null})") == "{\n    \"v\" => nil\n}\n");
        CHECK(shown(R"({"v":1e-05})") == "{\n    \"v\" => 1.0e-05\n}\n");
        CHECK(shown(R"({"v":[]})") == "{\n    \"v\" => []\n}\n");
        CHECK(
            shown(R"({"v":"\u001b\u0000#{x}\n"})") == "{\n    \"v\" => \"\\e\\u0000\\#{x}\\n\"\n}\n"
        );
        CHECK(
            shown(R"({"v":[{"a":true}]})") ==
            "{\n    \"v\" => [\n        [0] {\n            \"a\" => true\n        }\n    ]\n}\n"
        );
    }

    TEST_CASE("@metadata on demand") {
        CHECK(shown("{}") == "{}\n");
        CHECK(
            shown("{}", {true, false}) ==
            "{\n    \"@metadata\" => {\n        \"k\" => \"v\"\n    }\n}\n"
        );
    }

    TEST_CASE("colours on demand only") {
        CHECK(shown(R"({"a":1})").find('\x1b') == std::string::npos);
        CHECK(
            shown(R"({"a":"x"})", {false, true}) ==
            "{\n    \"a\"\x1b[0;37m => \x1b[0m\x1b[0;33m\"x\"\x1b[0m\n}\n"
        );
    }

    TEST_CASE_FIXTURE(codec_fixture, "as a codec, without a terminal, it writes no colours") {
        use(rubydebug_codec, {{"metadata", {true, {}}}});
        event_batch given;
        event& it = given.add(0);
        const std::string out = encoded(it);
        CHECK(out.find("@metadata") != std::string::npos);
    }
}
