#include "buffer/broker/net/frame_assembler.h"
#include "buffer/broker/net/wrong_protocol.h"
#include "codecs/kafka/wire_writer.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <random>

TEST_SUITE_BEGIN("buffer/broker/frame_assembler");

namespace logboom::broker {
namespace {

std::string frame_of(std::string_view body) {
    kafka::wire_writer to;
    to.integer(static_cast<std::int32_t>(body.size()));
    to.append(as_bytes(body));
    return to.take_buffer();
}

/// Gives `stream` to an assembler in reads of at most `step` bytes, as a socket would.
class feeding {
  public:
    feeding(memory_budget& budget, std::size_t scratch_size, std::size_t frame_size_max)
        : scratch_(scratch_size), frames_(budget, frame_size_max) {}

    std::vector<std::string> feed(std::string_view stream, std::size_t step) {
        std::vector<std::string> got;
        while (!stream.empty() && frames_.status() == frame_assembler::verdict::fine) {
            const auto into = frames_.buffers(scratch_);
            std::size_t taken = 0;
            for (const mutable_bytes each : into) {
                const std::size_t size = std::min({each.size(), stream.size(), step - taken});
                std::copy_n(as_bytes(stream).begin(), size, each.begin());
                stream.remove_prefix(size);
                taken += size;
                if (size < each.size()) {
                    break;
                }
            }
            frames_.received(taken);
            while (const auto frame = frames_.next()) {
                got.emplace_back(as_text(*frame));
            }
            frames_.stash();
            std::fill(scratch_.begin(), scratch_.end(), std::byte{0xEE});
        }
        return got;
    }
    frame_assembler& frames() { return frames_; }

  private:
    std::vector<std::byte> scratch_;
    frame_assembler frames_;
};

TEST_CASE("frames come out whole however the stream is cut") {
    std::mt19937 random(7);
    std::string stream;
    std::vector<std::string> sent;
    for (int i = 0; i < 40; ++i) {
        const std::size_t size = i % 9 == 0 ? 70'000 + random() % 5000 : 8 + random() % 300;
        sent.emplace_back(size, static_cast<char>('a' + i % 26));
        stream += frame_of(sent.back());
    }
    for (const std::size_t step : {1UL, 3UL, 64UL, 1000UL, 100'000UL}) {
        for (const std::size_t scratch : {16UL, 1024UL, 262'144UL}) {
            memory_budget budget(1 << 30);
            {
                feeding from(budget, scratch, 1 << 20);
                CHECK(from.feed(stream, step) == sent);
                CHECK_FALSE(from.frames().is_inside_frame());
            }
            CHECK(budget.used() == 0);
        }
    }
}

TEST_CASE("an announced size takes no memory before its bytes are here") {
    memory_budget budget(1 << 30);
    feeding from(budget, 4096, 100 << 20);
    kafka::wire_writer to;
    to.integer<std::int32_t>(100 << 20);
    to.append(as_bytes(std::string_view("0123456789")));
    CHECK(from.feed(to.buffer(), 4096).empty());
    CHECK(from.frames().is_inside_frame());
    CHECK(budget.used() < 64 << 10);
}

TEST_CASE("sizes below 8, negative ones and those beyond the limit are refused") {
    for (const std::int32_t size : {0, 7, -1, INT32_MIN}) {
        memory_budget budget(1 << 20);
        feeding from(budget, 4096, 1000);
        kafka::wire_writer to;
        to.integer(size);
        CHECK(from.feed(to.buffer(), 4096).empty());
        CHECK(from.frames().status() == frame_assembler::verdict::too_small);
    }
    memory_budget budget(1 << 20);
    feeding from(budget, 4096, 1000);
    CHECK(from.feed("GET / HTTP/1.1\r\n", 4096).empty());
    CHECK(from.frames().status() == frame_assembler::verdict::too_large);
    CHECK(std::string_view(guess_protocol(from.frames().offending())) == "HTTP");
    CHECK(budget.used() < 1024);
}

TEST_CASE("HTTP, TLS and SSH are known by their first bytes") {
    CHECK(guess_protocol("POST /x") != nullptr);
    CHECK(guess_protocol(std::string_view("\x16\x03\x01\x02\x00\x01", 6)) != nullptr);
    CHECK(guess_protocol("SSH-2.0") != nullptr);
    CHECK(guess_protocol(std::string_view("\x00\x00\x00\x20\x00\x12", 6)) == nullptr);
}

TEST_CASE("who finds the budget exhausted is called when there is room") {
    memory_budget budget(100);
    CHECK(budget.may_read(0));
    budget.charge(150);
    CHECK_FALSE(budget.may_read(0));
    CHECK_FALSE(budget.may_read(100));
    CHECK(budget.may_read(150));
    int calls = 0;
    budget.wait([&] { ++calls; });
    budget.release(40);
    CHECK(calls == 0);
    budget.release(30);
    CHECK(calls == 1);
}

} // namespace
} // namespace logboom::broker

TEST_SUITE_END();
