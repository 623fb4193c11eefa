#include "agent/file/directory_watch.h"
#include "tests/unit/agent/file/support.h"
#include "tests/unit/wait.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <sys/ioctl.h>

TEST_SUITE_BEGIN("agent/directory_watch");

using namespace logboom;
using namespace logboom::agent;
using namespace logboom::agent::test;

namespace {

bool tells(directory_watch& watch, directory_change::kind what, const std::string& path) {
    std::vector<directory_change> changes;
    watch.take(changes);
    return std::any_of(changes.begin(), changes.end(), [&](const directory_change& each) {
        return each.what == what && each.path == path;
    });
}

} // namespace

TEST_CASE("another directory under a known name is watched when it is added again") {
    using kind = directory_change::kind;
    const temporary_directory root;
    std::filesystem::create_directories(root / "old/sub");
    std::filesystem::create_directories(root / "new/sub");
    std::filesystem::create_directory_symlink(root / "old", root / "current");
    const std::string watched = root / "current/sub";
    directory_watch watch{logger()};
    REQUIRE(watch.add(watched, true));
    root.append("old/sub/a", "1");
    CHECK(tells(watch, kind::appeared, watched + "/a"));

    // Nothing is told of this: neither directory has changed.
    std::filesystem::create_directory_symlink(root / "new", root / "next");
    root.rename("next", "current");
    REQUIRE(watch.add(watched, true));
    root.append("new/sub/b", "1");
    CHECK(tells(watch, kind::appeared, watched + "/b"));
    root.append("old/sub/c", "1");
    CHECK_FALSE(tells(watch, kind::appeared, watched + "/c"));
    CHECK(watch.add(root / "old/sub", true));
}

TEST_CASE("that a file is closed comes after what was written to it") {
    using kind = directory_change::kind;
    const temporary_directory root;
    directory_watch watch{logger(), true};
    REQUIRE(watch.add(root.path(), true));
    for (int i = 0; i < 2; ++i) {
        root.append("a", "1");
    }
    std::ofstream(root / "a", std::ios::app) << "open" << std::flush;
    std::vector<directory_change> changes;
    watch.take(changes);
    REQUIRE(changes.size() >= 5);
    CHECK(changes[1].what == kind::written);
    CHECK(changes[2].what == kind::closed);
    CHECK(changes[3].what == kind::written);
    CHECK(changes[4].what == kind::closed);
}

TEST_CASE("more changes than the kernel queues are told when they are asked for late") {
    using kind = directory_change::kind;
    const temporary_directory root;
    directory_watch watch{logger()};
    REQUIRE(watch.add(root.path(), true));
    std::atomic<bool> told = false;
    watch.keep_reading([&] { told = true; });
    std::ofstream a(root / "a");
    std::ofstream b(root / "b");
    constexpr int writes = 20'000;
    for (int i = 0; i < writes; ++i) {
        // By turns: the kernel keeps each of them.
        a << 'x' << std::flush;
        b << 'x' << std::flush;
        if (i == writes / 2) {
            root.rename("a", "c");
        }
        if (i % (writes / 4) == 0) {
            // All of it is out of the kernel's queue.
            REQUIRE(eventually([&] {
                int bytes = -1;
                return ::ioctl(watch.descriptor(), FIONREAD, &bytes) == 0 && bytes == 0;
            }));
        }
    }
    std::vector<directory_change> changes;
    watch.take(changes);
    CHECK(told);
    CHECK(changes.size() < 10);
    const auto tells = [&](kind what, std::string_view name) {
        return std::any_of(changes.begin(), changes.end(), [&](const directory_change& each) {
            return each.what == what && each.path == root / name;
        });
    };
    CHECK(tells(kind::written, "b"));
    CHECK(tells(kind::appeared, "c"));
    CHECK(tells(kind::written, "c"));
}

TEST_SUITE_END();
