// How bytes become lines: the same ones however they are cut, by delimiter, limit and encoding.
#include "agent/file/line_cutter.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

TEST_SUITE_BEGIN("agent/line_cutter");

using namespace logboom;
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
    void operator()(const line& each) {
        const std::string mark = each.is_truncated ? "..." : each.is_left_out ? "-" : "";
        lines.push_back({std::string(each.text) + mark, each.position, each.end, each.is_split});
    }
};

/// Lines, and behind them what was passed over.
std::vector<kept>
split(const std::vector<std::string_view>& chunks, const std::string& delimiter, line_limit limit) {
    line_cutter splitter(delimiter, limit);
    collector into;
    for (const std::string_view each : chunks) {
        splitter.feed(each, into);
    }
    splitter.finish(into);
    splitter.take_passed(1'000'000, [&](const passed_run& each) {
        into.lines.push_back({"passed", each.position, each.position + each.size, false});
    });
    return into.lines;
}

line_limit pieces_of(std::size_t size) {
    return {long_line_policy::split, size};
}

/// Other ways to cut must not matter.
void check_all_cuts(const std::string& text, const std::string& delimiter, line_limit limit) {
    const auto expected = split({text}, delimiter, limit);
    const std::string_view all = text;
    for (std::size_t first = 0; first <= text.size(); ++first) {
        for (std::size_t second = first; second <= text.size(); ++second) {
            const auto cut = split(
                {all.substr(0, first), all.substr(first, second - first), all.substr(second)},
                delimiter,
                limit
            );
            CAPTURE(first);
            CAPTURE(second);
            REQUIRE(cut == expected);
        }
    }
    std::vector<std::string_view> single;
    for (std::size_t i = 0; i < text.size(); ++i) {
        single.push_back(all.substr(i, 1));
    }
    CHECK(split(single, delimiter, limit) == expected);
}

} // namespace

TEST_CASE("lines know where they begin and end") {
    const auto lines = split({"one\n\nthree\n"}, "\n", pieces_of(100));
    CHECK(
        lines == std::vector<kept>{{"one", 0, 4, false}, {"", 4, 5, false}, {"three", 5, 11, false}}
    );
}

TEST_CASE("the same lines come out however the bytes are cut") {
    const std::string text =
        "one\r\n\r\ntwo\rthree\r\n\xf0\x9f\x90\xb3 whale\r\na line that is too long\r\nrest";
    for (const std::string& delimiter :
         {std::string("\n"), std::string("\r\n"), std::string("\xb3 w")}) {
        for (const auto policy :
             {long_line_policy::split, long_line_policy::truncate, long_line_policy::skip}) {
            check_all_cuts(text, delimiter, {policy, 10});
            check_all_cuts(text, delimiter, {policy, 1});
        }
    }
}

TEST_CASE("a line over the limit comes in pieces of that length") {
    const auto lines = split({"0123456789abc\nok\n"}, "\n", pieces_of(5));
    CHECK(
        lines ==
        std::vector<kept>{
            {"01234", 0, 5, true},
            {"56789", 5, 10, true},
            {"abc", 10, 14, true},
            {"ok", 14, 17, false}}
    );
    CHECK(split({"01234\n"}, "\n", pieces_of(5)) == std::vector<kept>{{"01234", 0, 6, false}});
}

TEST_CASE("of a line over the limit the front comes, or nothing, and the rest is passed over") {
    const std::string_view text = "0123456789abc\nok\n";
    CHECK(
        split({text}, "\n", {long_line_policy::truncate, 5}) ==
        std::vector<kept>{
            {"01234...", 0, 14, false}, {"ok", 14, 17, false}, {"passed", 5, 13, false}}
    );
    CHECK(
        split({text}, "\n", {long_line_policy::skip, 5}) ==
        std::vector<kept>{{"-", 0, 14, false}, {"ok", 14, 17, false}, {"passed", 0, 13, false}}
    );
}

