// The two lines of a bulk body, and what never gets into one.
#include "sinks/elasticsearch/encoder.h"

#include "event/batch.h"

#include <doctest/doctest.h>
#include <rapidjson/document.h>

using namespace logboom;
using namespace logboom::sinks;

namespace {

struct encoder_fixture {
    event_batch batch;
    target_options target;

    encoder_fixture() {
        target.index = "logs-%{+yyyy.MM.dd}";
        target.action = "index";
        target.stream_type = "logs";
        target.stream_dataset = "generic";
        target.stream_namespace = "default";
        constexpr std::int64_t moment = 1'700'000'000'000'000'000;
        batch.add(moment).set("message", value::of(std::string_view("hi")));
        batch.events[0].origin = {.stream = "agent/7/0", .position = 42, .topic = "logs"};
    }
    event& first() { return batch.events[0]; }
    std::string encoded(bulk* into = nullptr) {
        bulk own;
        bulk& to = into == nullptr ? own : *into;
        const auto refused = event_encoder(target).encode(first(), 0, to);
        return refused ? "refused: " + refused->type : to.body;
    }
    std::string action() {
        const std::string all = encoded();
        return all.substr(0, all.find('\n'));
    }
    rapidjson::Document document() {
        const std::string all = encoded();
        rapidjson::Document out;
        out.Parse(all.substr(all.find('\n') + 1));
        REQUIRE_FALSE(out.HasParseError());
        return out;
    }
    value map_of(std::initializer_list<std::pair<const char*, const char*>> members) {
        value out = value::new_map(batch.memory);
        for (const auto& [key, text] : members) {
            out.as_map().put(batch.memory, key, value::of(std::string_view(text)));
        }
        return out;
    }
};

} // namespace

TEST_SUITE("sinks/elasticsearch") {
    TEST_CASE_FIXTURE(
        encoder_fixture, "an event becomes an action with a daily index, and a document"
    ) {
        bulk into;
        CHECK(
            encoded(&into) ==
            "{\"index\":{\"_index\":\"logs-2023.11.14\",\"_id\":\"agent/7/0/42\"}}\n"
            "{\"@timestamp\":\"2023-11-14T22:13:20.000Z\",\"@version\":\"1\",\"message\":\"hi\"}\n"
        );
        REQUIRE(into.items.size() == 1);
        CHECK(into.action_of(into.items[0]).back() == '\n');
        CHECK(into.document_of(into.items[0]).front() == '{');
        CHECK(into.document_of(into.items[0]).back() == '}');
        CHECK(into.items[0].id_is_origin);
        CHECK(into.origins.empty());
    }

    TEST_CASE_FIXTURE(encoder_fixture, "the id comes from the origin unless the user has a say") {
        first().origin.part = 3;
        CHECK(action().find("\"_id\":\"agent/7/0/42.3\"") != std::string::npos);
        target.id_from_origin = false;
        CHECK(action().find("_id") == std::string::npos);
        target.id_from_origin = true;
        target.document_id = "%{message}!";
        bulk into;
        CHECK(encoded(&into).find("\"_id\":\"hi!\"") != std::string::npos);
        CHECK(into.origin_of(into.items[0]) == "agent/7/0/42.3");
        CHECK(event_encoder(target).is_ordered());
    }

    TEST_CASE_FIXTURE(encoder_fixture, "what would spoil a whole request never gets into one") {
        target.document_id = std::string(513, 'x');
        CHECK(encoded() == "refused: id_too_long");
        target.document_id = std::string(512, 'x');
        CHECK(encoded().find("refused") == std::string::npos);
        target.action = "%{message}";
        bulk into;
        CHECK(encoded(&into) == "refused: bad_action");
        CHECK(into.items.empty());
        CHECK(into.body.empty());
    }

    TEST_CASE_FIXTURE(
        encoder_fixture, "an index name with an unknown field is refused, or dropped on request"
    ) {
        target.index = "logs-%{nothing}";
        CHECK(encoded() == "refused: bad_index_name");
        target.dead_letter_bad_index_name = false;
        bulk into;
        const auto refused = event_encoder(target).encode(first(), 0, into);
        REQUIRE(refused);
        CHECK(refused->is_dropped);
    }

    TEST_CASE_FIXTURE(encoder_fixture, "routing, pipeline and version are filled in") {
        target.index = "i";
        target.document_id = "1";
        target.routing = "r-%{message}";
        target.pipeline = "p";
        target.version = "7";
        target.version_type = "external";
        bulk into;
        const std::string text = encoded(&into);
        CHECK(
            text.substr(0, text.find('\n')) ==
            R"({"index":{"_index":"i","_id":"1","routing":"r-hi","pipeline":"p","version":"7","version_type":"external"}})"
        );
        CHECK(into.items[0].is_versioned);
    }

    TEST_CASE_FIXTURE(encoder_fixture, "[@metadata][_ingest_document] has the last word") {
        first().metadata().put(
            batch.memory,
            "_ingest_document",
            map_of({{"index", "other"}, {"id", "own"}, {"routing", "r"}, {"pipeline", "_none"}})
        );
        target.routing = "mine";
        CHECK(
            action() ==
            R"({"index":{"_index":"other","_id":"own","routing":"r","pipeline":"_none"}})"
        );
    }

    TEST_CASE_FIXTURE(encoder_fixture, "updates wrap the document, deletes have none") {
        target.action = "update";
        target.document_id = "1";
        target.doc_as_upsert = true;
        auto parsed = document();
        CHECK(parsed["doc"]["message"] == "hi");
        CHECK(parsed["doc_as_upsert"] == true);
        CHECK(action().find("\"retry_on_conflict\":1") != std::string::npos);
        target.doc_as_upsert = false;
        target.upsert = "{\"a\":\n1}";
        CHECK(document()["upsert"]["a"] == 1);
        target.action = "delete";
        bulk into;
        CHECK(encoded(&into).find('\n') == into.body.size() - 1);
        CHECK(into.document_of(into.items[0]).empty());
    }

    TEST_CASE_FIXTURE(
        encoder_fixture, "a data stream is named by the settings, and the document says so"
    ) {
        target.is_data_stream = true;
        target.action = "create";
        CHECK(action() == R"({"create":{"_index":"logs-generic-default","_id":"agent/7/0/42"}})");
        auto parsed = document();
        CHECK(parsed["data_stream"]["dataset"] == "generic");
        CHECK(parsed["message"] == "hi");
        target.sync_fields = false;
        CHECK_FALSE(document().HasMember("data_stream"));
    }

    TEST_CASE_FIXTURE(encoder_fixture, "an event can name its own data stream, in part") {
        target.is_data_stream = true;
        target.action = "create";
        first().set("data_stream", map_of({{"dataset", "nginx"}, {"x", "kept"}}));
        CHECK(action().find("\"_index\":\"logs-nginx-default\"") != std::string::npos);
        auto parsed = document();
        CHECK(parsed["data_stream"]["type"] == "logs");
        CHECK(parsed["data_stream"]["dataset"] == "nginx");
        CHECK(parsed["data_stream"]["x"] == "kept");
        CHECK(parsed["message"] == "hi");
        target.auto_routing = false;
        CHECK(action().find("\"_index\":\"logs-generic-default\"") != std::string::npos);
        CHECK(document()["data_stream"]["dataset"] == "generic");
    }
}
