// Times as text: ISO 8601, Joda's and java.time's letters.
#include "event/time/time_pattern.h"
#include "event/time/timestamp.h"

#include <doctest/doctest.h>

#include <random>

using namespace logboom;

namespace {

std::string iso(std::int64_t timestamp_ns) {
    std::string out;
    append_iso8601(timestamp_ns, out);
    return out;
}

std::string reprinted(std::string_view text) {
    const auto parsed = parse_iso8601(text);
    return parsed ? iso(*parsed) : "none";
}

std::string formatted(time_dialect dialect, std::string_view pattern, std::string_view at) {
    const time_pattern parsed(dialect, pattern);
    if (!parsed.problem().empty()) {
        return "refused";
    }
    std::string out;
    parsed.append(parse_iso8601(at).value(), out);
    return out;
}

std::string joda(std::string_view pattern, std::string_view at) {
    return formatted(time_dialect::joda, pattern, at);
}
std::string java(std::string_view pattern, std::string_view at) {
    return formatted(time_dialect::java, pattern, at);
}

} // namespace

TEST_SUITE("event/time/timestamp") {
    TEST_CASE("three decimals, or six or nine when the time is that fine") {
        CHECK(iso(0) == "1970-01-01T00:00:00.000Z");
        CHECK(iso(-1) == "1969-12-31T23:59:59.999999999Z");
        CHECK(iso(1'715'440'622'123'456'000) == "2024-05-11T15:17:02.123456Z");
        CHECK(iso(1'715'440'622'120'000'000) == "2024-05-11T15:17:02.120Z");
        CHECK(iso(1'709'164'800'000'000'001) == "2024-02-29T00:00:00.000000001Z");
    }

    TEST_CASE("what Logstash reads as a date is read") {
        CHECK(reprinted("2024-05-11T15:17:02.123456Z") == "2024-05-11T15:17:02.123456Z");
        CHECK(reprinted("2024-05-11T15:17:02+02:00") == "2024-05-11T13:17:02.000Z");
        CHECK(reprinted("2024-05-11T15:17:02-0330") == "2024-05-11T18:47:02.000Z");
        CHECK(reprinted("2024-05-11T15:17:02,5+02") == "2024-05-11T13:17:02.500Z");
        CHECK(reprinted("2024-05-11 15:17:02") == "2024-05-11T15:17:02.000Z");
        CHECK(reprinted("2024-05-11T15:17") == "2024-05-11T15:17:00.000Z");
        CHECK(reprinted("2024-05-11T15.5") == "2024-05-11T15:30:00.000Z");
        CHECK(reprinted("2024-05-11") == "2024-05-11T00:00:00.000Z");
        CHECK(reprinted("2024-05") == "2024-05-01T00:00:00.000Z");
        CHECK(reprinted("2024") == "2024-01-01T00:00:00.000Z");
        CHECK(reprinted("2024-132") == "2024-05-11T00:00:00.000Z");
        CHECK(reprinted("2024-W19-6") == "2024-05-11T00:00:00.000Z");
        CHECK(reprinted("2021-W01-1") == "2021-01-04T00:00:00.000Z");
        CHECK(reprinted("1969-12-31T23:59:59.5Z") == "1969-12-31T23:59:59.500Z");
        CHECK(reprinted("2024-05-11T24:00:00Z") == "2024-05-12T00:00:00.000Z");
        CHECK(reprinted("2024-05-11T15:17:02.1234567891Z") == "2024-05-11T15:17:02.123456789Z");
    }

    TEST_CASE("what is no date is none") {
        for (const char* bad : {
                 "",
                 "now",
                 "2024-13-01",
                 "2023-02-29",
                 "2024-05-11T25:00",
                 "2024-05-11T15:60",
                 "2024-05-11T15:17:60Z",
                 "2024-05-11T15:17:02 UTC",
                 "2024-05-11T15:17:02+0",
                 "2024-05-11x",
                 "2024-W54",
                 "2024-367",
                 "24-05-11",
                 "9999-01-01",
                 "1500-01-01",
                 "2024-05-11T15:17:02.Z",
                 "2024-05-11T24:00:01Z",
                 "-2024-01-01",
             }) {
            CAPTURE(bad);
            CHECK_FALSE(parse_iso8601(bad));
        }
    }

    TEST_CASE("every time survives being written and read") {
        std::mt19937_64 random(7);
        std::uniform_int_distribution<std::int64_t> any(-9'000'000'000, 9'000'000'000);
        for (int i = 0; i < 20'000; ++i) {
            const std::int64_t time = any(random) * 1'000'000'000 + any(random) % 1'000'000'000;
            CHECK(parse_iso8601(iso(time)) == time);
            CHECK(timestamp_from_civil(civil_from_timestamp(time)) == time);
        }
    }

    TEST_CASE("Joda and java.time part ways at the turn of a year") {
        const char* at = "2024-12-30T00:00:00Z";
        CHECK(joda("YYYY.MM.dd", at) == "2024.12.30");
        CHECK(java("YYYY.MM.dd", at) == "2025.12.30");
        CHECK(java("yyyy.MM.dd", at) == "2024.12.30");
        CHECK(joda("xxxx", at) == "2025");
        CHECK(java("xxxx", at) == "+0000");
        CHECK(joda("e", at) == "1");
        CHECK(java("e", at) == "2");
        CHECK(joda("ZZ", at) == "+00:00");
        CHECK(java("ZZ", at) == "+0000");
        CHECK(joda("ww", at) == "01");
        CHECK(joda("xxxx-'W'ww", "2021-01-01T00:00:00Z") == "2020-W53");
        CHECK(java("YYYY-'W'ww", "2021-01-01T00:00:00Z") == "2021-W01");
        CHECK(java("YYYY-'W'ww", "2021-08-11T00:00:00Z") == "2021-W33");
    }

    TEST_CASE("Joda's letters") {
        const char* at = "2024-05-01T15:07:02.123456Z";
        CHECK(joda("yyyy-MM-dd HH:mm:ss.SSS", at) == "2024-05-01 15:07:02.123");
        CHECK(joda("yy Y C G", at) == "24 2024 20 AD");
        CHECK(joda("M MM MMM MMMM", at) == "5 05 May May");
        CHECK(joda("d D DDD E EEEE", at) == "1 122 122 Wed Wednesday");
        CHECK(joda("K h k H a", at) == "3 3 15 15 PM");
        CHECK(joda("k K h", "2024-05-01T00:00:00Z") == "24 0 12");
        CHECK(joda("SSSSSS", at) == "123000");
        CHECK(joda("z zzzz Z ZZZ", at) == "UTC Coordinated Universal Time +0000 UTC");
        CHECK(joda("'at' HH'h' ''", at) == "at 15h '");
        CHECK(joda("yyyy.MM.dd'T''x'", at) == "2024.05.01T'x");
        CHECK(joda("Q", at) == "refused");
    }

    TEST_CASE("java.time's letters") {
        const char* at = "2024-05-01T15:07:02.123456789Z";
        CHECK(java("uuuu-MM-dd'T'HH:mm:ss.SSSSSSSSS", at) == "2024-05-01T15:07:02.123456789");
        CHECK(java("SSS n", at) == "123 123456789");
        CHECK(java("yy MMM MMMMM LLLL Q QQQ QQQQ", at) == "24 May M May 2 Q2 2nd quarter");
        CHECK(java("E EEEE EEEEE e c", at) == "Wed Wednesday W 4 4");
        CHECK(java("X XXX x xxx Z ZZZZ ZZZZZ VV z O", at) == "Z Z +00 +00:00 +0000 GMT Z Z Z GMT");
        CHECK(java("W A N", at) == "1 54422123 54422123456789");
        CHECK(java("[yyyy]", at) == "2024");
        for (const char* bad : {"aa", "ddd", "HHH", "b", "#", "'open", "SSSSSSSSSS", "X XXXXXX"}) {
            CAPTURE(bad);
            CHECK(java(bad, at) == "refused");
        }
    }

    TEST_CASE("a pattern without an hour is the same all day") {
        CHECK(time_pattern(time_dialect::joda, "YYYY.MM.dd").is_daily());
        CHECK(time_pattern(time_dialect::java, "YYYY-'W'ww").is_daily());
        CHECK_FALSE(time_pattern(time_dialect::joda, "YYYY.MM.dd.HH").is_daily());
        CHECK_FALSE(time_pattern(time_dialect::joda, "a").is_daily());
        CHECK_FALSE(time_pattern(time_dialect::java, "SSS").is_daily());
    }
}
