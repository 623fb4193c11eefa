// The disk that forgets what was not synced: the model that the log's crash tests stand on.
#include "base/memory_env.h"

#include <doctest/doctest.h>

#include <algorithm>

using namespace logboom;

namespace {

struct disk_fixture {
    memory_env disk;

    disk_fixture() {
        REQUIRE(disk.make_directories("/d"));
        REQUIRE(disk.make_directories("/e"));
    }
    std::unique_ptr<file> open(const std::string& path, open_mode mode = open_mode::read_write) {
        auto opened = disk.open(path, mode);
        REQUIRE(opened);
        return std::move(*opened);
    }
    /// A file whose name and text survive.
    std::unique_ptr<file> durable(const std::string& path, std::string_view text) {
        auto made = open(path);
        REQUIRE(made->pwrite(as_bytes(text), 0));
        REQUIRE(made->sync());
        REQUIRE(disk.sync_directory(parent_path(path)));
        return made;
    }
    std::string get(const std::string& path) {
        const auto text = read_file(disk, path, 1000);
        return text ? *text : "none";
    }
    /// Fails the operation of this name with EIO.
    void fail(std::string_view what, const std::string& where = {}) {
        disk.set_fault([=](std::string_view operation, const std::string& path) -> result<void> {
            if (operation == what && (where.empty() || path == where)) {
                return error(std::error_code(EIO, std::system_category()), path);
            }
            return {};
        });
    }
};

std::size_t everything(std::size_t size) {
    return size;
}

} // namespace

