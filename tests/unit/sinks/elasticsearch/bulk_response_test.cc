#include "sinks/elasticsearch/bulk_response.h"

#include <doctest/doctest.h>

#include <string>

using namespace logboom::sinks;

TEST_SUITE("sinks/elasticsearch") {
    TEST_CASE("an answer without errors has no exceptions, whatever the order of its keys") {
        const auto es7 = bulk_response::parse(
            R"({"took":3,"errors":false,"items":[{"index":{"status":201}},{"create":{"status":200}}]})",
            2
        );
        REQUIRE(es7);
        CHECK(es7->exceptions.empty());
        const auto es8 = bulk_response::parse(
            R"({"items":[{"index":{"_index":"a","status":201}}],"errors":false,"took":3})", 1
        );
        REQUIRE(es8);
        CHECK(es8->exceptions.empty());
    }

    TEST_CASE("failed items come with index, status, error type and reason") {
        const auto parsed = bulk_response::parse(
            R"({"errors":true,"items":[{"index":{"status":201}},
            {"index":{"error":{"root_cause":[{"type":"x","reason":"y"}],"type":"mapper_parsing_exception",
            "caused_by":{"type":"deep","caused_by":{"reason":"deepest"},"reason":"deeper"},
            "reason":"no \"number\""},"status":400}},
            {"create":{"status":201,"failure_store":"used"}},
            {"create":{"status":429,"error":"old style text"}}]})",
            4
        );
        REQUIRE(parsed);
        REQUIRE(parsed->exceptions.size() == 3);
        CHECK(parsed->exceptions[0].index == 1);
        CHECK(parsed->exceptions[0].status == 400);
        CHECK(parsed->exceptions[0].error_type == "mapper_parsing_exception");
        CHECK(parsed->exceptions[0].reason == "no \"number\": deeper");
        CHECK(parsed->exceptions[1].is_in_failure_store);
        CHECK(parsed->exceptions[1].status == 201);
        CHECK(parsed->exceptions[2].error_type == "old style text");
    }

    TEST_CASE("an answer that says nothing of some item is no answer") {
        const char* const one = R"({"errors":false,"items":[{"index":{"status":201}}]})";
        CHECK_FALSE(bulk_response::parse(R"({"errors":false,"items":[]})", 1));
        CHECK_FALSE(bulk_response::parse(one, 2));
        CHECK(bulk_response::parse(one, 1));
        CHECK_FALSE(bulk_response::parse(one, 0));
        CHECK_FALSE(bulk_response::parse(R"({"items":[{"index":{}}]})", 1));
        CHECK_FALSE(bulk_response::parse(R"({"items":[{"index":{"status":99999}}]})", 1));
        CHECK_FALSE(bulk_response::parse(R"({"items":[{"index":{"status":201}})", 1));
        CHECK_FALSE(bulk_response::parse("", 0));
        CHECK_FALSE(bulk_response::parse("<html>proxy</html>", 1));
        CHECK_FALSE(bulk_response::parse("[]", 0));
    }

    TEST_CASE("deep nesting does not use the stack, and long reasons are cut") {
        const std::string deep(200'000, '[');
        CHECK_FALSE(bulk_response::parse(deep, 1));
        const auto parsed = bulk_response::parse(
            R"({"items":[{"index":{"status":400,"error":{"type":"t","reason":")" +
                std::string(100'000, 'r') + R"("}}}]})",
            1
        );
        REQUIRE(parsed);
        CHECK(parsed->exceptions[0].reason.size() == bulk_response::text_size_max);
    }
}
