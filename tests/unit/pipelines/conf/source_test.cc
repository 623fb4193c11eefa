#include "pipelines/conf/source.h"

#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <unistd.h>

using namespace logboom;
using namespace logboom::conf;

TEST_SUITE_BEGIN("pipelines/conf");

namespace {

/// A directory with files, gone at the end.
class directory {
  public:
    directory() {
        char name[] = "/tmp/lb-language-XXXXXX";
        REQUIRE(mkdtemp(name) != nullptr);
        path_ = name;
    }
    ~directory() { std::filesystem::remove_all(path_); }
    std::string write(const std::string& name, std::string_view text) const {
        std::ofstream(path_ + "/" + name) << text;
        return path_ + "/" + name;
    }
    [[nodiscard]] const std::string& path() const { return path_; }

  private:
    std::string path_;
};

} // namespace

TEST_CASE("a config may come through a pipe") {
    int ends[2];
    REQUIRE(::pipe(ends) == 0);
    REQUIRE(::write(ends[1], "input { }", 9) == 9);
    ::close(ends[1]);
    source from;
    problems wrong;
    const auto files = make_posix_env();
    CHECK(from.read(*files, std::vector<std::string>{"/dev/fd/" + std::to_string(ends[0])}, wrong));
    ::close(ends[0]);
    CHECK(from.text() == "input { }\n");
}

TEST_CASE("a directory and a glob stand for their files in alphabetical order") {
    const directory in;
    in.write("20-b.conf", "second");
    in.write("10-a.conf", "first");
    in.write("30-c.conf~", "backup");
    std::filesystem::create_directory(in.path() + "/sub");
    const auto files = make_posix_env();
    for (const std::string& path : {in.path(), in.path() + "/*", in.path() + "/{1,2}*.conf"}) {
        source text;
        problems wrong;
        const std::string paths[] = {path};
        REQUIRE(text.read(*files, paths, wrong));
        CHECK(text.text() == "first\nsecond\n");
        CHECK(text.at(0).file.ends_with("10-a.conf"));
        CHECK(text.at(8).file.ends_with("20-b.conf"));
        CHECK(text.at(8).line == 1);
        CHECK(text.at(8).column == 3);
        CHECK(text.line_at(8) == "second");
        CHECK(text.line_of(text.at(8)) == "second");
    }
}

TEST_CASE("what cannot be read is said") {
    const directory in;
    const auto files = make_posix_env();
    source text;
    problems wrong;
    const std::string paths[] = {in.path() + "/*.conf", in.path() + "/none.conf"};
    CHECK_FALSE(text.read(*files, paths, wrong));
    REQUIRE(wrong.size() == 2);
    CHECK(wrong[0].text().find("there is no config file here") != std::string::npos);
}

TEST_CASE("a line that holds what its predecessor tells to be secret is not shown") {
    source text;
    problems wrong;
    const std::string config = "a => 1 password => # mine\n  \"geheim\" b => 2\n  c => 3\n";
    REQUIRE(text.add("config string", config, wrong));
    CHECK(text.line_at(0) == "a => 1 password => # mine");
    CHECK(text.line_at(config.find("b =>")).empty());
    CHECK(text.line_at(config.find("c =>")) == "  c => 3");
}

TEST_CASE("a config that is not UTF-8 is refused with its line") {
    source text;
    problems wrong;
    CHECK_FALSE(text.add("a.conf", "input {\n # caf\xE9\n}", wrong));
    REQUIRE(wrong.size() == 1);
    CHECK(wrong[0].text() == "a.conf:2: this line is not UTF-8; save the file as UTF-8.");
}

TEST_SUITE_END();
