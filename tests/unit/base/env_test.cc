// One contract for every env: what a test proves on memory_env must hold on the machine's disk.
#include "base/memory_env.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>

using namespace logboom;

namespace {

struct memory_home {
    memory_env disk;
    std::string root = "/home";
    env& files = disk;
    memory_home() { REQUIRE(disk.make_directories(root)); }
};

struct posix_home {
    std::unique_ptr<env> disk = make_posix_env();
    std::string root;
    env& files = *disk;
    posix_home() {
        std::string name = (std::filesystem::temp_directory_path() / "lb-env-XXXXXX").string();
        REQUIRE(::mkdtemp(name.data()) != nullptr);
        root = name;
    }
    ~posix_home() { std::filesystem::remove_all(root); }
    posix_home(const posix_home&) = delete;
    posix_home& operator=(const posix_home&) = delete;
};

void put(env& files, const std::string& path, std::string_view text) {
    auto made = files.open(path, open_mode::truncate);
    REQUIRE(made);
    REQUIRE((*made)->pwrite(as_bytes(text), 0));
}

std::string get(env& files, const std::string& path) {
    const auto text = read_file(files, path, 1 << 20);
    return text ? *text : "error: " + text.error().text();
}

std::vector<std::string> names(env& files, const std::string& path) {
    auto found = files.list(path);
    REQUIRE(found.has_value());
    std::sort(found->begin(), found->end());
    return *found;
}

std::string range(const file& from, std::uint64_t at, std::size_t size) {
    std::string text(size, '?');
    const auto count = from.pread({reinterpret_cast<std::byte*>(text.data()), text.size()}, at);
    REQUIRE(count);
    return text.substr(0, *count);
}

template <class T>
bool fails_with(const result<T>& outcome, std::errc code) {
    return outcome.has_error() && outcome.error().code == code;
}

} // namespace

