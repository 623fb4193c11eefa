// Whose positions are whose: file inputs of several pipelines, whose settings are changed, on a
// real directory.
#include "tests/unit/agent/file/support.h"

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <openssl/evp.h>

#include <array>

TEST_SUITE_BEGIN("agent/input_state");

using namespace logboom;
using namespace logboom::agent::test;
using fixture = file_input_fixture;
using strings = std::vector<std::string>;

namespace {

std::string md5_of(std::string_view text) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned size = 0;
    REQUIRE(EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_md5(), nullptr) == 1);
    std::string out;
    for (unsigned i = 0; i < size; ++i) {
        out += fmt::format("{:02x}", digest.at(i));
    }
    return out;
}

} // namespace

TEST_CASE_FIXTURE(fixture, "two pipelines of the same paths keep positions apart, in any order") {
    logs.append("a.log", "one\n");
    collecting_sink other_sink;
    auto first = given();
    auto second = given();
    second.pipeline_id = "other";
    {
        running_input input(first, sink);
        running_input other(second, other_sink);
        REQUIRE(sink.wait_for(1));
        REQUIRE(other_sink.wait_for(1));
        other.stop();
        logs.append("a.log", "two\n");
        REQUIRE(sink.wait_for(2));
        input.stop();
    }
    // Without the first the second is where it was.
    {
        running_input other(second, other_sink);
        REQUIRE(other_sink.wait_for(2));
        other.stop();
    }
    logs.append("a.log", "three\n");
    running_input other(second, other_sink);
    running_input input(first, sink);
    REQUIRE(sink.wait_for(3));
    REQUIRE(other_sink.wait_for(3));
    CHECK(sink.texts() == strings{"one", "two", "three"});
    CHECK(other_sink.texts() == strings{"one", "two", "three"});
}

TEST_CASE_FIXTURE(fixture, "a list of paths that was changed neither reads again nor skips") {
    logs.append("a.log", "one\n");
    auto what = given();
    what.options.erase(what.options.begin());
    what.options.emplace_back("start_position", "beginning");
    {
        running_input input(what, sink);
        REQUIRE(sink.wait_for(1));
        input.stop();
    }
    // The settings that an id is made of are others, then the id is given, then all is as it was.
    what.options.back() = {"start_position", "end"};
    std::size_t count = 1;
    for (const std::string id : {"longer", "given", "file"}) {
        logs.append("a.log", id + "\n");
        what.plugin_id = id;
        what.paths.push_back(logs / (id + ".txt"));
        running_input input(what, sink);
        REQUIRE(sink.wait_for(++count));
        input.stop();
    }
    CHECK(sink.texts() == strings{"one", "longer", "given", "file"});
}

TEST_CASE_FIXTURE(
    fixture, "positions from before a file was named after its input are gone on with"
) {
    logs.append("a.log", "one\n");
    auto what = given("a.log");
    {
        running_input input(what, sink);
        REQUIRE(sink.wait_for(1));
        input.stop();
    }
    const std::filesystem::path state = data / "plugins/inputs/file";
    std::filesystem::rename(
        state / ".sincedb_main:file", state / (".sincedb_" + md5_of(logs / "a.log"))
    );
    what.options.erase(what.options.begin());
    logs.append("a.log", "two\n");
    running_input input(what, sink);
    REQUIRE(sink.wait_for(2));
    CHECK(sink.texts() == strings{"one", "two"});
}

TEST_SUITE_END();
