// The whole file input on a real directory: reading, following, restarts, what it says and
// counts.
#include "agent/file/sincedb.h"
#include "tests/unit/agent/file/support.h"
#include "tests/unit/wait.h"

#include <doctest/doctest.h>
#include <zlib.h>

#include <future>
#include <set>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/un.h>

TEST_SUITE_BEGIN("agent/file_input");

using namespace logboom;
using namespace logboom::agent::test;
using fixture = file_input_fixture;
using strings = std::vector<std::string>;

namespace {

void write_gzip(const std::string& path, std::string_view text) {
    gzFile to = gzopen(path.c_str(), "wb");
    gzwrite(to, text.data(), static_cast<unsigned>(text.size()));
    gzclose(to);
}

/// A line each, in no order that compresses well.
std::string numbers(int count) {
    std::string text;
    for (int i = 0; i < count; ++i) {
        text += std::to_string(static_cast<std::int64_t>(i) * 7919 % 99991) + "\n";
    }
    return text;
}

} // namespace

TEST_CASE_FIXTURE(fixture, "lines that are there and lines that come are read once and in order") {
    logs.append("a.log", "one\ntwo\n");
    running_input input(given(), sink);
    REQUIRE(sink.wait_for(2));
    logs.append("a.log", "three\n");
    REQUIRE(sink.wait_for(3));
    CHECK(sink.texts() == strings{"one", "two", "three"});
    CHECK(input.counters.sum("logboom_agent_lines_total") == 3);
}

TEST_CASE_FIXTURE(fixture, "a line is pushed a few milliseconds after it was written") {
    logs.append("a.log", "one\n");
    running_input input(given(), sink);
    REQUIRE(sink.wait_for(1));
    const auto start = std::chrono::steady_clock::now();
    logs.append("a.log", "two\n");
    REQUIRE(sink.wait_for(2));
    CHECK(std::chrono::steady_clock::now() - start < 100ms);
}

TEST_CASE_FIXTURE(fixture, "by default files that are there at first are read from their end") {
    logs.append("a.log", "old\n");
    auto what = given();
    what.options.erase(what.options.begin());
    running_input input(what, sink);
    REQUIRE(eventually([&] { return input.counters.sum("logboom_agent_files") == 1; }));
    logs.append("a.log", "new\n");
    REQUIRE(sink.wait_for(1));
    logs.append("b.log", "whole\n");
    REQUIRE(sink.wait_for(2));
    CHECK(sink.texts() == strings{"new", "whole"});
}

TEST_CASE_FIXTURE(fixture, "events carry host, path and where they come from") {
    logs.append("a.log", "one\ntwo\n");
    const field_reference name = field_reference::of("[host][name]");
    const field_reference path = field_reference::of("[log][file][path]");
    std::vector<std::string> seen;
    sink.decide = [&](const event_batch& batch) {
        const event& first = batch.events.at(0);
        seen = {
            std::string(first.get(name)->as_string()), std::string(first.get(path)->as_string())};
        return collecting_sink::verdict::deliver;
    };
    running_input input(given(), sink);
    REQUIRE(sink.wait_for(2));
    CHECK(seen == strings{"box", logs / "a.log"});
    event_origin origin;
    const std::string text = sink.items().at(1).origin;
    REQUIRE(event_origin::parse(text, origin));
    CHECK(origin.position == 4);
    CHECK(origin.stream.ends_with("/0"));
    CHECK(sink.items().at(1).path == logs / "a.log");
}

TEST_CASE_FIXTURE(fixture, "without ECS host and path are plain fields") {
    logs.append("a.log", "one\n");
    auto what = given();
    what.ecs = ecs_mode::disabled;
    std::vector<std::string> seen;
    sink.decide = [&](const event_batch& batch) {
        const event& first = batch.events.at(0);
        seen = {
            std::string(first.get("host")->as_string()),
            std::string(first.get("path")->as_string())};
        return collecting_sink::verdict::deliver;
    };
    running_input input(what, sink);
    REQUIRE(sink.wait_for(1));
    CHECK(seen == strings{"box", logs / "a.log"});
}