TEST_CASE("the rest of a line whose front was given up is passed over") {
    line_cutter splitter("\r\n", pieces_of(100));
    splitter.skip_line(10);
    collector into;
    splitter.feed("rest\r", into);
    splitter.feed("\nok\r\n", into);
    CHECK(into.lines == std::vector<kept>{{"ok", 16, 20, false}});
    std::int64_t passed = 0;
    splitter.take_passed(16, [&](const passed_run& each) { passed += each.size; });
    CHECK(passed == 6);
}

TEST_CASE("NULs before a line are passed over, and many in one end it") {
    const std::string many(64, '\0');
    const std::string few(63, '\0');
    const std::string text = many + "one\n" + few + "two" + few + "\nthr" + many + "four\n";
    CHECK(
        split({text}, "\n", pieces_of(100)) ==
        std::vector<kept>{
            {"one", 64, 68, false},
            {"two" + few, 131, 198, false},
            {"thr", 198, 201, false},
            {"four", 265, 270, false},
            {"passed", 0, 64, false},
            {"passed", 68, 131, false},
            {"passed", 201, 265, false}}
    );
    CHECK(split({text}, std::string(1, '\0'), pieces_of(1000)).front().text.empty());
}

TEST_CASE("NULs are the same however the bytes are cut") {
    const std::string few(3, '\0');
    const std::string many(70, '\0');
    for (const auto policy :
         {long_line_policy::split, long_line_policy::truncate, long_line_policy::skip}) {
        check_all_cuts(
            few + "a" + few + "bc\r\n" + few + "too long" + many + "\nd", "\r\n", {policy, 6}
        );
        check_all_cuts("a" + many + few + "\r" + few + "\n" + few, "\r\n", {policy, 100});
    }
}

TEST_CASE("NULs need not be fed") {
    line_cutter fed("\n", pieces_of(100));
    line_cutter told("\n", pieces_of(100));
    collector first;
    collector second;
    fed.feed("ha" + std::string(100, '\0') + "lf\n", first);
    told.feed("ha", second);
    told.feed_blank({.holes = 60, .nuls = 40});
    CHECK(told.next_position() == 102);
    told.feed("lf\n", second);
    CHECK(first.lines == second.lines);
}

TEST_CASE("lines of UTF-16 end at its newlines alone, however the bytes are cut") {
    // U+0A0A, U+0A00, U+000A's bytes in two characters, and one of two units.
    const std::string text = "a\xe0\xa8\x8a\n\xe0\xa8\x80\xc4\x8a\xc4\x80\n\xf0\x9f\x90\xb3 long\n";
    for (const text_units units : {text_units::utf16_le, text_units::utf16_be}) {
        for (const std::size_t limit : {100UL, 5UL, 1UL}) {
            for (const auto policy : {long_line_policy::split, long_line_policy::truncate}) {
                const std::string bytes = in_units(text, units);
                const auto lines = [&](std::size_t chunk) {
                    line_cutter cutter("\n", pieces_of(100));
                    cutter.expect(units, in_units("\n", units), {policy, limit});
                    collector into;
                    for (std::size_t i = 0; i < bytes.size(); i += chunk) {
                        cutter.feed(std::string_view(bytes).substr(i, chunk), into);
                    }
                    cutter.finish(into);
                    return into.lines;
                };
                const auto expected = lines(bytes.size());
                for (std::size_t chunk = 1; chunk < bytes.size(); ++chunk) {
                    REQUIRE(lines(chunk) == expected);
                }
                if (limit == 100) {
                    REQUIRE(expected.size() == 3);
                    CHECK(expected[1].text == in_units("\xe0\xa8\x80\xc4\x8a\xc4\x80", units));
                }
                if (policy == long_line_policy::split) {
                    std::string joined;
                    for (const kept& each : expected) {
                        joined += each.text;
                    }
                    std::string shown;
                    append_utf16(joined, units, shown);
                    CHECK(shown.find("\xf0\x9f\x90\xb3") != std::string::npos);
                }
            }
        }
    }
}

TEST_CASE("what has no delimiter is held and its position is known") {
    line_cutter splitter("\n", pieces_of(100));
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
