// Options, help and output as commands see them, without CLI11.
#include "cli/command_line.h"

#include <doctest/doctest.h>

#include <cerrno>
#include <fcntl.h>
#include <unistd.h>

using namespace logboom::cli;

namespace {

/// A program with one command that takes one of everything.
struct tool {
    program root{"logboom", "a program", "logboom 1"};
    std::string topic = "none";
    int partition = -1;
    std::int64_t limit = -1;
    std::vector<std::string> properties;
    std::string key;
    std::string acks;
    std::string codec;
    bool list = false;
    int runs = 0;
    /// Nothing is printed where nothing is asked for.
    output out{-1};

    tool() {
        command_line command = root.root().add_command("tool", "does it");
        command.add_option("--topic,-t", topic, "the topic").show_default();
        command.add_option("--partition", partition, "which one").in_range(0, 9);
        command.add_option("--limit", limit, "how many");
        command.add_option("--property", properties, "name=value").one_value_each();
        command
            .add_option(
                "--key", [this](const std::string& value) { key = value; }, "a key"
            )
            .take_last();
        command.add_option("--acks", acks, "0, 1 or all").one_of({"0", "1", "all"});
        command.add_option("--codec", codec, "a codec").value_may_be_missing("gzip");
        command.add_flag("--list", list, "list them");
        command.when_chosen([this] {
            ++runs;
            return exit_code::failed;
        });
    }

    exit_code run(std::vector<const char*> words) {
        words.insert(words.begin(), {"logboom", "tool"});
        return root.run(static_cast<int>(words.size()), words.data(), out);
    }
};

} // namespace

TEST_SUITE("cli/command_line") {
    TEST_CASE("values reach their variables, and the command's exit code is the program's") {
        tool given;
        CHECK(
            given.run(
                {"-t",
                 "logs",
                 "--partition",
                 "9",
                 "--limit=-5000000000",
                 "--property",
                 "a=1",
                 "--property",
                 "b=2",
                 "--key",
                 "x",
                 "--key",
                 "y",
                 "--acks",
                 "all",
                 "--codec",
                 "--list"}
            ) == exit_code::failed
        );
        CHECK(given.runs == 1);
        CHECK(given.topic == "logs");
        CHECK(given.partition == 9);
        CHECK(given.limit == -5'000'000'000);
        CHECK(given.properties == std::vector<std::string>{"a=1", "b=2"});
        CHECK(given.key == "y");
        CHECK(given.acks == "all");
        CHECK(given.codec == "gzip");
        CHECK(given.list);
    }

    TEST_CASE("what is not given stays as it is") {
        tool given;
        CHECK(given.run({}) == exit_code::failed);
        CHECK(given.topic == "none");
        CHECK(given.partition == -1);
        CHECK_FALSE(given.list);
    }

    TEST_CASE("a wrong value is bad usage and nothing runs") {
        const std::vector<std::vector<const char*>> lines{
            {"--partition", "x"},
            {"--partition", "1x"},
            {"--partition", "10"},
            {"--limit", "99999999999999999999"},
            {"--acks", "2"},
            {"--topic"},
            {"--topic", "a", "--topic", "b"},
            {"--property", "a=1", "b=2"},
            {"--unheard-of"},
        };
        for (const auto& words : lines) {
            CAPTURE(words.back());
            tool given;
            CHECK(given.run(words) == exit_code::bad_usage);
            CHECK(given.runs == 0);
        }
    }

    TEST_CASE("a command can be asked what it takes") {
        tool given;
        const auto commands = given.root.root().commands();
        REQUIRE(commands.size() == 1);
        CHECK(commands.front().name() == "tool");
        CHECK(commands.front().doc() == "does it");
        const option topic = commands.front().find_option("--topic");
        CHECK(topic.names() == std::vector<std::string>{"--topic", "-t"});
        CHECK(topic.doc() == "the topic");
        CHECK(topic.takes_value());
        CHECK_FALSE(commands.front().find_option("--list").takes_value());
    }

    TEST_CASE("output that cannot be written is an error once, and stays one") {
        const int full = ::open("/dev/full", O_WRONLY | O_CLOEXEC);
        REQUIRE(full >= 0);
        output out(full);
        CHECK(out.print("a line\n"));
        CHECK_FALSE(out.flush());
        CHECK(out.problem() == ENOSPC);
        CHECK_FALSE(out.print("another"));
        CHECK(finish(out, exit_code::done) == exit_code::failed);
        CHECK(finish(out, exit_code::bad_usage) == exit_code::bad_usage);
        // A large text does not wait for the end.
        output large(full);
        CHECK_FALSE(large.print(std::string(100000, 'x')));
        ::close(full);
    }

    TEST_CASE("output goes out in order, whatever its size") {
        int ends[2];
        REQUIRE(::pipe(ends) == 0);
        output out(ends[1]);
        CHECK(out.print("one "));
        CHECK(out.print(std::string(65536 - 4, 'x')));
        CHECK(out.print("two"));
        std::string got(65536, 0);
        CHECK(::read(ends[0], got.data(), got.size()) == 65536);
        CHECK(got.starts_with("one xxx"));
        CHECK(finish(out, exit_code::done) == exit_code::done);
        CHECK(::read(ends[0], got.data(), got.size()) == 3);
        CHECK(got.starts_with("two"));
        ::close(ends[0]);
        ::close(ends[1]);
    }
}
