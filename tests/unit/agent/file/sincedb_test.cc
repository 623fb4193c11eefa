// The checkpoint file over crashes, damage, full disks, and Logstash's own.
#include "agent/file/sincedb.h"
#include "base/crc32c.h"
#include "base/memory_env.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

TEST_SUITE_BEGIN("agent/sincedb");

using namespace logboom;
using namespace logboom::agent;

namespace {

constexpr auto two_weeks = std::chrono::hours(24 * 14);
constexpr timestamp_ms now{1'700'000'000'000};

checkpoint_record record(std::uint64_t inode, std::int64_t position, std::int64_t generation = 0) {
    checkpoint_record out;
    out.identity = {8, 1, inode, 1'600'000'000'000'000'000};
    out.generation = file_generation(generation);
    out.position = file_position(position);
    out.size = file_position(position + 5);
    out.changed = now;
    out.path = "/var/log/a b%\n.log";
    out.lineage = "-";
    return out;
}

struct fixture {
    memory_env disk;

    sincedb opened(timestamp_ms at = now) {
        sincedb out(disk, "/data/sincedb", two_weeks, {});
        out.load(at);
        return out;
    }
    std::string text() { return read_file(disk, "/data/sincedb", 1 << 20).value(); }
    void put(std::string_view text) {
        REQUIRE(disk.make_directories("/data").has_value());
        REQUIRE(replace_file(disk, "/data/sincedb", text).has_value());
    }
};

} // namespace

TEST_CASE_FIXTURE(fixture, "what was written comes back, the last state of each file") {
    {
        sincedb state = opened();
        state.put(record(1, 10));
        REQUIRE(state.write(now).has_value());
        state.put(record(2, 20, 3));
        state.put(record(1, 11));
        REQUIRE(state.write(now).has_value());
        CHECK_FALSE(state.has_changes());
    }
    const sincedb state = opened();
    REQUIRE(state.records().size() == 2);
    CHECK(*state.find(record(1, 0).identity) == record(1, 11));
    CHECK(*state.find(record(2, 0).identity) == record(2, 20, 3));
    CHECK(state.loaded_from() == now);
}

TEST_CASE_FIXTURE(fixture, "a sincedb that somebody deleted is written anew with all there is") {
    sincedb state = opened();
    state.put(record(1, 10));
    REQUIRE(state.write(now).has_value());
    REQUIRE(disk.remove("/data/sincedb").has_value());
    state.put(record(2, 20));
    REQUIRE(state.write(now).has_value());
    CHECK(opened().records().size() == 2);
    REQUIRE(disk.remove("/data/sincedb").has_value());
    REQUIRE(state.write(now).has_value());
    CHECK(opened().records().size() == 2);
}

TEST_CASE_FIXTURE(fixture, "a removed file is forgotten, an absent one after clean_after") {
    {
        sincedb state = opened();
        state.put(record(1, 10));
        state.put(record(2, 10));
        state.put(record(3, 10));
        REQUIRE(state.write(now).has_value());
        state.remove(record(1, 0).identity);
        state.retire(record(2, 0).identity);
        REQUIRE(state.write(now).has_value());
    }
    const timestamp_ms later = now + std::chrono::milliseconds(two_weeks).count() + 1;
    sincedb state = opened(later);
    CHECK(state.find(record(1, 0).identity) == nullptr);
    state.revive(record(3, 0).identity);
    state.put(record(4, 1));
    REQUIRE(state.write(later).has_value());
    const sincedb again = opened(later);
    CHECK(again.find(record(2, 0).identity) == nullptr);
    CHECK(again.find(record(3, 0).identity) != nullptr);
}

TEST_CASE_FIXTURE(fixture, "a file torn at any byte gives the last whole state of each file") {
    sincedb state = opened();
    state.put(record(1, 10));
    REQUIRE(state.write(now).has_value());
    const std::size_t first = text().size();
    state.put(record(1, 99));
    state.put(record(2, 20));
    REQUIRE(state.write(now).has_value());
    const std::string whole = text();
    for (std::size_t size = 0; size < whole.size(); ++size) {
        CAPTURE(size);
        put(whole.substr(0, size));
        sincedb torn = opened();
        const checkpoint_record* const found = torn.find(record(1, 0).identity);
        if (size >= first) {
            REQUIRE(found != nullptr);
            CHECK((*found == record(1, 10) || *found == record(1, 99)));
        }
        // And it can be written again.
        torn.put(record(1, 100));
        REQUIRE(torn.write(now).has_value());
        CHECK(*opened().find(record(1, 0).identity) == record(1, 100));
    }
}

