#include "agent/errc.h"
#include "agent/file/glob.h"
#include "tests/unit/agent/file/support.h"

#include <doctest/doctest.h>

#include <algorithm>

TEST_SUITE_BEGIN("agent/glob");

using namespace logboom;
using namespace logboom::agent;

namespace {

bool matches(std::string_view pattern, std::string_view path) {
    const auto globs = glob::compile(pattern).value();
    return std::any_of(globs.begin(), globs.end(), [&](const glob& each) {
        return each.matches(path);
    });
}

class recorder final : public glob_visitor {
  public:
    void directory(const std::string& path, bool holds_files) override {
        directories.emplace_back(path, holds_files);
    }
    void match(const std::string& path, bool is_link) override {
        matched.push_back(path);
        links += is_link ? 1 : 0;
    }
    std::vector<std::pair<std::string, bool>> directories;
    std::vector<std::string> matched;
    int links = 0;
};

recorder walk(const std::string& pattern) {
    recorder out;
    for (const glob& each : glob::compile(pattern).value()) {
        each.walk(out);
    }
    std::sort(out.matched.begin(), out.matched.end());
    return out;
}

} // namespace

TEST_CASE("names match as Ruby's Dir.glob has it") {
    struct row {
        std::string_view pattern;
        std::string_view name;
        bool expected;
    };
    for (const row& each : std::initializer_list<row>{{"*", "a.log", true},
                                                      {"*", ".hidden", false},
                                                      {".*", ".hidden", true},
                                                      {"*.log", "a.log", true},
                                                      {"*.log", "a.log.1", false},
                                                      {"?.log", "a.log", true},
                                                      {"?.log", "ab.log", false},
                                                      {"[ab].log", "b.log", true},
                                                      {"[^ab].log", "b.log", false},
                                                      {"[!ab].log", "c.log", true},
                                                      {"[a-c]x", "bx", true},
                                                      {"[a-c]x", "dx", false},
                                                      {"[]x]", "]", true},
                                                      {"a\\*b", "a*b", true},
                                                      {"a\\*b", "axb", false},
                                                      {"*a*b*", "xxaxxbxx", true},
                                                      {"*a*b*", "xxbxxaxx", false},
                                                      {"", "", true},
                                                      {"[a", "a", false},
                                                      {"**", "ab", true},
                                                      {"?", ".", false}}) {
        CAPTURE(each.pattern);
        CAPTURE(each.name);
        CHECK(matches_name(each.pattern, each.name) == each.expected);
    }
}

TEST_CASE("paths match by component, with any depth and braces") {
    CHECK(matches("/var/log/*.log", "/var/log/a.log"));
    CHECK_FALSE(matches("/var/log/*.log", "/var/log/x/a.log"));
    CHECK(matches("/var/**/*.log", "/var/a.log"));
    CHECK(matches("/var/**/*.log", "/var/x/y/a.log"));
    CHECK_FALSE(matches("/var/**/*.log", "/var/.x/a.log"));
    CHECK(matches("/var/{log,tmp}/{a,b}.log", "/var/tmp/b.log"));
    CHECK(matches("/var/{log,tmp/{x,y}}/a", "/var/tmp/y/a"));
    CHECK(matches("/var//log/a", "/var/log/a"));
    CHECK_FALSE(matches("/var/log/a", "/var/log"));
}

TEST_CASE("patterns that cannot be meant are refused") {
    CHECK(glob::compile("var/*.log").error().code == make_error_code(errc::path_not_absolute));
    CHECK(glob::compile("/var/[a.log").error().code == make_error_code(errc::bad_glob));
    CHECK(glob::compile("/var/{a,b.log").error().code == make_error_code(errc::bad_glob));
    CHECK(glob::compile("/var/a\\").error().code == make_error_code(errc::bad_glob));
    std::string bomb = "/";
    for (int i = 0; i < 20; ++i) {
        bomb += "{a,b}";
    }
    CHECK(glob::compile(bomb).error().code == make_error_code(errc::too_many_globs));
}

TEST_CASE("a walk finds what matches and names the directories to watch") {
    const test::temporary_directory root;
    std::filesystem::create_directories(root / "x/y");
    std::filesystem::create_directories(root / ".hidden");
    std::filesystem::create_directory_symlink(root / "x", root / "link");
    for (const char* name : {"a.log", "x/b.log", "x/y/c.log", ".hidden/d.log", "x/e.txt"}) {
        root.append(name, "");
    }
    std::filesystem::create_symlink(root / "a.log", root / "l.log");

    const recorder deep = walk(root / "**/*.log");
    CHECK(
        deep.matched ==
        std::vector<std::string>{
            root / "a.log", root / "l.log", root / "x/b.log", root / "x/y/c.log"}
    );
    CHECK(deep.links == 1);
    const recorder flat = walk(root / "x/*.log");
    CHECK(flat.matched == std::vector<std::string>{root / "x/b.log"});
    CHECK(
        std::count(flat.directories.begin(), flat.directories.end(), std::pair{root / "x", true}) ==
        1
    );
    CHECK(
        std::count(
            flat.directories.begin(), flat.directories.end(), std::pair{root.path(), false}
        ) == 1
    );
}

TEST_CASE("a directory that is not there yet is waited for in the nearest one that is") {
    const test::temporary_directory root;
    const recorder none = walk(root / "later/logs/*.log");
    CHECK(none.matched.empty());
    REQUIRE_FALSE(none.directories.empty());
    CHECK(none.directories.back() == std::pair{root.path(), false});
}

TEST_SUITE_END();
