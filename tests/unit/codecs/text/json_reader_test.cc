// JSON in: what is kept, what is refused, and where.
#include "codecs/text/json_reader.h"
#include "event/json_writer.h"
#include "event/utf8.h"

#include <doctest/doctest.h>

#include <cmath>
#include <random>

using namespace logboom;

namespace {

std::string rewritten(std::string_view text) {
    arena memory;
    const auto read = read_json(text, memory);
    if (read.has_error()) {
        return "error";
    }
    std::string out;
    append_json(*read, out);
    return out;
}

/// Makes values of every kind and shape, from a seed.
class value_maker {
  public:
    value_maker(arena& memory, unsigned seed) : memory_(memory), random_(seed) {}

    value make(int depth) {
        switch (pick(depth > 0 ? 8 : 6)) {
        case 0:
            return {};
        case 1:
            return value::of(pick(2) == 1);
        case 2:
            return value::of(static_cast<std::int64_t>(random_()));
        case 3:
            return value::of(number());
        case 4:
            return value::of(std::int64_t{pick(1000)});
        case 5:
            return value::of(text());
        case 6: {
            value list = value::new_array(memory_);
            for (int i = pick(5); i > 0; --i) {
                list.as_array().push_back(memory_, make(depth - 1));
            }
            return list;
        }
        default: {
            value map = value::new_map(memory_);
            for (int i = pick(30); i > 0; --i) {
                map.as_map().put(memory_, text(), make(depth - 1));
            }
            return map;
        }
        }
    }

  private:
    int pick(int below) { return static_cast<int>(random_() % static_cast<unsigned>(below)); }
    double number() {
        for (;;) {
            const auto bits = random_();
            double out = 0;
            std::memcpy(&out, &bits, sizeof(out));
            if (std::isfinite(out)) {
                return out;
            }
        }
    }
    std::string_view text() {
        std::string out;
        for (int i = pick(20); i > 0; --i) {
            const auto code = static_cast<char32_t>(pick(10) == 0 ? pick(0x20000) : pick(0x80));
            utf8_append(code >= 0xD800 && code < 0xE000 ? U'x' : code, out);
        }
        return memory_.copy(out);
    }

    arena& memory_;
    std::mt19937_64 random_;
};

} // namespace

TEST_SUITE("codecs/text/json_reader") {
    TEST_CASE("documents come back as they were") {
        CHECK(
            rewritten(R"( {"a":[1,-2.5,true,null,"x"],"b":{}} )") ==
            R"({"a":[1,-2.5,true,null,"x"],"b":{}})"
        );
        CHECK(rewritten(R"("\u00e9\ud83d\ude00\n\/")") == "\"\xC3\xA9\xF0\x9F\x98\x80\\n/\"");
        CHECK(rewritten("1.0") == "1.0");
        CHECK(rewritten("1e2") == "100.0");
    }

    TEST_CASE("what is in no UTF-8 string becomes U+FFFD, in keys too") {
        CHECK(
            rewritten(R"("a\ude00\ud83dz\ud83d\u0041")") ==
            "\"a\xEF\xBF\xBD\xEF\xBF\xBDz\xEF\xBF\xBD"
            "A\""
        );
        CHECK(rewritten("{\"\xE9\":\"\xFF\"}") == "{\"\xEF\xBF\xBD\":\"\xEF\xBF\xBD\"}");
    }

    TEST_CASE("integers of 64 bits keep every digit, greater ones become floats") {
        CHECK(rewritten("9223372036854775807") == "9223372036854775807");
        CHECK(rewritten("-9223372036854775808") == "-9223372036854775808");
        CHECK(rewritten("9223372036854775808") == "9223372036854775808");
        CHECK(rewritten("18446744073709551615") == "18446744073709551615");
        CHECK(rewritten("18446744073709551616") == "1.8446744073709552E19");
        CHECK(rewritten("-9223372036854775809") == "-9.223372036854776E18");
        CHECK(rewritten("123456789012345678901234567890") == "1.2345678901234568E29");
    }

    TEST_CASE("of a repeated key the last one counts, in small maps and in big ones") {
        CHECK(rewritten(R"({"a":1,"b":2,"a":3,"a":4})") == R"({"a":4,"b":2})");
        std::string text = "{";
        for (int i = 0; i < 100; ++i) {
            text += "\"k" + std::to_string(i % 50) + "\":" + std::to_string(i) + ",";
        }
        text.back() = '}';
        arena memory;
        const value read = read_json(text, memory).value();
        CHECK(read.as_map().size == 50);
        CHECK(read.as_map().find("k0")->as_integer() == 50);
        CHECK(read.as_map().find("k49")->as_integer() == 99);
    }

    TEST_CASE("what is not JSON is an error that says where") {
        for (const char* bad :
             {"",
              "{",
              "[1,]",
              "{\"a\":}",
              "{'a':1}",
              "nul",
              "1 2",
              "\"\n\"",
              "NaN",
              "{\"a\":1}x"}) {
            CAPTURE(bad);
            CHECK(rewritten(bad) == "error");
        }
        CHECK(rewritten(std::string_view("{}\0{}", 5)) == "error");
        CHECK(rewritten(std::string_view("\"a\0b\"", 5)) == "error");
        arena memory;
        CHECK(read_json("{\"a\":tru}", memory).error().text().find("byte 5") != std::string::npos);
    }

    TEST_CASE("depth and size are bounded") {
        arena memory;
        const auto nested = [](std::size_t depth) {
            return std::string(depth, '[') + std::string(depth, ']');
        };
        CHECK(read_json(nested(500), memory).has_value());
        CHECK(read_json(nested(501), memory).error() == error(text_errc::json_too_deep));
        CHECK(read_json(nested(1'000'000), memory).error() == error(text_errc::json_too_deep));
        CHECK(read_json("[1,2]", memory, {10, 4}).error() == error(text_errc::json_too_long));
    }

    TEST_CASE("any value survives being written and read") {
        for (unsigned seed = 0; seed < 400; ++seed) {
            CAPTURE(seed);
            arena memory;
            const value made = value_maker(memory, seed).make(4);
            std::string text;
            append_json(made, text);
            const auto back = read_json(text, memory);
            REQUIRE(back.has_value());
            CHECK(*back == made);
        }
    }
}
