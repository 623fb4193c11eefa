// Whose positions are in which file: names, locks, and what inputs that are gone have left.
#include "agent/file/sincedb_heritage.h"
#include "base/memory_env.h"

#include <doctest/doctest.h>

TEST_SUITE_BEGIN("agent/sincedb_claim");

using namespace logboom;
using namespace logboom::agent;

namespace {

constexpr auto two_weeks = std::chrono::hours(24 * 14);
constexpr timestamp_ms now{1'700'000'000'000};

checkpoint_record record(std::uint64_t inode, std::int64_t position, std::string path) {
    checkpoint_record out;
    out.identity = {8, 1, inode, 1'600'000'000'000'000'000};
    out.position = file_position(position);
    out.size = file_position(position);
    out.changed = now;
    out.path = std::move(path);
    out.lineage = out.path;
    return out;
}

struct fixture {
    memory_env disk;

    static sincedb_place place(std::string_view plugin, std::string_view pipeline = "main") {
        return sincedb_place::beneath("/data", pipeline, plugin);
    }
    void keep(const std::string& path, const std::vector<checkpoint_record>& records) {
        sincedb state(disk, path, two_weeks, {});
        state.load(now);
        for (const checkpoint_record& each : records) {
            state.put(each);
        }
        REQUIRE(state.write(now).has_value());
    }
    sincedb left(const std::string& path) {
        sincedb out(disk, path, two_weeks, {});
        out.load(now);
        return out;
    }
};

/// An input at its start.
struct heir {
    heir(fixture& with, const sincedb_place& place, std::string_view begin)
        : claim(with.disk, place)
        , state(with.disk, claim.path(), two_weeks, {})
        , heritage(with.disk, two_weeks, {}) {
        REQUIRE(claim.try_lock().has_value());
        state.load(now);
        const auto wanted = [&](const checkpoint_record& each) {
            return each.path.starts_with(begin);
        };
        heritage.take(state, place.family, wanted, now);
    }
    void write() {
        REQUIRE(state.write(now).has_value());
        heritage.settle(now);
    }

    sincedb_claim claim;
    sincedb state;
    sincedb_heritage heritage;
};

} // namespace

TEST_CASE_FIXTURE(fixture, "a file of positions is named after its input") {
    const sincedb_place web = place("web/1.log", "a.b");
    CHECK(web.path == "/data/plugins/inputs/file/.sincedb_a%2eb:web%2f1%2elog");
    CHECK(place("c", "a_b").path != place("b_c", "a").path);
    CHECK(sincedb_claim(disk, web).path() == web.path);
    CHECK(sincedb_claim(disk, {}).path().empty());
}

TEST_CASE_FIXTURE(fixture, "inputs that name one file get files of their own, and keep them") {
    const auto first = sincedb_place::at("/data/db", "main", "first");
    const auto second = sincedb_place::at("/data/db", "main", "second");
    {
        const sincedb_claim one(disk, first);
        const sincedb_claim other(disk, second);
        CHECK(one.path() == "/data/db");
        CHECK(other.path() == "/data/db:main:second");
        keep(one.path(), {record(1, 10, "/l/a")});
        keep(other.path(), {record(1, 20, "/l/a")});
    }
    // In another order, and without the first.
    {
        const sincedb_claim other(disk, second);
        const sincedb_claim one(disk, first);
        CHECK(one.path() == "/data/db");
        CHECK(other.path() == "/data/db:main:second");
    }
    CHECK(sincedb_claim(disk, second).path() == "/data/db:main:second");
    CHECK(sincedb_claim(disk, first).path() == "/data/db");
}

TEST_CASE_FIXTURE(fixture, "what the positions of inputs were called earlier is taken over once") {
    sincedb_place first = place("first");
    first.earlier_path = "/data/plugins/inputs/file/.sincedb_0cc1";
    sincedb_place second = place("second");
    second.earlier_path = first.earlier_path;
    keep(first.earlier_path, {record(1, 10, "/l/a")});
    keep(first.earlier_path + ".2", {record(1, 20, "/l/a")});
    for (int start = 0; start < 2; ++start) {
        sincedb_claim one(disk, first);
        sincedb_claim other(disk, second);
        REQUIRE(one.try_lock().has_value());
        REQUIRE(other.try_lock().has_value());
        CHECK(left(first.path).records().begin()->second.record.position == file_position(10));
        CHECK(left(second.path).records().begin()->second.record.position == file_position(20));
        CHECK_FALSE(disk.exists(first.earlier_path));
        CHECK(disk.exists(first.path + ".copy"));
        // Somebody goes back for a while.
        keep(first.earlier_path, {record(1, 5, "/l/a")});
        REQUIRE(disk.remove(first.earlier_path + ".copy").has_value());
        REQUIRE(disk.remove(first.earlier_path).has_value());
    }
}

