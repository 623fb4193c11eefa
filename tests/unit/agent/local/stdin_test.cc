#include "agent/local/stdin.h"
#include "tests/unit/agent/file/support.h"

#include <doctest/doctest.h>

#include <fcntl.h>
#include <unistd.h>

TEST_SUITE_BEGIN("agent/stdin");

using namespace logboom;
using namespace logboom::agent::test;
using strings = std::vector<std::string>;

namespace {

/// Standard input is a pipe for as long as it lives.
class piped_stdin {
  public:
    piped_stdin() : kept_(::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0)) {
        int ends[2] = {-1, -1};
        REQUIRE(::pipe(ends) == 0);
        ::dup2(ends[0], STDIN_FILENO);
        ::close(ends[0]);
        writer_ = ends[1];
    }
    ~piped_stdin() {
        end();
        if (kept_ >= 0) {
            ::dup2(kept_, STDIN_FILENO);
            ::close(kept_);
        }
    }
    void write(std::string_view text) const {
        REQUIRE(::write(writer_, text.data(), text.size()) == static_cast<ssize_t>(text.size()));
    }
    void end() {
        if (writer_ >= 0) {
            ::close(std::exchange(writer_, -1));
        }
    }

  private:
    int kept_;
    int writer_ = -1;
};

/// Takes what a read gave for lines.
class chunk_decoder final : public decoder {
  public:
    void decode(bytes_view data, bool, std::int64_t now_ns, event_batch& into) override {
        const std::string_view text = as_text(data);
        for (std::size_t begin = 0; begin < text.size();) {
            const std::size_t end = std::min(text.find('\n', begin), text.size());
            joiner_.decode(as_bytes(text.substr(begin, end - begin)), false, now_ns, into);
            begin = end + 1;
        }
    }
    void flush(std::int64_t now_ns, event_batch& into) override { joiner_.flush(now_ns, into); }
    bool is_holding() const noexcept override { return joiner_.is_holding(); }
    std::optional<std::chrono::nanoseconds> hold_limit() const noexcept override {
        return joiner_.hold_limit();
    }

  private:
    hasty_decoder joiner_;
};

struct fixture {
    fixture() {
        options.finish({});
        const plugin_context context{
            .options = options,
            .codec = std::make_shared<test_codec<chunk_decoder>>(),
            .time = time,
            .counters = counters,
            .log = {},
            .host_name = "box"};
        made = agent::stdin_input.make(context).value();
    }
    void start() {
        thread = std::jthread([this](std::stop_token stop) { made->run(sink, stop); });
    }

    piped_stdin pipe;
    plugin_options options{"stdin input", agent::stdin_input.table};
    metrics counters;
    real_clock time;
    collecting_sink sink;
    std::unique_ptr<input> made;
    std::jthread thread;
};

} // namespace

TEST_CASE_FIXTURE(fixture, "what a codec holds comes when nothing more has come for its time") {
    start();
    pipe.write("one\n a\n");
    REQUIRE(sink.wait_for(1));
    CHECK(sink.texts() == strings{"one| a"});
    pipe.write("two\n");
    REQUIRE(sink.wait_for(2));
    CHECK(sink.texts() == strings{"one| a", "two"});
}

TEST_CASE_FIXTURE(fixture, "what a codec holds comes at the end, and at a stop") {
    start();
    pipe.write("one\ntwo\n");
    pipe.end();
    thread.join();
    CHECK(sink.texts() == strings{"one", "two"});
}

TEST_CASE_FIXTURE(fixture, "a stop brings what lies in the pipe by then") {
    pipe.write("one\ntwo\n");
    std::stop_source stopped;
    stopped.request_stop();
    made->run(sink, stopped.get_token());
    CHECK(sink.texts() == strings{"one", "two"});
}

TEST_SUITE_END();