TEST_CASE_FIXTURE(fixture, "a restart goes on where it stopped, with the same names for lines") {
    logs.append("a.log", "one\n");
    {
        running_input input(given(), sink);
        REQUIRE(sink.wait_for(1));
        input.stop();
    }
    logs.append("a.log", "two\n");
    running_input input(given(), sink);
    REQUIRE(sink.wait_for(2));
    CHECK(sink.texts() == strings{"one", "two"});
    const auto items = sink.items();
    CHECK(
        items[0].origin.substr(0, items[0].origin.rfind('/')) ==
        items[1].origin.substr(0, items[1].origin.rfind('/'))
    );
}

TEST_CASE_FIXTURE(fixture, "lines that were not acknowledged are read again after a kill") {
    logs.append("a.log", "one\ntwo\n");
    sink.decide = [](const event_batch&) { return collecting_sink::verdict::keep; };
    {
        running_input input(given(), sink);
        REQUIRE(sink.wait_for(2));
        input.kill();
    }
    sink.decide = {};
    running_input input(given(), sink);
    REQUIRE(sink.wait_for(4));
    CHECK(sink.texts() == strings{"one", "two", "one", "two"});
    const auto items = sink.items();
    CHECK(items[0].origin == items[2].origin);
    CHECK(items[1].origin == items[3].origin);
}

TEST_CASE_FIXTURE(fixture, "a full pipeline holds up reading, and nothing else") {
    sink.decide = [](const event_batch&) { return collecting_sink::verdict::keep; };
    logs.append("a.log", "one\n");
    auto what = given();
    what.options.emplace_back("sincedb_path", data / "sincedb");
    running_input input(what, sink);
    REQUIRE(sink.wait_for(1));
    sink.set_full(true);
    logs.append("a.log", "two\n");
    REQUIRE(sink.wait_until_full());
    const std::size_t offers = sink.offers();
    logs.append("b.log", "three\n");
    // What was acknowledged meanwhile is remembered.
    sink.deliver_kept();
    CHECK(eventually([&] {
        std::ifstream from(data / "sincedb");
        const std::string text{std::istreambuf_iterator<char>(from), {}};
        return text.find(" 4 8 ") != std::string::npos;
    }));
    // It waits to be told and does not try again and again.
    CHECK(sink.offers() == offers);
    CHECK(sink.texts() == strings{"one"});
    sink.set_full(false);
    REQUIRE(sink.wait_for(3));
    CHECK(sink.texts() == strings{"one", "two", "three"});
}

TEST_CASE_FIXTURE(fixture, "lines that were lost on the way are read again") {
    logs.append("a.log", "one\ntwo\n");
    std::atomic<int> batches{0};
    sink.decide = [&](const event_batch&) {
        return ++batches == 1 ? collecting_sink::verdict::lose : collecting_sink::verdict::deliver;
    };
    running_input input(given(), sink);
    REQUIRE(sink.wait_for(4));
    CHECK(sink.texts() == strings{"one", "two", "one", "two"});
}

TEST_CASE_FIXTURE(fixture, "a file renamed inside the glob is followed and not read again") {
    logs.append("a.log", "one\n");
    running_input input(given("*"), sink);
    REQUIRE(sink.wait_for(1));
    std::ofstream writer(logs / "a.log", std::ios::app);
    logs.rename("a.log", "a.log.1");
    for (int i = 0; i < 1000; ++i) {
        writer << "old " << i << '\n' << std::flush;
    }
    logs.append("a.log", "new\n");
    REQUIRE(sink.wait_for(1002));
    // After a search of the directory that began with both names in it.
    logs.append("b.log", "last\n");
    REQUIRE(sink.wait_for(1003));
    input.stop();
    const auto texts = sink.texts();
    REQUIRE(texts.size() == 1003);
    CHECK(texts[1] == "old 0");
    CHECK(texts[1000] == "old 999");
    CHECK(texts[1001] == "new");
}

TEST_CASE_FIXTURE(fixture, "a file renamed out of the glob is read to its end") {
    temporary_directory elsewhere;
    logs.append("a.log", "one\n");
    running_input input(given(), sink);
    REQUIRE(sink.wait_for(1));
    std::ofstream writer(logs / "a.log", std::ios::app);
    std::filesystem::rename(logs / "a.log", elsewhere / "a.old");
    writer << "two\n" << std::flush;
    REQUIRE(sink.wait_for(2));
    writer << "three\n" << std::flush;
    REQUIRE(sink.wait_for(3));
    CHECK(sink.texts() == strings{"one", "two", "three"});
}