TEST_CASE_FIXTURE(fixture, "a sincedb that another process holds is not taken until it is free") {
    sincedb_place wanted = place("held");
    wanted.earlier_path = "/data/plugins/inputs/file/.sincedb_0cc1";
    keep(wanted.earlier_path, {record(1, 10, "/l/a")});
    sincedb_claim claim(disk, wanted);
    for (const std::string& path : {wanted.path, wanted.earlier_path}) {
        auto other = disk.lock(path + ".lock");
        REQUIRE(other.has_value());
        CHECK(claim.try_lock().error().code == std::errc::resource_unavailable_try_again);
    }
    REQUIRE(claim.try_lock().has_value());
    CHECK(disk.lock(wanted.path + ".lock").has_error());
    CHECK(left(wanted.path).records().size() == 1);
}

TEST_CASE_FIXTURE(
    fixture, "an input whose id was changed goes on, and so when it is changed back"
) {
    keep(place("first").path, {record(1, 10, "/l/a")});
    for (const auto& [name, position] :
         std::vector<std::pair<const char*, std::int64_t>>{{"second", 20}, {"first", 30}}) {
        heir input(*this, place(name), "/l/");
        const checkpoint_record* const found = input.state.find(record(1, 0, "").identity);
        REQUIRE(found != nullptr);
        CHECK(found->position == file_position(position - 10));
        // What is born since is new, as for an input that has kept its id.
        CHECK(input.state.loaded_from() == now);
        input.state.put(record(1, position, "/l/a"));
        input.write();
    }
    CHECK_FALSE(disk.exists(place("second").path));
    CHECK_FALSE(disk.exists(place("second").path + ".copy"));
    CHECK(left(place("first").path).records().size() == 1);
}

TEST_CASE_FIXTURE(fixture, "of two positions that a crash has left the further one counts") {
    keep(place("first").path, {record(1, 10, "/l/a")});
    keep(place("second").path, {record(1, 20, "/l/a")});
    keep(place("third").path, {record(1, 15, "/l/a")});
    heir input(*this, place("fourth"), "/l/");
    input.write();
    CHECK(
        left(place("fourth").path).find(record(1, 0, "").identity)->position == file_position(20)
    );
    CHECK_FALSE(disk.exists(place("first").path));
    CHECK_FALSE(disk.exists(place("third").path));
}

TEST_CASE_FIXTURE(fixture, "inputs that are split and merged take the positions of their files") {
    keep(place("both").path, {record(1, 10, "/a/1"), record(2, 20, "/b/1")});
    {
        heir one(*this, place("one"), "/a/");
        one.write();
        heir other(*this, place("other"), "/b/");
        other.write();
        CHECK(one.state.records().size() == 1);
        CHECK(other.state.records().size() == 1);
        CHECK(other.state.find(record(2, 0, "").identity)->position == file_position(20));
        CHECK_FALSE(disk.exists(place("both").path));
    }
    heir merged(*this, place("both"), "/");
    CHECK(merged.state.records().size() == 2);
}

TEST_CASE_FIXTURE(fixture, "what others have or nobody wants is left where it is") {
    const auto there = place("there");
    keep(there.path, {record(1, 10, "/a/1")});
    keep(place("foreign", "other").path, {record(2, 20, "/a/2")});
    keep(place("gone").path, {record(3, 30, "/b/1")});
    const sincedb_claim claim(disk, there);
    heir input(*this, place("new"), "/a/");
    input.state.put(record(4, 40, "/a/4"));
    input.write();
    CHECK(input.state.records().size() == 1);
    CHECK(left(there.path).records().size() == 1);
    CHECK(left(place("foreign", "other").path).records().size() == 1);
    CHECK(left(place("gone").path).records().size() == 1);
}

TEST_CASE_FIXTURE(fixture, "what cannot be written is not taken away from where it was") {
    keep(place("first").path, {record(1, 10, "/l/a")});
    {
        heir input(*this, place("second"), "/l/");
        disk.set_fault([](std::string_view, const std::string&) -> result<void> {
            return error(std::make_error_code(std::errc::no_space_on_device));
        });
        CHECK(input.state.write(now).has_error());
        disk.set_fault({});
    }
    CHECK(left(place("first").path).records().size() == 1);
    heir again(*this, place("second"), "/l/");
    CHECK(again.state.records().size() == 1);
}

TEST_SUITE_END();
