// Where offsets go, and the texts that say so, right and wrong.
#include "buffer/client/reset_offsets.h"

#include <doctest/doctest.h>

#include <limits>

using namespace logboom;
using namespace logboom::client;

namespace {

reset_facts facts(std::int64_t current, std::int64_t at_time = -1) {
    return {{"logs", partition_id(0)}, offset(current), offset(100), offset(200), offset(at_time)};
}
std::int64_t to(reset_kind kind, const reset_facts& known, std::int64_t number = 0) {
    const auto found = reset_to({kind, number}, known);
    return found ? found->value() : -2;
}

} // namespace

TEST_SUITE("buffer/client/reset_offsets") {
    TEST_CASE("a reset stays within the log") {
        CHECK(to(reset_kind::earliest, facts(150)) == 100);
        CHECK(to(reset_kind::latest, facts(150)) == 200);
        CHECK(to(reset_kind::to_offset, facts(150), 120) == 120);
        CHECK(to(reset_kind::to_offset, facts(150), 5) == 100);
        CHECK(to(reset_kind::to_offset, facts(150), 999) == 200);
        CHECK(to(reset_kind::shift_by, facts(150), -20) == 130);
        CHECK(to(reset_kind::shift_by, facts(150), -2000) == 100);
        CHECK(to(reset_kind::shift_by, facts(150), 2000) == 200);
        CHECK(
            to(reset_kind::shift_by, facts(150), std::numeric_limits<std::int64_t>::max()) == 200
        );
        CHECK(
            to(reset_kind::shift_by, facts(150), std::numeric_limits<std::int64_t>::min()) == 100
        );
        CHECK(to(reset_kind::shift_by, facts(-1), 1) == -2);
        CHECK(to(reset_kind::current, facts(150)) == 150);
        CHECK(to(reset_kind::current, facts(-1)) == 200);
        CHECK(to(reset_kind::to_time, facts(150, 170)) == 170);
        CHECK(to(reset_kind::to_time, facts(150, -1)) == 200);
    }

    TEST_CASE("a time is read as Kafka's tool reads it") {
        CHECK(parse_reset_time("1970-01-01T00:00:00.000") == timestamp_ms(0));
        CHECK(parse_reset_time("2024-05-01T12:30:15.250") == timestamp_ms(1714566615250));
        CHECK(parse_reset_time("2024-05-01T12:30:15.250Z") == timestamp_ms(1714566615250));
        CHECK(parse_reset_time("2024-05-01T12:30:15.250+02:00") == timestamp_ms(1714559415250));
        CHECK(parse_reset_time("2024-05-01T12:30:15-0530") == timestamp_ms(1714586415000));
        CHECK(parse_reset_time("2024-05-01T12:30") == timestamp_ms(1714566600000));
        CHECK(parse_reset_time("2024-05-01") == timestamp_ms(1714521600000));
        // -1 and -2 would ask for the end and the beginning.
        CHECK(parse_reset_time("1969-12-31T23:59:59.999") == timestamp_ms(0));
        CHECK(parse_reset_time("1234-05-06") == timestamp_ms(0));
        for (const char* wrong :
             {"",
              "yesterday",
              "2024-13-01",
              "2024-02-30T00:00:00",
              "2024-05-01T25:00",
              "2024-05-01T12:30:15.",
              "2024-05-01T12:30:15x"}) {
            CAPTURE(wrong);
            CHECK_FALSE(parse_reset_time(wrong).has_value());
        }
    }

    TEST_CASE("an ISO duration is read") {
        using namespace std::chrono_literals;
        CHECK(parse_iso_duration("P1D") == 24h);
        CHECK(parse_iso_duration("PT1H30M") == 90min);
        CHECK(parse_iso_duration("P2DT3H4M5.5S") == 48h + 3h + 4min + 5500ms);
        CHECK(parse_iso_duration("-PT1H30M") == -90min);
        CHECK(parse_iso_duration("PT-5.5S") == -5500ms);
        CHECK(parse_iso_duration("PT-0.5S") == -500ms);
        CHECK(parse_iso_duration("P1DT-1H") == 23h);
        for (const char* wrong :
             {"",
              "P",
              "1D",
              "PT",
              "P1H",
              "P1",
              "PTxS",
              "P1DT",
              "P1.5D",
              "PT1.5H",
              "P1D2D",
              "PT1M1H",
              "PT1HT1M",
              "PT1H1D",
              "P9999999999D"}) {
            CAPTURE(wrong);
            CHECK_FALSE(parse_iso_duration(wrong).has_value());
        }
    }

    TEST_CASE("an exported file is read back") {
        const auto plain = parse_reset_file("logs,0,10\n\"logs\",1,20\n\n", "g").value();
        REQUIRE(plain.size() == 2);
        CHECK(plain[1] == partition_offset{{"logs", partition_id(1)}, offset(20)});
        const auto grouped = parse_reset_file("g,logs,0,10\nother,logs,1,20", "g").value();
        REQUIRE(grouped.size() == 1);
        const auto wrong = parse_reset_file("logs,0,10\nlogs,x,1\n", "g");
        REQUIRE(wrong.has_error());
        CHECK(wrong.error().text().find("line 2") == 0);
        CHECK(parse_reset_file("logs,0,-5", "g").has_error());
        CHECK(parse_reset_file("logs", "g").has_error());
    }

    TEST_CASE("topics are chosen with or without partitions") {
        CHECK(parse_topic_choice("logs").value().partitions.empty());
        const auto chosen = parse_topic_choice("logs:0,2").value();
        CHECK(chosen.topic == "logs");
        CHECK(chosen.partitions == std::vector{partition_id(0), partition_id(2)});
        CHECK(parse_topic_choice("logs:a").has_error());
        CHECK(parse_topic_choice("logs:").has_error());
    }

    TEST_CASE("partitions are chosen by the pattern of a whole topic name and a range") {
        const auto matches = [](const char* patterns, const char* topic, int partition) {
            const auto parsed = partition_patterns::parse(patterns);
            REQUIRE_MESSAGE(parsed.has_value(), patterns);
            return parsed.value().matches({topic, partition_id(partition)});
        };
        CHECK(matches("logs", "logs", 3));
        CHECK_FALSE(matches("log", "logs", 3));
        CHECK(matches("log|logs", "logs", 3));
        CHECK(matches("l.*", "logs", 3));
        CHECK(matches("", "logs", 3));
        CHECK(matches(":3", "logs", 3));
        CHECK(matches("logs:", "logs", 3));
        CHECK(matches("logs:1-3", "logs", 2));
        CHECK_FALSE(matches("logs:1-3", "logs", 3));
        CHECK(matches("logs:1-", "logs", 3));
        CHECK_FALSE(matches("logs:-3", "logs", 3));
        CHECK(matches("other:0,logs:3", "logs", 3));
        CHECK_FALSE(matches("(a+)+", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!", 0));
        for (const char* wrong :
             {"a:x",
              "a:1:2",
              "a:1-2-3",
              "a:1--2",
              "a:99999999999999999999",
              "a:2147483648",
              "a[",
              ")(",
              "a:1-x",
              "a:-x"}) {
            CAPTURE(wrong);
            CHECK(partition_patterns::parse(wrong).has_error());
        }
    }
}
