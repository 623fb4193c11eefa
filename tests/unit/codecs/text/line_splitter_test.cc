#include "codecs/text/line_splitter.h"

#include <doctest/doctest.h>

#include <random>
#include <vector>

using namespace logboom;

namespace {

/// What a splitter hands over, fed with these reads and then flushed; what was too long ends in
/// "...".
std::vector<std::string> pieces_of(line_splitter with, const std::vector<std::string>& reads) {
    std::vector<std::string> all;
    const auto take = [&](const line_splitter::piece& piece) {
        all.push_back(std::string(piece.text) + (piece.is_too_long ? "..." : ""));
    };
    for (const std::string& each : reads) {
        with.feed(each, take);
    }
    with.flush(take);
    return all;
}

using pieces = std::vector<std::string>;

} // namespace

TEST_SUITE("codecs/text/line_splitter") {
    TEST_CASE("wherever the reads end, the pieces are those of the whole") {
        constexpr std::size_t plenty = 1000;
        for (const auto& [delimiter, letters, unit] : {
                 std::tuple{std::string("\n"), std::string("a\n"), 1},
                 {"||", "a|", 1},
                 {"aab", "ab", 1},
                 {std::string("\n\0", 2), std::string("\n\0a", 3), 2},
                 {std::string("\0\n", 2), std::string("\n\0a", 3), 2},
             }) {
            const line_splitter splitter(delimiter, plenty, static_cast<std::size_t>(unit));
            for (unsigned seed = 0; seed < 200; ++seed) {
                CAPTURE(seed);
                CAPTURE(delimiter);
                std::mt19937 random(seed);
                std::string whole;
                std::vector<std::string> reads(1);
                for (int i = 0; i < 40; ++i) {
                    const char each = letters[random() % letters.size()];
                    whole.push_back(each);
                    reads.back().push_back(each);
                    if (random() % 4 == 0) {
                        reads.emplace_back();
                    }
                }
                CHECK(pieces_of(splitter, reads) == pieces_of(splitter, {whole}));
            }
        }
    }

    TEST_CASE("a delimiter is found where it begins first, and an empty one never") {
        CHECK(pieces_of(line_splitter("||", 100), {"a|||b"}) == pieces{"a", "|b"});
        CHECK(pieces_of(line_splitter("", 100), {"a\n", "b"}) == pieces{"a\nb"});
    }

    TEST_CASE("what is complete in a read is a view of it, what is not is held") {
        line_splitter splitter("\n", 100);
        const std::string read = "one\ntwo";
        splitter.feed(read, [&](const line_splitter::piece& piece) {
            CHECK(piece.text == "one");
            CHECK(piece.is_in_data);
            CHECK(piece.text.data() == read.data());
        });
        CHECK(splitter.held() == 3);
        splitter.feed("\n", [&](const line_splitter::piece& piece) {
            CHECK(piece.text == "two");
            CHECK_FALSE(piece.is_in_data);
        });
        CHECK(splitter.held() == 0);
    }

    TEST_CASE("what is held is bounded, and what comes behind is not lost") {
        CHECK(
            pieces_of(line_splitter("\n", 4), {"abc", "de", "f\ng"}) == pieces{"abcde...", "f", "g"}
        );
        // Complete in its read it is no longer than the read.
        CHECK(pieces_of(line_splitter("\n", 4), {"abcdefgh\n"}) == pieces{"abcdefgh"});
    }

    TEST_CASE("a piece of UTF-16 that is too long ends between two units") {
        const std::string newline("\n\0", 2);
        const line_splitter splitter(newline, 4, 2);
        const std::string five("a\0b\0c", 5);
        const std::string rest("\0\n\0d\0", 5);
        CHECK(
            pieces_of(splitter, {five, rest}) ==
            pieces{
                std::string("a\0b\0...", 7),
                std::string("c\0", 2),
                std::string("d\0", 2),
            }
        );
    }
}