TEST_CASE_FIXTURE(fixture, "a changed byte costs at most the record it is in") {
    sincedb state = opened();
    for (std::uint64_t inode = 1; inode <= 3; ++inode) {
        state.put(record(inode, 10));
    }
    REQUIRE(state.write(now).has_value());
    const std::string whole = text();
    for (std::size_t at = sincedb_header.size(); at < whole.size(); ++at) {
        std::string bad = whole;
        bad[at] = static_cast<char>(bad[at] ^ 0x15);
        const auto parsed = parse_sincedb(bad);
        CAPTURE(at);
        CHECK(parsed.from == parsed_sincedb::origin::own);
        // A lost newline joins two lines.
        CHECK(parsed.entries.size() >= 2);
        for (const checkpoint_entry& each : parsed.entries) {
            if (const auto* found = std::get_if<checkpoint_record>(&each)) {
                CHECK(found->position == file_position(10));
            }
        }
    }
}

TEST_CASE_FIXTURE(fixture, "a sincedb that is empty or damaged is read back from its copy") {
    {
        sincedb state = opened();
        state.put(record(1, 10));
        state.put(record(2, 20));
        REQUIRE(state.write(now).has_value());
        state.put(record(2, 25));
        REQUIRE(state.write(now).has_value());
    }
    const std::string whole = text();
    SUBCASE("empty") {
        put("");
        const sincedb state = opened();
        CHECK(*state.find(record(1, 0).identity) == record(1, 10));
        CHECK(*state.find(record(2, 0).identity) == record(2, 20));
        // What the copy does not have is read, not skipped.
        CHECK(state.loaded_from() == timestamp_ms(0));
    }
    SUBCASE("overwritten") {
        put("\x01\n PNG \n");
        const sincedb state = opened();
        CHECK(state.records().size() == 2);
        CHECK(state.loaded_from() == timestamp_ms(0));
        CHECK(disk.exists("/data/sincedb.damaged"));
    }
    SUBCASE("a damaged line") {
        std::string bad = whole;
        bad[bad.rfind("f 8 1 2 ") + 2] = '9';
        put(bad);
        const sincedb state = opened();
        CHECK(*state.find(record(1, 0).identity) == record(1, 10));
        CHECK(*state.find(record(2, 0).identity) == record(2, 20));
        CHECK(state.loaded_from() == timestamp_ms(0));
    }
    SUBCASE("deleted: to begin anew") {
        REQUIRE(disk.remove("/data/sincedb").has_value());
        const sincedb state = opened();
        CHECK(state.records().empty());
        CHECK_FALSE(state.loaded_from().has_value());
    }
    SUBCASE("replaced by Logstash's: that counts") {
        put("11 8 1 100\n");
        const sincedb state = opened();
        CHECK(state.records().size() == 1);
    }
}

TEST_CASE_FIXTURE(fixture, "an empty sincedb that was made for the first start is no damage") {
    put("");
    const sincedb state = opened();
    CHECK(state.records().empty());
    CHECK_FALSE(state.loaded_from().has_value());
}

TEST_CASE_FIXTURE(fixture, "what cannot be put aside is not overwritten before it can") {
    put("garbage\n");
    bool is_full = true;
    disk.set_fault([&](std::string_view, const std::string&) -> result<void> {
        if (is_full) {
            return error(std::make_error_code(std::errc::no_space_on_device));
        }
        return {};
    });
    sincedb state = opened();
    state.put(record(1, 10));
    CHECK(state.write(now).has_error());
    CHECK(text() == "garbage\n");
    is_full = false;
    REQUIRE(state.write(now).has_value());
    CHECK(read_file(disk, "/data/sincedb.damaged", 100).value() == "garbage\n");
    CHECK(*opened().find(record(1, 0).identity) == record(1, 10));
}

