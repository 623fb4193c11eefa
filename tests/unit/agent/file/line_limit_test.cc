// Lines of the default limit fit a record, whatever is in them.
#include "agent/file/line_cutter.h"
#include "event/json_writer.h"
#include "event/utf8.h"

#include <doctest/doctest.h>

#include <random>

TEST_SUITE_BEGIN("agent/line_limit");

using namespace logboom;
using namespace logboom::agent;

namespace {

/// In an event, as the codecs make one of it.
std::size_t size_in_json(std::string_view text) {
    std::string shown(text);
    if (!is_utf8(text)) {
        shown.clear();
        append_ruby_inspect(text, shown);
    }
    std::string json;
    append_json_string(shown, json);
    return 2 * json.size();
}

/// So many bytes of these, over and over.
std::string text_of(std::string_view unit, std::size_t size) {
    std::string out;
    while (out.size() < size) {
        out += unit;
    }
    return out;
}

} // namespace

TEST_CASE("pieces fit a record of a topic, whatever they hold, and are as large as that allows") {
    constexpr std::size_t message_size = 1'048'588;
    const line_limit limit = line_limit::of_topic(long_line_policy::split);
    std::mt19937 random(1);
    std::string noise;
    for (int i = 0; i < 1'200'000; ++i) {
        noise.push_back(static_cast<char>(random() % 256));
    }
    for (const std::string& text :
         {text_of("x", 1'200'000),
          text_of("\"", 1'200'000),
          text_of("{\"a\":1}", 1'200'000),
          text_of(std::string_view("\0", 1), 1'200'000),
          text_of("\x01\x7f", 1'200'000),
          text_of("\xc3\xa4", 1'200'000),
          text_of("\xc2\x80", 1'200'000),
          text_of("\xff", 1'200'000),
          text_of("x", 500'000) + text_of("\xff", 1'200'000),
          text_of("\"", 200'000) + text_of("\xff\"", 1'200'000),
          noise}) {
        std::string_view rest = text;
        while (!rest.empty()) {
            const std::size_t size = limit.fit(rest);
            REQUIRE(size > 0);
            CHECK(size_in_json(rest.substr(0, size)) < message_size - 20'000);
            rest.remove_prefix(size);
        }
    }
    CHECK(limit.fit(text_of("x", 1'200'000)) > 500'000);
    CHECK(limit.fit(text_of("\xc3\xa4", 1'200'000)) > 500'000);
}

TEST_CASE("pieces end between characters, and are the same however their line is read") {
    std::string text = text_of("\xe2\x82\xac\"\t\xf0\x9f\x90\xb3", 1'500'000);
    text[700'001] = '\xff';
    text += '\n';
    std::vector<std::pair<std::int64_t, std::int64_t>> expected;
    for (const std::size_t chunk : {text.size(), std::size_t{262'144}, std::size_t{65'537}}) {
        line_cutter cutter("\n", line_limit::of_topic(long_line_policy::split));
        std::vector<std::pair<std::int64_t, std::int64_t>> got;
        for (std::string_view rest = text; !rest.empty();) {
            const std::string_view part = rest.substr(0, chunk);
            cutter.feed(part, [&](const line& each) { got.emplace_back(each.position, each.end); });
            rest.remove_prefix(part.size());
        }
        if (expected.empty()) {
            expected = got;
        }
        CHECK(got == expected);
    }
    CHECK(expected.size() > 2);
    CHECK(
        utf8_valid_prefix(
            std::string_view(text).substr(0, static_cast<std::size_t>(expected[0].second))
        ) == static_cast<std::size_t>(expected[0].second)
    );
}

TEST_SUITE_END();
