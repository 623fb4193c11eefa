#include "base/memory_env.h"
#include "buffer/broker/net/send_queue.h"

#include <doctest/doctest.h>

#include <array>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

TEST_SUITE_BEGIN("buffer/broker/net/send_queue");

namespace logboom::broker {
namespace {

struct queue_fixture {
    queue_fixture() {
        REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends.data()) == 0);
    }
    ~queue_fixture() {
        ::close(ends[0]);
        ::close(ends[1]);
    }
    /// All that the other side gets.
    std::string drain() {
        std::string got;
        for (int i = 0; i < 10'000; ++i) {
            std::array<char, 65536> buffer{};
            for (ssize_t size = 0; (size = ::recv(ends[1], buffer.data(), buffer.size(), 0)) > 0;) {
                got.append(buffer.data(), static_cast<std::size_t>(size));
            }
            if (queue.empty()) {
                break;
            }
            REQUIRE(queue.send_some(ends[0]).failure.empty());
        }
        return got;
    }
    /// "head", then the file's content in the gap, then "tail".
    void add_around(const std::shared_ptr<file>& source, std::size_t length) {
        encoded_response answer;
        answer.head = "headtail";
        answer.gaps.push_back({.position = 4, .size = length, .token = 0});
        answer.regions.push_back({{source, 0, length}});
        queue.add(std::move(answer));
    }

    std::array<int, 2> ends{};
    send_queue queue;
};

TEST_CASE_FIXTURE(queue_fixture, "small answers leave together, in their order") {
    queue.add({"one ", {}, {}});
    queue.add({"two ", {}, {}});
    queue.add({std::string(100'000, 'x'), {}, {}});
    queue.add({" four", {}, {}});
    CHECK(queue.held() == 100'013);
    const auto first = queue.send_some(ends[0]);
    CHECK(first.sent > 8);
    CHECK(queue.held() == 100'013 - first.sent);
    const std::string rest = drain();
    CHECK(rest == "one two " + std::string(100'000, 'x') + " four");
    CHECK(queue.empty());
    CHECK(queue.held() == 0);
}

TEST_CASE_FIXTURE(queue_fixture, "regions of files lie between the bytes around them") {
    const std::string content(3'000'000, 'r');
    std::shared_ptr<file> source;
    memory_env memory;
    std::string path = "/tmp/logboom-send-queue-XXXXXX";
    SUBCASE("of a file with a descriptor") {
        ::close(::mkstemp(path.data()));
        source = *make_posix_env()->open(path, open_mode::read_write);
    }
    SUBCASE("of one without") {
        source = *memory.open("f", open_mode::truncate);
    }
    REQUIRE(source->pwrite(as_bytes(content), 0).has_value());
    add_around(source, content.size());
    queue.add({"next", {}, {}});
    const bool same = drain() == "head" + content + "tailnext";
    CHECK(same);
    CHECK(queue.held() == 0);
    ::unlink(path.c_str());
}

TEST_CASE_FIXTURE(queue_fixture, "a file that is shorter than its records ends the connection") {
    memory_env memory;
    const std::shared_ptr<file> source = *memory.open("f", open_mode::truncate);
    REQUIRE(source->pwrite(as_bytes("short"), 0).has_value());
    add_around(source, 100);
    CHECK(queue.send_some(ends[0]).sent == 4);
    CHECK_FALSE(queue.send_some(ends[0]).failure.empty());
}

TEST_CASE_FIXTURE(queue_fixture, "a full socket is no failure, a closed one is") {
    queue.add({std::string(10'000'000, 'x'), {}, {}});
    send_queue::outcome done{.may_go_on = true};
    while (done.may_go_on) {
        done = queue.send_some(ends[0]);
    }
    CHECK(done.failure.empty());
    CHECK(queue.held() > 0);
    ::shutdown(ends[1], SHUT_RD);
    CHECK_FALSE(queue.send_some(ends[0]).failure.empty());
    queue.clear();
    CHECK(queue.held() == 0);
}

} // namespace
} // namespace logboom::broker

TEST_SUITE_END();
