#include "base/crc32c.h"
#include "base/ids.h"
#include "base/memory_env.h"
#include "base/settings.h"

#include <doctest/doctest.h>

using namespace logboom;

TEST_SUITE("base") {
    TEST_CASE("crc32c of the check string is the published value, whole or in parts") {
        CHECK(crc32c(as_bytes("123456789")) == 0xE3069283U);
        CHECK(crc32c(as_bytes("6789"), crc32c(as_bytes("12345"))) == 0xE3069283U);
    }

    TEST_CASE("a uuid survives its text form") {
        const uuid id = uuid::random();
        uuid back;
        CHECK(id.text().size() == 22);
        REQUIRE(uuid::parse(id.text(), back));
        CHECK(back == id);
        CHECK_FALSE(uuid::parse("too short", back));
    }

    TEST_CASE("replace_file leaves the old or the new text after a crash, never less") {
        memory_env disk;
        REQUIRE(disk.make_directories("/d"));
        REQUIRE(replace_file(disk, "/d/f", "old"));
        disk.set_fault([](std::string_view operation, const std::string&) -> result<void> {
            if (operation == "rename") {
                return error(std::error_code(EIO, std::system_category()));
            }
            return {};
        });
        CHECK(replace_file(disk, "/d/f", "new").has_error());
        disk.set_fault({});
        disk.crash();
        CHECK(*read_file(disk, "/d/f", 100) == "old");
        REQUIRE(replace_file(disk, "/d/f", "new"));
        disk.crash();
        CHECK(*read_file(disk, "/d/f", 100) == "new");
    }

    TEST_CASE("durations and sizes are read as Logstash writes them") {
        using namespace std::chrono_literals;
        CHECK(parse_duration("250 ms", "s") == 250ms);
        CHECK(parse_duration("1 hour", "s") == 1h);
        CHECK(parse_duration("5", "s") == 5s);
        CHECK_FALSE(parse_duration("5 milli", "s"));
        CHECK(parse_byte_count("10 MiB") == 10 * 1024 * 1024);
        CHECK(parse_byte_count("64kb") == 65536);
    }

    TEST_CASE("an unknown setting is a problem that names the nearest one") {
        static constexpr setting table[] = {
            {.name = "start_position",
             .type = setting_type::choice,
             .fallback = "end",
             .choices = "beginning|end"},
        };
        settings options("file input", table);
        options.set("start_positon", {std::string("end"), {"a.conf", 3, 5}});
        REQUIRE(options.problems().size() == 1);
        CHECK(
            options.problems()[0].text ==
            "a.conf:3:5: Unknown setting 'start_positon' for file input; did you mean "
            "'start_position'?"
        );
        CHECK(options.text("start_position") == "end");
    }
}
