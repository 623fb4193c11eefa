#include "agent/errc.h"
#include "agent/file/gzip_source.h"

#include <doctest/doctest.h>

TEST_SUITE_BEGIN("agent/gzip_source");

using namespace logboom;
using namespace logboom::agent;

namespace {

class memory_source final : public file_source {
  public:
    explicit memory_source(const std::string& bytes) : bytes_(bytes) {}

    result<std::size_t> read(char* into, std::size_t size, std::int64_t at) override {
        const auto from = std::min(static_cast<std::size_t>(at), bytes_.size());
        return bytes_.copy(into, size, from);
    }
    [[nodiscard]] result<file_stat> stat() const override { return file_stat{}; }
    [[nodiscard]] writers find_writers() const override { return writers::unknown; }

  private:
    const std::string& bytes_;
};

/// `flush` as deflate() takes it: Z_FINISH for a whole member.
std::string compressed(std::string_view text, int flush = Z_FINISH) {
    constexpr int window_bits = 15 + 16;
    z_stream stream{};
    REQUIRE(
        deflateInit2(&stream, Z_BEST_SPEED, Z_DEFLATED, window_bits, 8, Z_DEFAULT_STRATEGY) == Z_OK
    );
    std::string out(text.size() + 200, 0);
    std::string in(text);
    stream.next_in = reinterpret_cast<unsigned char*>(in.data());
    stream.avail_in = static_cast<unsigned>(in.size());
    stream.next_out = reinterpret_cast<unsigned char*>(out.data());
    stream.avail_out = static_cast<unsigned>(out.size());
    REQUIRE(deflate(&stream, flush) >= Z_OK);
    out.resize(stream.total_out);
    deflateEnd(&stream);
    return out;
}

struct fixture {
    std::string bytes;
    gzip_source source{std::make_unique<memory_source>(bytes)};
    std::int64_t position = 0;
    std::error_code problem;

    /// All there is.
    std::string read() {
        std::string out;
        std::string part(7, 0);
        while (true) {
            const auto count = source.read(part.data(), part.size(), position);
            if (count.has_error()) {
                problem = count.error().code;
                return out;
            }
            if (*count == 0) {
                return out;
            }
            position += static_cast<std::int64_t>(*count);
            out.append(part, 0, *count);
        }
    }
};

constexpr std::string_view text =
    "one\ntwo\nthree\nfour, which is a little longer than the others\n";

} // namespace

TEST_CASE("a file that grows byte by byte is cut off until its last byte is there") {
    const std::string whole = compressed(text);
    fixture at;
    std::string out;
    for (const char each : whole) {
        out += at.read();
        CHECK(at.source.is_cut_off());
        at.bytes += each;
    }
    out += at.read();
    CHECK_FALSE(at.source.is_cut_off());
    CHECK(out == text);
    CHECK_FALSE(at.problem);
}

TEST_CASE_FIXTURE(fixture, "several members are one file, padding behind them is none of it") {
    bytes = compressed("a\n") + compressed("") + compressed("b\n");
    CHECK(read() == "a\nb\n");
    bytes += std::string(512, '\0');
    CHECK(read().empty());
    CHECK_FALSE(source.is_cut_off());
    bytes += compressed("c\n");
    CHECK(read() == "c\n");
    bytes += "no member";
    CHECK(read().empty());
    CHECK_FALSE(source.is_cut_off());
    CHECK_FALSE(problem);
}

TEST_CASE_FIXTURE(fixture, "positions may go back and leap") {
    bytes = compressed(text);
    CHECK(read() == text);
    position = 8;
    CHECK(read() == text.substr(8));
    position = 4;
    CHECK(read() == text.substr(4));
}

TEST_CASE_FIXTURE(fixture, "damage is told from an end, after what can be read before it") {
    SUBCASE("a header that is none") {
        bytes = "one\ntwo\n";
    }
    SUBCASE("a block of no kind") {
        bytes = compressed(text, Z_FULL_FLUSH) + "\x07";
    }
    SUBCASE("a wrong checksum") {
        bytes = compressed(text);
        bytes[bytes.size() - 6] ^= 1;
    }
    SUBCASE("a wrong length") {
        bytes = compressed(text);
        bytes[bytes.size() - 2] ^= 1;
    }
    const std::string before = read();
    CHECK(before == (bytes.starts_with("one") ? "" : text));
    CHECK(problem == make_error_code(errc::damaged_archive));
}

TEST_SUITE_END();
