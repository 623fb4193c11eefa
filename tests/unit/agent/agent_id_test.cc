// The agent's id on the same machine, on another one, and from before machines were told apart.
#include "agent/agent_id.h"
#include "base/ids.h"
#include "base/memory_env.h"

#include <doctest/doctest.h>

TEST_SUITE_BEGIN("agent/agent_id");

using namespace logboom;

namespace {

struct fixture {
    memory_env disk;

    std::string id() { return agent::load_agent_id(disk, "/data", {}).value(); }
    void set_machine(std::string_view system, std::string_view firmware) {
        write("/etc", "machine-id", system);
        write("/sys/class/dmi/id", "product_uuid", firmware);
    }
    void write(const std::string& directory, std::string_view name, std::string_view text) {
        REQUIRE(disk.make_directories(directory).has_value());
        REQUIRE(replace_file(disk, join_path(directory, name), text).has_value());
    }
    std::string text() { return read_file(disk, "/data/agent.id", 1000).value(); }
};

} // namespace

TEST_CASE_FIXTURE(fixture, "the id is made once, and is the first line of its file") {
    const std::string first = id();
    uuid parsed;
    CHECK(uuid::parse(first, parsed));
    CHECK(text().starts_with(first + "\n"));
    CHECK(id() == first);
}

TEST_CASE_FIXTURE(fixture, "a clone gets an id of its own, once") {
    set_machine("0123\n", "abc\n");
    const std::string first = id();
    CHECK(id() == first);
    SUBCASE("of the system") {
        set_machine("4567\n", "abc\n");
    }
    SUBCASE("of the machine, by a hypervisor") {
        set_machine("0123\n", "def\n");
    }
    const std::string second = id();
    CHECK(second != first);
    CHECK(id() == second);
}

TEST_CASE_FIXTURE(fixture, "what is not known of a machine makes no clone") {
    const std::string first = id();
    set_machine("0123\n", "abc\n");
    CHECK(id() == first);
    // Only root may read the firmware's.
    set_machine("0123\n", "");
    CHECK(id() == first);
    set_machine("uninitialized\n", "abc\n");
    CHECK(id() == first);
    set_machine("4567\n", "abc\n");
    CHECK(id() != first);
}

TEST_CASE_FIXTURE(fixture, "the id of a version that did not tell machines apart is kept") {
    const std::string before = uuid::random().text();
    write("/data", "agent.id", before + "\n");
    set_machine("0123\n", "abc\n");
    CHECK(id() == before);
    set_machine("4567\n", "abc\n");
    CHECK(id() != before);
}

TEST_SUITE_END();