TEST_CASE_FIXTURE(fixture, "a disk that is full leaves the old state and the next write is whole") {
    sincedb state = opened();
    state.put(record(1, 10));
    REQUIRE(state.write(now).has_value());
    disk.set_fault([](std::string_view operation, const std::string&) -> result<void> {
        if (operation == "write") {
            return error(std::make_error_code(std::errc::no_space_on_device));
        }
        return {};
    });
    state.put(record(1, 11));
    state.put(record(2, 20));
    CHECK(state.write(now).has_error());
    CHECK(state.write(now).has_error());
    CHECK(state.has_changes());
    CHECK(*opened().find(record(1, 0).identity) == record(1, 10));
    disk.set_fault({});
    REQUIRE(state.write(now).has_value());
    CHECK(*opened().find(record(1, 0).identity) == record(1, 11));
    CHECK(*opened().find(record(2, 0).identity) == record(2, 20));
}

TEST_CASE_FIXTURE(
    fixture, "what was noted survives the process, what was written a loss of power"
) {
    sincedb state = opened();
    state.put(record(1, 10));
    CHECK(state.note(now).value() == 0);
    REQUIRE(state.write(now).has_value());
    state.put(record(1, 11));
    CHECK(state.note(now).value() == 1);
    CHECK(state.note(now).value() == 0);
    CHECK(state.has_changes());
    CHECK(*opened().find(record(1, 0).identity) == record(1, 11));
    REQUIRE(state.write(now).has_value());
    CHECK_FALSE(state.has_changes());
    disk.crash();
    CHECK(*opened().find(record(1, 0).identity) == record(1, 11));
}

TEST_CASE_FIXTURE(fixture, "markers come back, and a sincedb of version 1 has none") {
    checkpoint_record marked = record(1, 10);
    marked.marker = content_marker::of("a line\n");
    {
        sincedb state = opened();
        state.put(marked);
        REQUIRE(state.write(now).has_value());
    }
    CHECK(*opened().find(marked.identity) == marked);
    const std::string payload = "f 8 1 7 0 0 10 10 1000 - /l/a /l/a";
    put(fmt::format(
        "logboom-sincedb 1\n{:08x} {}\n", crc32c(as_bytes(std::string_view(payload))), payload
    ));
    sincedb before = opened();
    const checkpoint_record* const found = before.find({8, 1, 7, 0});
    REQUIRE(found != nullptr);
    CHECK(found->position == file_position(10));
    CHECK(found->marker.size() == 0);
}

TEST_CASE_FIXTURE(fixture, "how a file begins and what its lines are named after come back") {
    checkpoint_record known = record(1, 10);
    known.prefix.extend(0, "how it begins");
    known.origin = file_identity{8, 7, 99, 1'600'000'000'000'000'001};
    checkpoint_record other = record(2, 20);
    other.prefix.extend(0, std::string(2000, 'x'));
    CHECK(other.prefix.size() == content_prefix::reach);
    sincedb state = opened();
    state.put(known);
    state.put(other);
    REQUIRE(state.write(now).has_value());
    const sincedb again = opened();
    CHECK(*again.find(known.identity) == known);
    CHECK(*again.find(other.identity) == other);
}

TEST_CASE_FIXTURE(fixture, "what has not been seen is found by inode and birth time, and by name") {
    {
        sincedb state = opened();
        state.put(record(1, 10));
        REQUIRE(state.write(now).has_value());
    }
    sincedb state = opened();
    file_identity moved = record(1, 0).identity;
    moved.device_minor = 9;
    REQUIRE(state.find_moved(moved) != nullptr);
    CHECK(state.missing_at(record(1, 0).path).size() == 1);
    CHECK(state.missing_at("/elsewhere").empty());
    file_identity younger = moved;
    ++younger.birth_ns;
    CHECK(state.find_moved(younger) == nullptr);
    // It is there: the other file is another.
    state.revive(record(1, 0).identity);
    CHECK(state.find_moved(moved) == nullptr);
    CHECK(state.missing_at(record(1, 0).path).empty());
}

TEST_CASE_FIXTURE(fixture, "power loss after a write loses nothing of it") {
    sincedb state = opened();
    state.put(record(1, 10));
    REQUIRE(state.write(now).has_value());
    state.put(record(1, 11));
    REQUIRE(state.write(now).has_value());
    disk.crash();
    CHECK(*opened().find(record(1, 0).identity) == record(1, 11));
}

