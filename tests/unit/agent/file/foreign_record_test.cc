// Which records without a birth time are believed, and what becomes of files whose are not.
#include "agent/file/foreign_record.h"
#include "tests/unit/agent/file/player.h"
#include "tests/unit/agent/file/support.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <sys/stat.h>
#include <sys/sysmacros.h>

TEST_SUITE_BEGIN("agent/foreign_record");

using namespace logboom;
using namespace logboom::agent;
using namespace logboom::agent::test;
using strings = std::vector<std::string>;

namespace {

constexpr std::int64_t millisecond_ns = 1'000'000;

struct fixture {
    fixture() {
        held->content = "one\ntwo\n";
        record.position = file_position(4);
        record.changed = timestamp_ms(1000);
        record.path = "/l/a";
    }
    std::string_view reason(const std::string& path = "/l/a") {
        fake_source content(held);
        return doubt.of(record, path, stat_of_file(*held), &content);
    }

    fake held = std::make_shared<fake_file>();
    checkpoint_record record;
    foreign_doubt doubt{"\n"};
};

/// As Logstash writes it.
std::string line_of(const std::string& path, std::int64_t position, double time) {
    struct stat found {};
    REQUIRE(::stat(path.c_str(), &found) == 0);
    return fmt::format(
        "{} {} {} {} {:.3f} {}\n",
        found.st_ino,
        major(found.st_dev),
        minor(found.st_dev),
        position,
        time,
        path
    );
}

} // namespace

TEST_CASE_FIXTURE(fixture, "a position at the begin of a line of an older file is believed") {
    held->identity.birth_ns = 900 * millisecond_ns;
    CHECK(reason().empty());
    // Rotated meanwhile.
    CHECK(reason("/l/a.1").empty());
    CHECK(reason("/elsewhere").empty());
    record.position = file_position(0);
    CHECK(reason().empty());
}

TEST_CASE_FIXTURE(fixture, "a file that was made after the position was noted is another") {
    held->identity.birth_ns = 1100 * millisecond_ns;
    CHECK(reason() == "the file was made after it was noted");
}

TEST_CASE_FIXTURE(fixture, "a position beyond the end or within a line is of another file") {
    held->identity.birth_ns = 900 * millisecond_ns;
    record.position = file_position(9);
    CHECK(reason() == "the file is shorter");
    record.position = file_position(5);
    CHECK(reason() == "no line begins there");
    record.position = file_position(8);
    held->content = "one\n half";
    CHECK(reason() == "no line begins there");
    record.position = file_position(9);
    doubt.is_read_mode = true;
    CHECK(reason().empty());
}

TEST_CASE_FIXTURE(fixture, "where nothing tells when a file was made its name does") {
    CHECK(reason().empty());
    CHECK(reason("/l/a.1").empty());
    CHECK(reason("/l/b").starts_with("it is of another name"));
}

TEST_CASE_FIXTURE(
    file_input_fixture, "a record of another file that had the inode skips nothing, and is told of"
) {
    logs.append("a.log", "one\ntwo\n");
    logs.append("b.log", "three\nfour\n");
    logs.append("c.log", "five\nsix\n");
    const auto later = static_cast<double>(::time(nullptr) + 1);
    data.write(
        "sincedb",
        line_of(logs / "a.log", 4, later - 3600) + line_of(logs / "b.log", 3, later) +
            line_of(logs / "c.log", 5, later)
    );
    auto what = given();
    what.options = {{"sincedb_path", data / "sincedb"}, {"file_sort_by", "path"}};
    what.log = logger::named("file");
    REQUIRE(open_log_file(data.path()).has_value());
    running_input input(what, sink);
    CHECK(sink.wait_for(5));
    input.stop();
    close_log_file();
    auto texts = sink.texts();
    std::sort(texts.begin(), texts.end());
    CHECK(texts == strings{"four", "one", "six", "three", "two"});
    std::ifstream log(data / "logboom.log");
    const std::string said(std::istreambuf_iterator<char>(log), {});
    CHECK(said.find("the file was made after it was noted") != std::string::npos);
    CHECK(said.find("no line begins there") != std::string::npos);
    CHECK(said.find("c.log inode") == std::string::npos);
}

TEST_SUITE_END();
