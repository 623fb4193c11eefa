#include "agent/file/line_cutter.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

TEST_SUITE_BEGIN("agent/line_cutter");

using namespace logboom::agent;

namespace {

struct kept {
    std::string text;
    std::int64_t position;
    std::int64_t end;
    bool is_split;

    friend bool operator==(const kept&, const kept&) = default;
};

struct collector {
    std::vector<kept> lines;
    bool operator()(const line& each) {
        lines.push_back({std::string(each.text), each.position, each.end, each.is_split});
        return true;
    }
};

std::vector<kept> split(
    const std::vector<std::string_view>& chunks,
    const std::string& delimiter,
    std::size_t line_size_max
) {
    line_cutter splitter(delimiter, line_size_max);
    collector into;
    for (const std::string_view each : chunks) {
        splitter.feed(each, into);
    }
    splitter.finish(into);
    return into.lines;
}

} // namespace

TEST_CASE("lines know where they begin and end") {
    const auto lines = split({"one\n\nthree\n"}, "\n", 100);
    CHECK(
        lines == std::vector<kept>{{"one", 0, 4, false}, {"", 4, 5, false}, {"three", 5, 11, false}}
    );
}

TEST_CASE("the same lines come out however the bytes are cut") {
    const std::string text =
        "one\r\n\r\ntwo\rthree\r\n\xf0\x9f\x90\xb3 whale\r\na line that is too long\r\nrest";
    for (const std::string& delimiter :
         {std::string("\n"), std::string("\r\n"), std::string("\xb3 w")}) {
        const auto expected = split({text}, delimiter, 10);
        for (std::size_t first = 0; first <= text.size(); ++first) {
            for (std::size_t second = first; second <= text.size(); ++second) {
                const std::string_view all = text;
                const auto cut = split(
                    {all.substr(0, first), all.substr(first, second - first), all.substr(second)},
                    delimiter,
                    10
                );
                CAPTURE(first);
                CAPTURE(second);
                REQUIRE(cut == expected);
            }
        }
        std::vector<std::string_view> single;
        for (std::size_t i = 0; i < text.size(); ++i) {
            single.push_back(std::string_view(text).substr(i, 1));
        }
        CHECK(split(single, delimiter, 10) == expected);
    }
}

TEST_CASE("a line over the limit comes in pieces of that length") {
    const auto lines = split({"0123456789abc\nok\n"}, "\n", 5);
    CHECK(
        lines ==
        std::vector<kept>{
            {"01234", 0, 5, true},
            {"56789", 5, 10, true},
            {"abc", 10, 14, true},
            {"ok", 14, 17, false}}
    );
    CHECK(split({"01234\n"}, "\n", 5) == std::vector<kept>{{"01234", 0, 6, false}});
}

TEST_CASE("what has no delimiter is held and its position is known") {
    line_cutter splitter("\n", 100);
    splitter.reset(50);
    collector into;
    splitter.feed("half a", into);
    CHECK(into.lines.empty());
    CHECK(splitter.line_start() == 50);
    CHECK(splitter.next_position() == 56);
    splitter.feed(" line\n", into);
    CHECK(into.lines == std::vector<kept>{{"half a line", 50, 62, false}});
}

TEST_SUITE_END();
