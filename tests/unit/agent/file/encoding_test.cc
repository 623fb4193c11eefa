// Files in UTF-16, on a real directory.
#include "tests/unit/agent/file/support.h"

#include <doctest/doctest.h>

TEST_SUITE_BEGIN("agent/encoding");

using namespace logboom;
using namespace logboom::agent::test;
using fixture = file_input_fixture;
using strings = std::vector<std::string>;

namespace {

/// Takes UTF-16 with the low byte first.
class wide_codec final : public test_codec<line_decoder> {
  public:
    [[nodiscard]] text_units units() const noexcept override { return text_units::utf16_le; }
};

constexpr const char* mark = "\xef\xbb\xbf";

} // namespace

TEST_CASE_FIXTURE(fixture, "a file that begins with UTF-16's mark is read as what it is") {
    for (const text_units units : {text_units::utf16_le, text_units::utf16_be}) {
        CAPTURE(static_cast<int>(units));
        const temporary_directory place;
        const temporary_directory state;
        collecting_sink got;
        auto what = given();
        what.paths = {place / "*.log"};
        what.data_directory = state.path();
        place.append("a.log", in_units(std::string(mark) + "fir\xc3\xa4st\n\xe0\xa8\x8a\n", units));
        {
            running_input input(what, got);
            REQUIRE(got.wait_for(2));
            // In the middle of a character.
            const std::string more = in_units("\xf0\x9f\x90\xb3 third\n", units);
            place.append("a.log", more.substr(0, 3));
            place.append("a.log", more.substr(3));
            REQUIRE(got.wait_for(3));
            input.stop();
        }
        place.append("a.log", in_units("fourth\n", units));
        running_input input(what, got);
        REQUIRE(got.wait_for(4));
        CHECK(
            got.texts() ==
            strings{"fir\xc3\xa4st", "\xe0\xa8\x8a", "\xf0\x9f\x90\xb3 third", "fourth"}
        );
        CHECK(got.items()[0].origin.ends_with("/0/0"));
    }
}

TEST_CASE_FIXTURE(fixture, "a file without a mark is cut as the codec's charset says") {
    auto what = given();
    what.codec = std::make_shared<wide_codec>();
    logs.append("a.log", in_units("\xe0\xa8\x8a\nb\n", text_units::utf16_le));
    running_input input(what, sink);
    REQUIRE(sink.wait_for(2));
    CHECK(sink.texts()[0] == in_units("\xe0\xa8\x8a", text_units::utf16_le));
    CHECK(sink.texts()[1] == in_units("b", text_units::utf16_le));
}

TEST_CASE_FIXTURE(fixture, "a mark that says another order than the codec's charset is right") {
    auto what = given();
    what.codec = std::make_shared<wide_codec>();
    logs.append("a.log", in_units(std::string(mark) + "ab\n", text_units::utf16_be));
    running_input input(what, sink);
    REQUIRE(sink.wait_for(1));
    CHECK(sink.texts()[0] == in_units("ab", text_units::utf16_le));
}

TEST_CASE_FIXTURE(fixture, "files in UTF-16 and others are read side by side") {
    logs.append("a.log", "plain\n");
    logs.append("b.log", in_units(std::string(mark) + "wide\n", text_units::utf16_le));
    running_input input(given(), sink);
    REQUIRE(sink.wait_for(2));
    auto got = sink.texts();
    std::sort(got.begin(), got.end());
    CHECK(got == strings{"plain", "wide"});
}

TEST_SUITE_END();