TEST_CASE_FIXTURE(fixture, "a Logstash sincedb of version 1 or 2 is imported once, with a copy") {
    const std::string old = "11 8 1 100\n12 8 1 200 1699999999.25 /var/log/with space.log\n";
    put(old);
    sincedb state = opened();
    const checkpoint_record* const first = state.find({8, 1, 11, 777});
    REQUIRE(first != nullptr);
    CHECK(first->position == file_position(100));
    const checkpoint_record* const second = state.find({8, 1, 12, 0});
    REQUIRE(second != nullptr);
    CHECK(second->path == "/var/log/with space.log");
    CHECK(second->changed == timestamp_ms(1'699'999'999'250));
    CHECK(read_file(disk, "/data/sincedb.logstash", 1000).value() == old);

    checkpoint_record known = *first;
    known.identity.birth_ns = 777;
    state.put(known);
    REQUIRE(state.write(now).has_value());
    const sincedb again = opened();
    CHECK(again.records().size() == 2);
    CHECK(again.records().contains({8, 1, 11, 777}));
}

TEST_CASE_FIXTURE(fixture, "a record of Logstash's without a time is as old as its file") {
    put("12 8 1 200\n");
    sincedb state(disk, "/data/sincedb", two_weeks, {});
    const timestamp_ms written = now - 1000;
    state.load(now, written);
    CHECK(state.find_foreign({8, 1, 12, 777})->changed == written);
    CHECK(state.loaded_from() == written);
    // It is not forgotten with the first write.
    state.put(record(1, 10));
    REQUIRE(state.write(now).has_value());
    CHECK(opened().find_foreign({8, 1, 12, 777}) != nullptr);
    CHECK(state.find_foreign(record(1, 0).identity) == nullptr);
}

TEST_CASE_FIXTURE(fixture, "a Logstash sincedb that is torn or has bad lines gives what is whole") {
    const std::string whole = "11 8 1 100\n12 8 1 200 1699999999.25 /var/log/a.log\n";
    for (std::size_t size = 1; size < whole.size(); ++size) {
        CAPTURE(size);
        put(whole.substr(0, size));
        sincedb state = opened();
        const checkpoint_record* const first = state.find({8, 1, 11, 777});
        const checkpoint_record* const second = state.find({8, 1, 12, 777});
        CHECK((first == nullptr || first->position <= file_position(100)));
        CHECK((second == nullptr || second->position <= file_position(200)));
        CHECK((first != nullptr || size < std::string_view("11 8 1 1").size()));
        // What it may have said besides is read, not skipped, but where it ends with a line.
        CHECK((state.loaded_from() == timestamp_ms(0) || whole[size - 1] == '\n'));
        static_cast<void>(disk.remove("/data/sincedb.damaged"));
    }
    put("11 8 1 100\n\x01\x02\n12 8 1 200\n");
    const sincedb state = opened();
    CHECK(state.records().size() == 2);
    CHECK(state.loaded_from() == timestamp_ms(0));
    CHECK(disk.exists("/data/sincedb.damaged"));
}

TEST_CASE_FIXTURE(fixture, "a device that Logstash did not split is split on import") {
    // As JRuby on Linux writes them: 0 and st_dev as a whole. 64785 is 253:17.
    put("11 0 64785 100\n12 0 2054 200 1699999999.25 /var/log/a.log\n13 0 19 300\n");
    sincedb state = opened();
    CHECK(state.find({253, 17, 11, 777}) != nullptr);
    CHECK(state.find({8, 6, 12, 777}) != nullptr);
    CHECK(state.find({0, 19, 13, 777}) != nullptr);
    CHECK(state.records().size() == 3);
}

TEST_CASE_FIXTURE(fixture, "a file that is no sincedb is put aside, a newer one is left alone") {
    put("PNG whatever\n\x01\x02\n");
    sincedb damaged = opened();
    CHECK(damaged.records().empty());
    CHECK(disk.exists("/data/sincedb.damaged"));

    put("logboom-sincedb 3\nsomething\n");
    sincedb newer = opened();
    newer.put(record(1, 1));
    CHECK(newer.write(now).has_value());
    CHECK(text() == "logboom-sincedb 3\nsomething\n");
}

TEST_CASE("nothing is written without a path") {
    memory_env disk;
    sincedb state(disk, "", two_weeks, {});
    state.load(now);
    state.put(record(1, 1));
    CHECK(state.write(now).has_value());
    CHECK_FALSE(state.has_changes());
}

TEST_SUITE_END();