TEST_CASE_FIXTURE(
    fixture, "files that came and were rotated while the pipeline was full are read"
) {
    logs.append("a.log", "0\n");
    std::promise<void> full;
    std::promise<void> go_on;
    sink.decide = [&, is_first = true](const event_batch&) mutable {
        if (std::exchange(is_first, false)) {
            full.set_value();
            go_on.get_future().wait();
        }
        return collecting_sink::verdict::deliver;
    };
    running_input input(given("a.log"), sink);
    full.get_future().wait();
    for (int i = 1; i <= 3; ++i) {
        for (int k = 3; k > 1; --k) {
            if (std::filesystem::exists(logs / ("a.log." + std::to_string(k - 1)))) {
                logs.rename("a.log." + std::to_string(k - 1), "a.log." + std::to_string(k));
            }
        }
        logs.rename("a.log", "a.log.1");
        logs.append("a.log", std::to_string(i) + "\n");
    }
    logs.append("other.log.1", "no\n");
    logs.append("copy", "no\n");
    logs.rename("copy", "a.log.9");
    go_on.set_value();
    REQUIRE(sink.wait_for(4));
    auto texts = sink.texts();
    std::sort(texts.begin(), texts.end());
    CHECK(texts == strings{"0", "1", "2", "3"});
    for (const received& each : sink.items()) {
        CHECK(each.path == logs / "a.log");
    }
}

TEST_CASE_FIXTURE(fixture, "rotation while the agent was down loses and doubles nothing") {
    logs.append("a.log", "one\n");
    {
        running_input input(given(), sink);
        REQUIRE(sink.wait_for(1));
        input.stop();
    }
    logs.append("a.log", "two\n");
    logs.rename("a.log", "a.log.1");
    logs.append("a.log", "three\n");
    auto what = given();
    what.options.erase(what.options.begin());
    running_input input(what, sink);
    REQUIRE(sink.wait_for(3));
    CHECK(sink.texts() == strings{"one", "two", "three"});
}

TEST_CASE_FIXTURE(fixture, "a truncated file is read from its beginning under a new generation") {
    logs.append("a.log", "one\ntwo\n");
    running_input input(given(), sink);
    REQUIRE(sink.wait_for(2));
    logs.write("a.log", "3\n");
    REQUIRE(sink.wait_for(3));
    const auto items = sink.items();
    CHECK(items[2].text == "3");
    CHECK(items[2].origin.ends_with("/1/0"));
    CHECK(input.counters.sum("logboom_agent_truncations_total") == 1);
}

TEST_CASE_FIXTURE(fixture, "two globs and a hard link reach a file once") {
    logs.append("a.log", "one\n");
    std::filesystem::create_hard_link(logs / "a.log", logs / "b.log");
    auto what = given();
    what.paths.push_back(logs / "{a,b}.*");
    running_input input(what, sink);
    REQUIRE(sink.wait_for(1));
    logs.append("b.log", "two\n");
    REQUIRE(sink.wait_for(2));
    logs.append("a.b", "last\n");
    REQUIRE(sink.wait_for(3));
    input.stop();
    CHECK(sink.texts() == strings{"one", "two", "last"});
}

