// JSON out, and UTF-8.
#include "event/batch.h"
#include "event/json_writer.h"
#include "event/utf8.h"

#include <doctest/doctest.h>

#include <limits>
#include <random>

using namespace logboom;

namespace {

std::string json_text(std::string_view text) {
    std::string out;
    append_json_string(text, out);
    return out;
}
std::string json_of(const value& from) {
    std::string out;
    append_json(from, out);
    return out;
}

} // namespace

TEST_SUITE("event/json_writer") {
    TEST_CASE("an event is one object, @metadata is not in it") {
        event_batch batch;
        event& it = batch.add(0);
        it.set("message", value::of(std::string_view("hi")));
        it.set(field_reference::of("[host][name]"), value::of(std::string_view("h")));
        it.set(field_reference::of("[@metadata][x]"), value::of(true));
        it.set("none", value());
        it.set("list", value::new_array(batch.memory));
        it.set("map", value::new_map(batch.memory));
        std::string out;
        append_json(it, out);
        CHECK(
            out == R"({"@timestamp":"1970-01-01T00:00:00.000Z","@version":"1","message":"hi",)"
                   R"("host":{"name":"h"},"none":null,"list":[],"map":{}})"
        );
    }

    TEST_CASE("numbers keep their kind") {
        CHECK(
            json_of(value::of(std::numeric_limits<std::int64_t>::min())) == "-9223372036854775808"
        );
        CHECK(json_of(value::of(1.0)) == "1.0");
        CHECK(json_of(value::of(0.1)) == "0.1");
        CHECK(json_of(value::of(1e300)) == "1.0E300");
        CHECK(json_of(value::of(std::numeric_limits<double>::quiet_NaN())) == R"("NaN")");
        CHECK(json_of(value::of(-std::numeric_limits<double>::infinity())) == R"("-Infinity")");
    }

    TEST_CASE("what JSON forbids in a string is escaped") {
        CHECK(json_text("a\"b\\c/d") == R"("a\"b\\c/d")");
        CHECK(json_text("\n\t\r\b\f") == R"("\n\t\r\b\f")");
        CHECK(json_text(std::string_view("\0\x1f\x7f", 3)) == "\"\\u0000\\u001F\x7f\"");
        // The mark stands in each of the eight places of a word, and behind one.
        for (std::size_t at = 0; at < 20; ++at) {
            std::string text(20, 'x');
            text[at] = '\x01';
            std::string expected = text;
            expected.replace(at, 1, "\\u0001");
            CHECK(json_text(text) == '"' + expected + '"');
        }
    }

    TEST_CASE("UTF-8 stays, and bytes that are none become U+FFFD") {
        CHECK(
            json_text("caf\xC3\xA9 \xE2\x82\xAC \xF0\x9F\x98\x80") ==
            "\"caf\xC3\xA9 \xE2\x82\xAC \xF0\x9F\x98\x80\""
        );
        CHECK(json_text("a\xE9z") == "\"a\xEF\xBF\xBDz\"");
        CHECK(json_text("\xC3") == "\"\xEF\xBF\xBD\"");
        CHECK(json_text("\xC0\x80") == "\"\xEF\xBF\xBD\xEF\xBF\xBD\"");
        CHECK(json_text("\xED\xA0\x80").size() == 2 + 9);
    }

    TEST_CASE("random bytes never make invalid output") {
        std::mt19937 random(11);
        std::uniform_int_distribution<int> any(0, 255);
        for (int round = 0; round < 3000; ++round) {
            std::string text(static_cast<std::size_t>(any(random) % 60), '\0');
            for (char& each : text) {
                each = static_cast<char>(any(random));
            }
            const std::string out = json_text(text);
            CHECK(is_utf8(out));
            for (const char each : out) {
                CHECK(static_cast<unsigned char>(each) >= 0x20);
            }
        }
    }
}

TEST_SUITE("event/utf8") {
    TEST_CASE("only what the standard allows is valid") {
        for (const char* good :
             {"",
              "a",
              "\xC2\x80",
              "\xDF\xBF",
              "\xE0\xA0\x80",
              "\xED\x9F\xBF",
              "\xEF\xBF\xBF",
              "\xF0\x90\x80\x80",
              "\xF4\x8F\xBF\xBF"}) {
            CAPTURE(good);
            CHECK(is_utf8(good));
        }
        for (const char* bad :
             {"\x80",
              "\xC1\xBF",
              "\xC2",
              "\xE0\x9F\xBF",
              "\xED\xA0\x80",
              "\xF0\x8F\xBF\xBF",
              "\xF4\x90\x80\x80",
              "\xF5\x80\x80\x80",
              "\xE2\x82",
              "abcdefgh\xFF"}) {
            CAPTURE(bad);
            CHECK_FALSE(is_utf8(bad));
        }
        CHECK(utf8_valid_prefix("abcdefghi\xC3\xA9\xE9x") == 11);
    }

    TEST_CASE("every code point survives") {
        for (char32_t code = 1; code < 0x110000; code += 7) {
            if (code >= 0xD800 && code < 0xE000) {
                continue;
            }
            std::string text;
            utf8_append(code, text);
            CHECK(utf8_length(text) == text.size());
            CHECK(utf8_decode(text, text.size()) == code);
        }
    }

    TEST_CASE("Ruby's inspect") {
        const auto inspect = [](std::string_view text) {
            std::string out;
            append_ruby_inspect(text, out);
            return out;
        };
        CHECK(inspect("caf\xE9 \"q\"") == R"(caf\xE9 \"q\")");
        CHECK(inspect("a\n\t\x1b\\ #{x} #x") == R"(a\n\t\e\\ \#{x} #x)");
        CHECK(inspect(std::string_view("\0\x1f", 2)) == R"(\u0000\u001F)");
        CHECK(inspect("\x7f") == R"(\x7F)");
        CHECK(inspect("caf\xC3\xA9") == "caf\xC3\xA9");
        CHECK(inspect("\xC2\x85") == R"(\u0085)");
    }
}
