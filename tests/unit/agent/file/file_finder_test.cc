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