TEST_SUITE("base/memory_env") {
    TEST_CASE_FIXTURE(disk_fixture, "bytes that were not synced are gone after a crash") {
        auto made = durable("/d/f", "synced");
        REQUIRE(made->pwrite(as_bytes(" and more"), 6));
        CHECK(get("/d/f") == "synced and more");
        disk.crash();
        CHECK(get("/d/f") == "synced");
    }

    TEST_CASE_FIXTURE(disk_fixture, "a torn tail of what was appended may survive") {
        for (std::size_t keep = 0; keep <= 5; ++keep) {
            memory_env torn;
            REQUIRE(torn.make_directories("/d"));
            auto made = torn.open("/d/f", open_mode::read_write).value();
            REQUIRE(made->pwrite(as_bytes("ab"), 0));
            REQUIRE(made->sync());
            REQUIRE(torn.sync_directory("/d"));
            REQUIRE(made->pwrite(as_bytes("cde"), 2));
            std::size_t asked = 0;
            torn.crash([&](std::size_t size) {
                asked = size;
                return keep;
            });
            CHECK(asked == 3);
            CHECK(*read_file(torn, "/d/f", 100) == std::string("abcde").substr(0, 2 + keep));
        }
    }

    TEST_CASE_FIXTURE(disk_fixture, "what was overwritten without a sync is as it was") {
        auto made = durable("/d/f", "old text");
        REQUIRE(made->pwrite(as_bytes("new text and more"), 0));
        disk.crash(everything);
        CHECK(get("/d/f") == "old text");
        made = durable("/d/f", "old text");
        REQUIRE(made->truncate(3));
        disk.crash(everything);
        CHECK(get("/d/f") == "old text");
        made = open("/d/f", open_mode::truncate);
        disk.crash(everything);
        CHECK(get("/d/f") == "old text");
    }

    TEST_CASE_FIXTURE(disk_fixture, "a cut that was synced stays cut") {
        auto made = durable("/d/f", "old text");
        REQUIRE(made->truncate(3));
        REQUIRE(made->sync());
        disk.crash(everything);
        CHECK(get("/d/f") == "old");
    }

    TEST_CASE_FIXTURE(disk_fixture, "a name is durable only when its directory was synced") {
        auto made = open("/d/f");
        REQUIRE(made->pwrite(as_bytes("text"), 0));
        REQUIRE(made->sync());
        REQUIRE(disk.sync_directory("/e"));
        disk.crash();
        CHECK(get("/d/f") == "none");
        CHECK(disk.list("/d")->empty());
    }

    TEST_CASE_FIXTURE(disk_fixture, "a removal is durable only when its directory was synced") {
        durable("/d/f", "text");
        REQUIRE(disk.remove("/d/f"));
        CHECK(get("/d/f") == "none");
        disk.crash();
        CHECK(get("/d/f") == "text");
        REQUIRE(disk.remove("/d/f"));
        REQUIRE(disk.sync_directory("/d"));
        disk.crash();
        CHECK(get("/d/f") == "none");
    }

    TEST_CASE_FIXTURE(disk_fixture, "a rename survives whole or not at all") {
        durable("/d/old", "old");
        durable("/d/new", "new");
        REQUIRE(disk.rename("/d/new", "/d/old"));
        disk.crash();
        CHECK(get("/d/old") == "old");
        CHECK(get("/d/new") == "new");
        REQUIRE(disk.rename("/d/new", "/d/old"));
        REQUIRE(disk.sync_directory("/d"));
        disk.crash();
        CHECK(get("/d/old") == "new");
        CHECK(get("/d/new") == "none");
    }

    TEST_CASE_FIXTURE(disk_fixture, "a move between directories is never half done") {
        durable("/d/f", "text");
        REQUIRE(disk.rename("/d/f", "/e/f"));
        SUBCASE("the old directory was synced") {
            REQUIRE(disk.sync_directory("/d"));
        }
        SUBCASE("the new directory was synced") {
            REQUIRE(disk.sync_directory("/e"));
        }
        disk.crash();
        CHECK(get("/d/f") == "none");
        CHECK(get("/e/f") == "text");
    }

    TEST_CASE_FIXTURE(disk_fixture, "a directory that was renamed keeps its durable files") {
        durable("/d/f", "text");
        auto fresh = open("/d/g");
        REQUIRE(disk.rename("/d", "/moved"));
        disk.crash();
        CHECK(get("/moved/f") == "text");
        CHECK(get("/moved/g") == "none");
        CHECK_FALSE(disk.exists("/d"));
    }

    TEST_CASE_FIXTURE(disk_fixture, "what was open before a crash is an error after it") {
        auto made = durable("/d/f", "text");
        disk.crash();
        std::byte some[4];
        CHECK(made->pread(some, 0).has_error());
        CHECK(made->pwrite(as_bytes("x"), 0).has_error());
        CHECK(made->truncate(0).has_error());
        CHECK(made->sync().has_error());
        CHECK(made->size().has_error());
        CHECK(get("/d/f") == "text");
    }

    TEST_CASE_FIXTURE(
        disk_fixture, "a crash frees the locks, and who died cannot free them again"
    ) {
        auto dead = disk.lock("/d/.lock");
        REQUIRE(dead);
        disk.crash();
        auto held = disk.lock("/d/.lock");
        REQUIRE(held);
        dead->reset();
        CHECK(disk.lock("/d/.lock").has_error());
    }

    TEST_CASE_FIXTURE(disk_fixture, "a fault is what the caller gets, and nothing is done") {
        auto made = durable("/d/f", "text");
        fail("write");
        CHECK(made->pwrite(as_bytes("x"), 0).error().code == std::errc::io_error);
        fail("truncate");
        CHECK(made->truncate(0).has_error());
        CHECK(disk.open("/d/f", open_mode::truncate).has_error());
        fail("create");
        CHECK(disk.open("/d/g", open_mode::read_write).has_error());
        fail("remove");
        CHECK(disk.remove("/d/f").has_error());
        CHECK(disk.remove_tree("/d").has_error());
        fail("rename");
        CHECK(disk.rename("/d/f", "/d/g").has_error());
        fail("sync", "/d/f");
        REQUIRE(made->pwrite(as_bytes("T"), 0));
        CHECK(made->sync().has_error());
        CHECK(disk.sync_directory("/d"));
        disk.set_fault({});
        CHECK(get("/d/f") == "Text");
        CHECK(get("/d/g") == "none");
        disk.crash();
        CHECK(get("/d/f") == "text");
    }

    TEST_CASE("replace_file leaves the old or the new text, whatever fails and when") {
        for (const std::string_view what : {"create", "truncate", "write", "sync", "rename"}) {
            for (const bool is_kept : {false, true}) {
                CAPTURE(what);
                disk_fixture at;
                REQUIRE(replace_file(at.disk, "/d/f", "old"));
                // A .tmp of an earlier crash is in the way of nobody.
                at.durable("/d/f.tmp", "left behind");
                REQUIRE(at.disk.remove("/d/f.tmp"));
                if (what == "truncate") {
                    at.durable("/d/f.tmp", "left behind");
                }
                at.fail(what);
                CHECK(replace_file(at.disk, "/d/f", "new").has_error());
                at.disk.set_fault({});
                CHECK(at.get("/d/f") == "old");
                at.disk.crash(is_kept ? everything : [](std::size_t) { return std::size_t{0}; });
                CHECK(at.get("/d/f") == "old");
                REQUIRE(replace_file(at.disk, "/d/f", "new"));
                at.disk.crash();
                CHECK(at.get("/d/f") == "new");
            }
        }
    }

    TEST_CASE_FIXTURE(disk_fixture, "replace_file says when the directory could not be synced") {
        REQUIRE(replace_file(disk, "/d/f", "old"));
        fail("sync", "/d");
        CHECK(replace_file(disk, "/d/f", "new").has_error());
        disk.set_fault({});
        disk.crash();
        CHECK(get("/d/f") == "old");
    }
}