TEST_SUITE("base/env") {
    TEST_CASE_TEMPLATE("what is written is read, whole or in part", Home, memory_home, posix_home) {
        Home home;
        auto made = home.files.open(home.root + "/f", open_mode::read_write);
        REQUIRE(made);
        file& to = **made;
        REQUIRE(to.pwrite(as_bytes("hello"), 0));
        REQUIRE(to.pwrite(as_bytes(" world"), 5));
        CHECK(*to.size() == 11);
        CHECK(range(to, 0, 11) == "hello world");
        CHECK(range(to, 6, 3) == "wor");
        CHECK(range(to, 6, 100) == "world");
        CHECK(range(to, 11, 5).empty());
        CHECK(range(to, 1000, 5).empty());
        CHECK(range(to, 0, 0).empty());
        REQUIRE(to.pwrite(as_bytes("J"), 0));
        CHECK(range(to, 0, 11) == "Jello world");
        REQUIRE(to.sync());
        CHECK(get(home.files, home.root + "/f") == "Jello world");
    }

    TEST_CASE_TEMPLATE("a gap that was skipped is zeroes", Home, memory_home, posix_home) {
        Home home;
        auto made = home.files.open(home.root + "/f", open_mode::read_write);
        REQUIRE(made);
        REQUIRE((*made)->pwrite(as_bytes("x"), 3));
        CHECK(range(**made, 0, 10) == std::string("\0\0\0x", 4));
    }

    TEST_CASE_TEMPLATE("a file is cut and grown", Home, memory_home, posix_home) {
        Home home;
        auto made = home.files.open(home.root + "/f", open_mode::read_write);
        REQUIRE(made);
        REQUIRE((*made)->pwrite(as_bytes("abcdef"), 0));
        REQUIRE((*made)->truncate(2));
        CHECK(*(*made)->size() == 2);
        REQUIRE((*made)->truncate(4));
        CHECK(range(**made, 0, 10) == std::string("ab\0\0", 4));
    }

    TEST_CASE_TEMPLATE(
        "the mode says what becomes of a file that is there or is not",
        Home,
        memory_home,
        posix_home
    ) {
        Home home;
        const std::string path = home.root + "/f";
        CHECK(fails_with(
            home.files.open(path, open_mode::read_only), std::errc::no_such_file_or_directory
        ));
        CHECK_FALSE(home.files.exists(path));
        REQUIRE(home.files.open(path, open_mode::read_write));
        CHECK(home.files.exists(path));
        put(home.files, path, "kept");
        REQUIRE(home.files.open(path, open_mode::read_write));
        CHECK(get(home.files, path) == "kept");
        REQUIRE(home.files.open(path, open_mode::truncate));
        CHECK(get(home.files, path).empty());
        CHECK(fails_with(
            home.files.open(home.root + "/no/f", open_mode::read_write),
            std::errc::no_such_file_or_directory
        ));
        CHECK(home.files.open(home.root, open_mode::read_write).has_error());
        CHECK(home.files.open(home.root, open_mode::truncate).has_error());
    }

    TEST_CASE_TEMPLATE("who may only read changes nothing", Home, memory_home, posix_home) {
        Home home;
        put(home.files, home.root + "/f", "kept");
        auto opened = home.files.open(home.root + "/f", open_mode::read_only);
        REQUIRE(opened);
        CHECK((*opened)->pwrite(as_bytes("x"), 0).has_error());
        CHECK((*opened)->truncate(1).has_error());
        CHECK(range(**opened, 0, 10) == "kept");
    }

    TEST_CASE_TEMPLATE(
        "two who have it open see one file, also when its name is gone",
        Home,
        memory_home,
        posix_home
    ) {
        Home home;
        const std::string path = home.root + "/f";
        put(home.files, path, "one");
        auto writer = home.files.open(path, open_mode::read_write);
        auto reader = home.files.open(path, open_mode::read_only);
        REQUIRE((*writer)->pwrite(as_bytes("two"), 0));
        CHECK(range(**reader, 0, 10) == "two");
        REQUIRE(home.files.remove(path));
        CHECK_FALSE(home.files.exists(path));
        CHECK(range(**reader, 0, 10) == "two");
        CHECK(fails_with(home.files.remove(path), std::errc::no_such_file_or_directory));
    }

    TEST_CASE_TEMPLATE("rename replaces and moves", Home, memory_home, posix_home) {
        Home home;
        const std::string from = home.root + "/from";
        const std::string to = home.root + "/to";
        put(home.files, from, "new");
        put(home.files, to, "old");
        auto before = home.files.open(to, open_mode::read_only);
        REQUIRE(home.files.rename(from, to));
        CHECK_FALSE(home.files.exists(from));
        CHECK(get(home.files, to) == "new");
        CHECK(range(**before, 0, 10) == "old");
        CHECK(fails_with(home.files.rename(from, to), std::errc::no_such_file_or_directory));
        CHECK(get(home.files, to) == "new");
    }

    TEST_CASE_TEMPLATE("rename to itself changes nothing", Home, memory_home, posix_home) {
        Home home;
        put(home.files, home.root + "/f", "kept");
        REQUIRE(home.files.rename(home.root + "/f", home.root + "/f"));
        CHECK(get(home.files, home.root + "/f") == "kept");
    }

    TEST_CASE_TEMPLATE("rename goes only where a file can be", Home, memory_home, posix_home) {
        Home home;
        put(home.files, home.root + "/f", "kept");
        REQUIRE(home.files.make_directories(home.root + "/d"));
        CHECK(fails_with(
            home.files.rename(home.root + "/f", home.root + "/no/f"),
            std::errc::no_such_file_or_directory
        ));
        CHECK(home.files.rename(home.root + "/f", home.root + "/d").has_error());
        CHECK(get(home.files, home.root + "/f") == "kept");
    }

    TEST_CASE_TEMPLATE("a directory moves with all in it", Home, memory_home, posix_home) {
        Home home;
        REQUIRE(home.files.make_directories(home.root + "/logs-0/inner"));
        REQUIRE(home.files.make_directories(home.root + "/logs-0x"));
        put(home.files, home.root + "/logs-0/inner/f", "kept");
        put(home.files, home.root + "/logs-0/g", "kept too");
        put(home.files, home.root + "/logs-0x/h", "stays");
        REQUIRE(home.files.rename(home.root + "/logs-0", home.root + "/gone"));
        CHECK_FALSE(home.files.exists(home.root + "/logs-0"));
        CHECK(get(home.files, home.root + "/gone/inner/f") == "kept");
        CHECK(get(home.files, home.root + "/gone/g") == "kept too");
        CHECK(names(home.files, home.root) == std::vector<std::string>{"gone", "logs-0x"});
        // Over one that holds something it does not go.
        CHECK(home.files.rename(home.root + "/logs-0x", home.root + "/gone").has_error());
        CHECK(get(home.files, home.root + "/logs-0x/h") == "stays");
    }

    TEST_CASE_TEMPLATE("list names what is directly inside", Home, memory_home, posix_home) {
        Home home;
        REQUIRE(home.files.make_directories(home.root + "/a/b/c"));
        put(home.files, home.root + "/a/f", "");
        put(home.files, home.root + "/a/b/g", "");
        CHECK(names(home.files, home.root) == std::vector<std::string>{"a"});
        CHECK(names(home.files, home.root + "/a") == std::vector<std::string>{"b", "f"});
        CHECK(names(home.files, home.root + "/a/") == std::vector<std::string>{"b", "f"});
        CHECK(names(home.files, home.root + "/a/b/c").empty());
        CHECK(fails_with(home.files.list(home.root + "/no"), std::errc::no_such_file_or_directory));
        CHECK(fails_with(home.files.list(home.root + "/a/f"), std::errc::not_a_directory));
    }

    TEST_CASE_TEMPLATE("directories are made with their parents", Home, memory_home, posix_home) {
        Home home;
        REQUIRE(home.files.make_directories(home.root + "/a/b"));
        REQUIRE(home.files.make_directories(home.root + "/a/b"));
        CHECK(home.files.is_directory(home.root + "/a"));
        CHECK(home.files.is_directory(home.root + "/a/b/"));
        CHECK(home.files.exists(home.root + "/a/b"));
        put(home.files, home.root + "/f", "");
        CHECK_FALSE(home.files.is_directory(home.root + "/f"));
        CHECK_FALSE(home.files.is_directory(home.root + "/no"));
        CHECK(home.files.make_directories(home.root + "/f").has_error());
        CHECK(home.files.make_directories(home.root + "/f/g").has_error());
        CHECK_FALSE(home.files.is_directory(home.root + "/f"));
    }

    TEST_CASE_TEMPLATE(
        "remove takes files, remove_tree takes all and does not mind nothing",
        Home,
        memory_home,
        posix_home
    ) {
        Home home;
        REQUIRE(home.files.make_directories(home.root + "/a/b"));
        REQUIRE(home.files.make_directories(home.root + "/ab"));
        put(home.files, home.root + "/a/b/f", "");
        CHECK(home.files.remove(home.root + "/a/b").has_error());
        CHECK(home.files.exists(home.root + "/a/b/f"));
        REQUIRE(home.files.remove_tree(home.root + "/a"));
        CHECK(names(home.files, home.root) == std::vector<std::string>{"ab"});
        CHECK(home.files.remove_tree(home.root + "/a"));
    }

    TEST_CASE_TEMPLATE("a directory is synced when there is one", Home, memory_home, posix_home) {
        Home home;
        CHECK(home.files.sync_directory(home.root));
        CHECK(fails_with(
            home.files.sync_directory(home.root + "/no"), std::errc::no_such_file_or_directory
        ));
    }

    TEST_CASE_TEMPLATE("a lock has one holder and leaves its file", Home, memory_home, posix_home) {
        Home home;
        const std::string path = home.root + "/.lock";
        {
            auto held = home.files.lock(path);
            REQUIRE(held);
            CHECK(home.files.exists(path));
            CHECK(fails_with(home.files.lock(path), std::errc::operation_would_block));
            CHECK(home.files.lock(home.root + "/.other"));
        }
        CHECK(home.files.exists(path));
        CHECK(home.files.lock(path));
        CHECK(fails_with(
            home.files.lock(home.root + "/no/.lock"), std::errc::no_such_file_or_directory
        ));
    }

    TEST_CASE_TEMPLATE("errors name the path", Home, memory_home, posix_home) {
        Home home;
        const std::string path = home.root + "/no";
        const auto failed = home.files.open(path, open_mode::read_only);
        CHECK(failed.error().text() == path + ": No such file or directory");
        CHECK(home.files.remove(path).error().context == path);
        CHECK(home.files.list(path).error().context == path);
    }

    TEST_CASE_TEMPLATE("read_file refuses what is too large", Home, memory_home, posix_home) {
        Home home;
        put(home.files, home.root + "/f", "12345");
        CHECK(*read_file(home.files, home.root + "/f", 5) == "12345");
        CHECK(fails_with(read_file(home.files, home.root + "/f", 4), std::errc::file_too_large));
    }

    TEST_CASE_TEMPLATE(
        "replace_file leaves the new text and no trace", Home, memory_home, posix_home
    ) {
        Home home;
        REQUIRE(replace_file(home.files, home.root + "/f", "a longer text"));
        REQUIRE(replace_file(home.files, home.root + "/f", "short"));
        CHECK(get(home.files, home.root + "/f") == "short");
        CHECK(names(home.files, home.root) == std::vector<std::string>{"f"});
    }

    TEST_CASE_TEMPLATE("threads write side by side", Home, memory_home, posix_home) {
        Home home;
        auto made = home.files.open(home.root + "/f", open_mode::read_write);
        REQUIRE(made);
        std::vector<std::thread> all;
        for (std::uint64_t part = 0; part < 4; ++part) {
            all.emplace_back([&to = **made, part] {
                const std::string text(10, static_cast<char>('a' + part));
                for (std::uint64_t round = 0; round < 50; ++round) {
                    static_cast<void>(to.pwrite(as_bytes(text), (round * 4 + part) * 10));
                }
            });
        }
        for (std::thread& each : all) {
            each.join();
        }
        std::string wanted;
        for (std::size_t round = 0; round < 200; ++round) {
            wanted.append(10, static_cast<char>('a' + round % 4));
        }
        CHECK(get(home.files, home.root + "/f") == wanted);
    }

    TEST_CASE("what is made is for owner and group alone, whatever the umask") {
        posix_home home;
        for (const mode_t umask_given : {0000, 0022, 0077}) {
            CAPTURE(umask_given);
            const mode_t before = ::umask(umask_given);
            const std::string root = home.root + "/" + std::to_string(umask_given);
            const bool is_made = home.files.make_directories(root + "/a/b").has_value();
            put(home.files, root + "/a/truncated", "x");
            const bool is_opened =
                home.files.open(root + "/a/b/opened", open_mode::read_write).has_value();
            const bool is_replaced = replace_file(home.files, root + "/replaced", "x").has_value();
            const bool is_locked = home.files.lock(root + "/lock").has_value();
            ::umask(before);
            CHECK((is_made && is_opened && is_replaced && is_locked));
            for (const char* directory : {"", "/a", "/a/b"}) {
                CHECK(*home.files.permissions(root + directory) == directory_mode);
            }
            for (const char* made : {"/a/truncated", "/a/b/opened", "/replaced", "/lock"}) {
                CHECK(*home.files.permissions(root + made) == file_mode);
            }
        }
    }

    TEST_CASE("what is there keeps its permissions, and a directory that lets more in is told of") {
        posix_home home;
        put(home.files, home.root + "/f", "x");
        REQUIRE(::chmod((home.root + "/f").c_str(), 0604) == 0);
        put(home.files, home.root + "/f", "y");
        CHECK(*home.files.permissions(home.root + "/f") == 0604);
        REQUIRE(::chmod(home.root.c_str(), 0755) == 0);
        REQUIRE(home.files.make_directories(home.root));
        CHECK(*home.files.permissions(home.root) == 0755);
        CHECK(openness_warning(home.files, home.root).find("0755") != std::string::npos);
        REQUIRE(::chmod(home.root.c_str(), 0750) == 0);
        CHECK(openness_warning(home.files, home.root).empty());
        REQUIRE(::chmod(home.root.c_str(), 0700) == 0);
        CHECK(openness_warning(home.files, home.root).empty());
        CHECK(openness_warning(home.files, home.root + "/none").empty());
    }

    TEST_CASE("a directory cannot be made where a file or a link to nothing is") {
        posix_home home;
        put(home.files, home.root + "/f", "x");
        CHECK(
            fails_with(home.files.make_directories(home.root + "/f/b"), std::errc::not_a_directory)
        );
        REQUIRE(::symlink("nowhere", (home.root + "/l").c_str()) == 0);
        CHECK(fails_with(
            home.files.open(home.root + "/l", open_mode::truncate),
            std::errc::no_such_file_or_directory
        ));
    }

    TEST_CASE("only the machine's files have a descriptor") {
        posix_home disk;
        memory_home memory;
        CHECK((*disk.files.open(disk.root + "/f", open_mode::read_write))->descriptor() >= 0);
        CHECK((*memory.files.open(memory.root + "/f", open_mode::read_write))->descriptor() == -1);
    }

    TEST_CASE("paths are joined with one slash and cut at the last") {
        CHECK(join_path("/a", "b") == "/a/b");
        CHECK(join_path("/a/", "b") == "/a/b");
        CHECK(join_path("/", "b") == "/b");
        CHECK(join_path("", "b") == "b");
        CHECK(parent_path("/a/b") == "/a");
        CHECK(parent_path("/a") == "/");
        CHECK(parent_path("a") == ".");
        CHECK(parent_path("a/b/c") == "a/b");
    }
}
