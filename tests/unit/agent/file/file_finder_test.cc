#include "agent/file/file_finder.h"
#include "agent/file/tail_set.h"
#include "base/memory_env.h"
#include "tests/unit/agent/file/support.h"

#include <doctest/doctest.h>

TEST_SUITE_BEGIN("agent/file_finder");

using namespace logboom;
using namespace logboom::agent;
using namespace logboom::agent::test;

namespace {

class fixture {
  public:
    fixture() { options.globs = glob::compile(logs / "*.log").value(); }

    /// The sincedb knows nothing: the files are new, or were forgotten.
    static tail_options beginning() {
        tail_options out;
        out.from_beginning = true;
        return out;
    }
    static now_at after(clock::duration since_start) { return {since_start, {}}; }

    temporary_directory logs;
    memory_env disk;
    metrics counters;
    file_options options;
    sincedb state{disk, "/data/sincedb", 24h, logger()};
    tail_set files{beginning(), state, tail_counters(counters, {}), logger()};
    directory_watch watch{logger()};
    file_finder finder{options, files.table(), watch};
};

} // namespace

TEST_CASE_FIXTURE(fixture, "generations that are found at once follow one another") {
    options.globs = glob::compile(logs / "*.log*").value();
    logs.append("a.log", "1\n");
    logs.rename("a.log", "a.log.2");
    logs.append("a.log", "2\n");
    logs.rename("a.log", "a.log.1");
    logs.append("a.log", "3\n");
    logs.append("b.log.1", "of another log, which is not there\n");
    // Somebody has touched it.
    using files_time = std::filesystem::file_time_type;
    std::filesystem::last_write_time(logs / "a.log.2", files_time::clock::now() + 1h);
    file_finder searching(options, files.table(), watch);
    searching.discover(after(1s));
    std::map<std::string, const followed_file*> by_path;
    for (const auto& [key, each] : files.files()) {
        by_path[each.progress.path()] = &each;
    }
    REQUIRE(by_path.size() == 4);
    const followed_file& oldest = *by_path.at(logs / "a.log.2");
    const followed_file& middle = *by_path.at(logs / "a.log.1");
    const followed_file& newest = *by_path.at(logs / "a.log");
    CHECK(oldest.predecessor == 0);
    CHECK(middle.predecessor == oldest.key);
    CHECK(newest.predecessor == middle.key);
    CHECK(oldest.progress.lineage() == logs / "a.log");
    CHECK(by_path.at(logs / "b.log.1")->progress.lineage() == logs / "b.log.1");
}

TEST_CASE_FIXTURE(fixture, "a file that was rotated twice before it was looked at is taken") {
    logs.append("a.2", "1\n");
    finder.note_rename(logs / "a.log", logs / "a.1", after(1s));
    finder.note_rename(logs / "a.1", logs / "a.2", after(2s));
    finder.look_at(logs / "a.2", after(2s));
    CHECK(files.size() == 1);
}

TEST_CASE_FIXTURE(fixture, "what was rotated long ago is not new when it is rotated again") {
    logs.append("a.2", "1\n");
    finder.note_rename(logs / "a.log", logs / "a.1", after(1s));
    finder.note_rename(logs / "a.1", logs / "a.2", after(24h));
    finder.look_at(logs / "a.2", after(24h));
    CHECK(files.size() == 0);
}

TEST_CASE_FIXTURE(fixture, "another file under a rotated file's old name is not taken") {
    finder.note_rename(logs / "a.log", logs / "a.1", after(1s));
    logs.append("a.1", "1\n");
    finder.look_at(logs / "a.1", after(24h));
    CHECK(files.size() == 0);
}

TEST_SUITE_END();