TEST_CASE_FIXTURE(fixture, "pipes, sockets, directories and empty files in the glob do no harm") {
    REQUIRE(::mkfifo((logs / "pipe.log").c_str(), 0600) == 0);
    std::filesystem::create_directory(logs / "directory.log");
    const int server = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    (logs / "socket.log").copy(address.sun_path, sizeof address.sun_path - 1);
    REQUIRE(::bind(server, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
    std::filesystem::create_symlink("/dev/zero", logs / "device.log");
    logs.append("empty.log", "");
    running_input input(given(), sink);
    REQUIRE(eventually([&] { return input.counters.sum("logboom_agent_files") == 1; }));
    logs.append("empty.log", "one\n");
    REQUIRE(sink.wait_for(1));
    CHECK(sink.texts() == strings{"one"});
    ::close(server);
}

TEST_CASE_FIXTURE(fixture, "a file behind a symbolic link is followed by polling") {
    temporary_directory target;
    target.append("real", "one\n");
    std::filesystem::create_symlink(target / "real", logs / "a.log");
    running_input input(given(), sink);
    REQUIRE(sink.wait_for(1));
    target.append("real", "two\n");
    REQUIRE(sink.wait_for(2));
    CHECK(sink.texts() == strings{"one", "two"});
}

TEST_CASE_FIXTURE(fixture, "directories that come later are searched") {
    logs.append("first.log", "zero\n");
    running_input input(given("**/*.log"), sink);
    REQUIRE(sink.wait_for(1));
    std::filesystem::create_directories(logs / "x/y");
    logs.append("x/y/a.log", "one\n");
    REQUIRE(sink.wait_for(2));
    logs.append("x/y/a.log", "two\n");
    REQUIRE(sink.wait_for(3));
    CHECK(sink.texts() == strings{"zero", "one", "two"});
}

TEST_CASE_FIXTURE(fixture, "lines that a codec holds back are read again after a restart") {
    auto what = given();
    what.codec = std::make_shared<test_codec<joining_decoder>>();
    logs.append("a.log", "one\n more\ntwo\n and\n");
    {
        running_input input(what, sink);
        REQUIRE(sink.wait_for(1));
        input.stop();
    }
    logs.append("a.log", " more\nthree\n");
    running_input input(what, sink);
    REQUIRE(sink.wait_for(2));
    CHECK(sink.texts() == strings{"one| more", "two| and| more"});
    CHECK(sink.items().at(1).origin.ends_with("/10"));
}

TEST_CASE_FIXTURE(fixture, "lines that a codec holds when their file is truncated are given") {
    auto what = given();
    what.codec = std::make_shared<test_codec<joining_decoder>>();
    logs.append("a.log", "one\n more\n");
    running_input input(what, sink);
    REQUIRE(eventually([&] { return input.counters.sum("logboom_agent_lines_total") == 2; }));
    logs.write("a.log", "2\n3\n");
    REQUIRE(sink.wait_for(2));
    CHECK(sink.texts() == strings{"one| more", "2"});
    CHECK(sink.items()[0].origin.ends_with("/0/0"));
    CHECK(sink.items()[1].origin.ends_with("/1/0"));
}

TEST_CASE_FIXTURE(fixture, "lines that a codec may hold for a moment only come after it") {
    auto what = given();
    what.codec = std::make_shared<test_codec<hasty_decoder>>();
    what.options.emplace_back("sincedb_path", data / "sincedb");
    logs.append("a.log", "one\n a\n");
    {
        running_input input(what, sink);
        REQUIRE(sink.wait_for(1));
        // They are the end of nothing: a line that would have belonged to them comes by itself.
        logs.append("a.log", " b\n");
        REQUIRE(sink.wait_for(2));
        CHECK(sink.texts() == strings{"one| a", " b"});
        CHECK(sink.items()[1].origin.ends_with("/7"));
        input.stop();
    }
    // Their position is behind them.
    running_input again(what, sink);
    logs.append("a.log", "two\nthree\n");
    REQUIRE(sink.wait_for(4));
    CHECK(sink.texts() == strings{"one| a", " b", "two", "three"});
}

TEST_CASE_FIXTURE(fixture, "held lines wait for what cannot be read yet") {
    auto what = given();
    what.codec = std::make_shared<test_codec<hasty_decoder>>();
    what.options.emplace_back("file_chunk_size", "8");
    logs.append("a.log", "one\n");
    running_input input(what, sink);
    REQUIRE(sink.wait_for(1));
    sink.set_full(true);
    logs.append("a.log", "two\nx\n");
    REQUIRE(sink.wait_until_full());
    logs.append("a.log", " a\n b\n");
    // Longer than the decoder may hold "x": the lines that belong to it are there by then.
    CHECK(eventually([&] { return input.counters.sum("logboom_agent_lag_bytes") == 6; }));
    sink.set_full(false);
    REQUIRE(sink.wait_for(3));
    CHECK(sink.texts() == strings{"one", "two", "x| a| b"});
}

TEST_CASE_FIXTURE(fixture, "in read mode files are read whole, deleted and the input ends") {
    logs.append("a.log", "one\ntwo");
    write_gzip(logs / "b.log.gz", "three\nfour\n");
    auto what = given("*");
    what.options = {{"mode", "read"}, {"exit_after_read", "true"}, {"file_sort_by", "path"}};
    running_input input(what, sink);
    REQUIRE(eventually([&] { return input.has_returned.load(); }));
    CHECK(sink.texts() == strings{"one", "two", "three", "four"});
    CHECK(sink.items().at(1).tags.empty());
    CHECK_FALSE(std::filesystem::exists(logs / "a.log"));
    CHECK_FALSE(std::filesystem::exists(logs / "b.log.gz"));
}

TEST_CASE_FIXTURE(fixture, "in read mode a file is kept until its lines are acknowledged") {
    logs.append("a.log", "one\n");
    sink.decide = [](const event_batch&) { return collecting_sink::verdict::keep; };
    auto what = given();
    what.options = {{"mode", "read"}};
    running_input input(what, sink);
    REQUIRE(sink.wait_for(1));
    logs.append("b.log", "two\n");
    REQUIRE(sink.wait_for(2));
    CHECK(std::filesystem::exists(logs / "a.log"));
    sink.deliver_kept();
    CHECK(eventually([&] { return !std::filesystem::exists(logs / "a.log"); }));
}

TEST_CASE_FIXTURE(fixture, "a completed file that was deleted leaves no record") {
    logs.append("a.log", "one\n");
    auto what = given();
    what.options = {{"mode", "read"}, {"stat_interval", "0.05"}, {"sincedb_path", data / "db"}};
    running_input input(what, sink);
    REQUIRE(eventually([&] {
        return !std::filesystem::exists(logs / "a.log") &&
               input.counters.sum("logboom_agent_files") == 0;
    }));
    input.stop();
    const auto disk = make_posix_env();
    agent::sincedb left(*disk, data / "db", 24h, logger());
    left.load(timestamp_ms(0));
    CHECK(left.records().empty());
}

TEST_CASE_FIXTURE(fixture, "files that are copied while the input looks on are read whole") {
    auto what = given();
    what.options = {{"mode", "read"}};
    running_input input(what, sink);
    constexpr std::size_t files = 100;
    constexpr std::size_t lines = 100;
    for (std::size_t i = 0; i < files; ++i) {
        std::ofstream to(logs / (std::to_string(i) + ".log"));
        for (std::size_t each = 0; each < lines; ++each) {
            to << i << ' ' << each << std::string(70, 'x') << '\n';
            if (each % 40 == 0) {
                to << std::flush;
            }
        }
    }
    REQUIRE(sink.wait_for(files * lines));
    CHECK(eventually([&] { return std::filesystem::is_empty(logs.path()); }));
    const auto texts = sink.texts();
    CHECK(std::set<std::string>(texts.begin(), texts.end()).size() == files * lines);
    CHECK(texts.size() == files * lines);
}

TEST_CASE_FIXTURE(fixture, "a file is not deleted while it is open for writing") {
    auto what = given();
    what.options = {{"mode", "read"}, {"stat_interval", "0.02"}};
    running_input input(what, sink);
    {
        std::ofstream slow(logs / "a.log");
        for (int i = 1; i <= 3; ++i) {
            slow << i << '\n' << std::flush;
            REQUIRE(sink.wait_for(static_cast<std::size_t>(i)));
        }
        // It has been looked at and found not to be whole.
        REQUIRE(eventually([&] { return input.counters.sum("logboom_agent_waiting_files") == 1; }));
        CHECK(std::filesystem::exists(logs / "a.log"));
        slow << "last";
    }
    REQUIRE(sink.wait_for(4));
    CHECK(eventually([&] { return !std::filesystem::exists(logs / "a.log"); }));
    CHECK(sink.texts() == strings{"1", "2", "3", "last"});
}

TEST_CASE_FIXTURE(fixture, "a file that is renamed into place is read and deleted") {
    auto what = given();
    what.options = {{"mode", "read"}};
    running_input input(what, sink);
    logs.write("a.tmp", "one\n");
    logs.rename("a.tmp", "a.log");
    REQUIRE(sink.wait_for(1));
    CHECK(eventually([&] { return !std::filesystem::exists(logs / "a.log"); }));
    CHECK(sink.texts() == strings{"one"});
}

TEST_CASE_FIXTURE(fixture, "a compressed file that is written in pieces is read once it is whole") {
    write_gzip(data / "whole.gz", numbers(20'000));
    std::ifstream in(data / "whole.gz", std::ios::binary);
    const std::string whole(std::istreambuf_iterator<char>(in), {});
    auto what = given("*.gz");
    what.options = {{"mode", "read"}, {"stat_interval", "0.02"}};
    running_input input(what, sink);
    // Each piece by a writer of its own: that it is closed says nothing.
    constexpr std::size_t pieces = 5;
    const std::size_t size = whole.size() / pieces + 1;
    for (std::size_t i = 0; i < pieces; ++i) {
        const auto inflated = [&] { return input.counters.sum("logboom_agent_read_bytes_total"); };
        const auto before = inflated();
        logs.append("a.gz", std::string_view(whole).substr(i * size, size));
        REQUIRE(eventually([&] { return inflated() > before; }));
    }
    REQUIRE(sink.wait_for(20'000));
    CHECK(eventually([&] { return !std::filesystem::exists(logs / "a.gz"); }));
    CHECK(sink.texts().size() == 20'000);
    CHECK(input.counters.sum("logboom_agent_damaged_files_total") == 0);
}

TEST_CASE_FIXTURE(fixture, "a compressed file without its end is kept and read on another day") {
    write_gzip(data / "whole.gz", numbers(20'000));
    std::ifstream in(data / "whole.gz", std::ios::binary);
    const std::string whole(std::istreambuf_iterator<char>(in), {});
    logs.write("a.gz", std::string_view(whole).substr(0, whole.size() / 2));
    auto what = given("*.gz");
    what.options = {
        {"mode", "read"},
        {"exit_after_read", "true"},
        {"stat_interval", "0.02"},
        {"file_completed_quiet", "0.1"}};
    for (const bool checks : {false, true}) {
        auto checking = what;
        checking.options.emplace_back("check_archive_validity", checks ? "true" : "false");
        running_input input(checking, sink);
        REQUIRE(eventually([&] { return input.has_returned.load(); }));
        input.stop();
        CHECK(std::filesystem::exists(logs / "a.gz"));
    }
    logs.write("a.gz", whole);
    running_input input(what, sink);
    REQUIRE(eventually([&] { return input.has_returned.load(); }));
    CHECK_FALSE(std::filesystem::exists(logs / "a.gz"));
    CHECK(sink.texts().size() == 20'000);
}

TEST_CASE_FIXTURE(
    fixture, "the lines before the damage of an archive are read again after a kill"
) {
    write_gzip(logs / "a.gz", numbers(20'000) + "half");
    logs.append("a.gz", "\x1f not a member");
    sink.decide = [](const event_batch&) { return collecting_sink::verdict::keep; };
    auto what = given("*.gz");
    what.options = {{"mode", "read"}, {"sincedb_path", data / "db"}};
    strings before;
    {
        running_input input(what, sink);
        REQUIRE(sink.wait_for(1000));
        REQUIRE(eventually([&] {
            return input.counters.sum("logboom_agent_partial_lines_total") == 1;
        }));
        // What is kept of the archive is on disk.
        REQUIRE(eventually([&] { return std::filesystem::exists(data / "db"); }));
        CHECK(input.counters.sum("logboom_agent_damaged_files_total") == 1);
        input.kill();
        before = sink.texts();
    }
    collecting_sink again;
    what.options.emplace_back("exit_after_read", "true");
    running_input input(what, again);
    REQUIRE(eventually([&] { return input.has_returned.load(); }));
    CHECK(again.texts() == before);
    CHECK(std::filesystem::exists(logs / "a.gz"));
}

TEST_CASE_FIXTURE(fixture, "a stop sends nothing again that arrives while the outputs drain") {
    sink.decide = [](const event_batch&) { return collecting_sink::verdict::keep; };
    logs.append("a.log", "one\n");
    {
        running_input input(given(), sink);
        REQUIRE(sink.wait_for(1));
        sink.set_full(true);
        logs.append("a.log", "two\n");
        REQUIRE(sink.wait_until_full());
        input.stop([&] { sink.deliver_kept(); });
    }
    sink.set_full(false);
    sink.decide = {};
    logs.append("a.log", "three\n");
    running_input input(given(), sink);
    REQUIRE(sink.wait_for(3));
    CHECK(sink.texts() == strings{"one", "two", "three"});
}

TEST_CASE_FIXTURE(fixture, "what was acknowledged a moment ago is not sent again after a kill") {
    auto what = given();
    what.options.emplace_back("sincedb_path", data / "db");
    what.options.emplace_back("sincedb_write_interval", "1 hour");
    const auto noted = [&] {
        const auto disk = make_posix_env();
        agent::sincedb left(*disk, data / "db", 24h, logger());
        left.load(timestamp_ms(0));
        return left.records().empty() ? 0 : left.records().begin()->second.record.position.value();
    };
    logs.append("a.log", "one\n");
    {
        running_input input(what, sink);
        REQUIRE(eventually([&] { return noted() == 4; }));
        logs.append("a.log", "two\n");
        const auto start = std::chrono::steady_clock::now();
        REQUIRE(eventually([&] { return noted() == 8; }));
        CHECK(std::chrono::steady_clock::now() - start < 500ms);
        input.kill();
    }
    logs.append("a.log", "three\n");
    running_input input(what, sink);
    REQUIRE(sink.wait_for(3));
    CHECK(sink.texts() == strings{"one", "two", "three"});
}

TEST_CASE_FIXTURE(fixture, "completed files are listed when asked for, once") {
    temporary_directory lists;
    logs.append("a.log", "one\n");
    auto what = given();
    what.options = {
        {"mode", "read"},
        {"exit_after_read", "true"},
        {"file_completed_action", "log"},
        {"file_completed_log_path", lists / "done"}};
    for (int run = 0; run < 2; ++run) {
        running_input input(what, sink);
        REQUIRE(eventually([&] { return input.has_returned.load(); }));
        input.stop();
    }
    std::ifstream in(lists / "done");
    const std::string text(std::istreambuf_iterator<char>(in), {});
    CHECK(text == (logs / "a.log") + "\n");
    CHECK(sink.texts() == strings{"one"});
}

TEST_CASE_FIXTURE(fixture, "a file that a copy of itself has replaced is not read again") {
    const std::string text(200, 'x');
    logs.append("a.log", text + "\n");
    {
        running_input input(given(), sink);
        REQUIRE(sink.wait_for(1));
        input.stop();
    }
    logs.append("copy", text + "\n2\n");
    logs.rename("copy", "a.log");
    running_input input(given(), sink);
    REQUIRE(sink.wait_for(2));
    input.stop();
    CHECK(sink.texts() == strings{text, "2"});
}

TEST_CASE_FIXTURE(fixture, "a Logstash sincedb is taken over and a copy is kept") {
    logs.append("a.log", "one\ntwo\n");
    struct stat found {};
    REQUIRE(::stat((logs / "a.log").c_str(), &found) == 0);
    const std::string old = std::to_string(found.st_ino) + " " +
                            std::to_string(major(found.st_dev)) + " " +
                            std::to_string(minor(found.st_dev)) + " 4 " +
                            std::to_string(::time(nullptr) + 1) + ".5 " + (logs / "a.log") + "\n";
    data.write("sincedb", old);
    auto what = given();
    what.options.emplace_back("sincedb_path", data / "sincedb");
    running_input input(what, sink);
    REQUIRE(sink.wait_for(1));
    CHECK(sink.texts() == strings{"two"});
    input.stop();
    std::ifstream copy(data / "sincedb.logstash");
    CHECK(std::string(std::istreambuf_iterator<char>(copy), {}) == old);
}

TEST_CASE_FIXTURE(fixture, "what Logstash refuses is refused with a sentence") {
    auto relative = given();
    relative.paths = {"logs/*.log"};
    CHECK(running_input(relative, sink).problem.find("absolute") != std::string::npos);
    auto exits = given();
    exits.options.emplace_back("exit_after_read", "true");
    CHECK(running_input(exits, sink).problem == "exit_after_read needs mode => read");
    auto directory = given();
    directory.options.emplace_back("sincedb_path", data.path());
    CHECK(running_input(directory, sink).problem.find("directory") != std::string::npos);
}

TEST_CASE_FIXTURE(fixture, "nothing is read while another process holds the sincedb") {
    logs.append("a.log", "one\n");
    auto disk = make_posix_env();
    auto held = disk->lock(data / "positions.lock");
    REQUIRE(held.has_value());
    auto wanted = given();
    wanted.options.emplace_back("sincedb_path", data / "positions");
    wanted.log = logger::named("file");
    REQUIRE(open_log_file(data.path()).has_value());
    const running_input input(wanted, sink);
    CHECK(eventually([&] {
        std::ifstream log(data / "logboom.log");
        const std::string text(std::istreambuf_iterator<char>(log), {});
        return text.find("nothing is read until it has ended") != std::string::npos;
    }));
    close_log_file();
    CHECK(sink.texts().empty());
    held->reset();
    REQUIRE(sink.wait_for(1));
}

TEST_SUITE_END();
