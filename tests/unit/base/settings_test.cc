// The table: names, states, defaults and messages. What values become is settings_value_test.cc.
#include "base/settings.h"

#include <doctest/doctest.h>

using namespace logboom;
using namespace std::chrono_literals;

namespace {

constexpr setting table[] = {
    {.name = "path", .type = setting_type::array, .doc = "Files.", .required = true},
    {.name = "start_position",
     .type = setting_type::choice,
     .fallback = "end",
     .choices = "beginning|end"},
    {.name = "stat_interval", .type = setting_type::duration, .fallback = "1 second"},
    {.name = "port", .type = setting_type::integer, .fallback = "9200", .min = 1, .max = 65535},
    {.name = "debug",
     .type = setting_type::boolean,
     .doc = "See --log.level.",
     .state = setting_state::no_effect},
    {.name = "pool", .type = setting_type::integer, .state = setting_state::no_effect},
    {.name = "mode", .state = setting_state::not_yet},
    {.name = "begin_at", .state = setting_state::renamed, .use_instead = "start_position"},
    {.name = "format", .state = setting_state::obsolete, .use_instead = "set a codec instead."},
};

struct table_fixture {
    settings values{"file input", table};

    void set(std::string_view name, std::string text) {
        values.set(name, {std::move(text), {"a.conf", 3, 5}});
    }
    [[nodiscard]] std::string only_problem() const {
        return values.problems().size() == 1 ? values.problems()[0].text : "not one problem";
    }
    [[nodiscard]] std::string only_warning() const {
        return values.warnings().size() == 1 ? values.warnings()[0] : "not one warning";
    }
};

} // namespace

TEST_SUITE("base/settings") {
    TEST_CASE_FIXTURE(table_fixture, "what nobody gave has its default, or nothing") {
        CHECK(values.text("start_position") == "end");
        CHECK(values.duration("stat_interval") == 1s);
        CHECK(values.integer("port") == 9200);
        CHECK(values.has("port"));
        CHECK_FALSE(values.is_given("port"));
        CHECK_FALSE(values.has("path"));
        CHECK(values.list("path").empty());
        CHECK(values.text("mode").empty());
        CHECK_FALSE(values.flag("debug"));
        CHECK_FALSE(values.codec("mode"));
        CHECK(values.owner() == "file input");
    }

    TEST_CASE_FIXTURE(table_fixture, "what was given replaces the default and knows its place") {
        set("port", "9300");
        CHECK(values.problems().empty());
        CHECK(values.warnings().empty());
        CHECK(values.integer("port") == 9300);
        CHECK(values.is_given("port"));
        CHECK(values.where("port").text() == "a.conf:3:5");
        set("port", "9400");
        CHECK(values.integer("port") == 9400);
    }

    TEST_CASE_FIXTURE(
        table_fixture, "a mistake names place, setting and owner and changes nothing"
    ) {
        set("port", "70000");
        CHECK(
            only_problem() ==
            "a.conf:3:5: setting 'port' of file input must be between 1 and 65535, not \"70000\"."
        );
        CHECK(values.problems()[0].where.line == 3);
        CHECK(values.integer("port") == 9200);
        CHECK_FALSE(values.is_given("port"));
    }

    TEST_CASE_FIXTURE(table_fixture, "an unknown setting is a problem that names the nearest one") {
        set("start_positon", "end");
        CHECK(
            only_problem() == "a.conf:3:5: Unknown setting 'start_positon' for file input; did you "
                              "mean 'start_position'?"
        );
    }

    TEST_CASE_FIXTURE(table_fixture, "an unknown setting that is near to nothing is only unknown") {
        set("sincedb_write_everything", "1");
        CHECK(
            only_problem() ==
            "a.conf:3:5: Unknown setting 'sincedb_write_everything' for file input."
        );
    }

    TEST_CASE_FIXTURE(table_fixture, "nobody is told to use what is refused") {
        set("formatt", "x");
        CHECK(only_problem() == "a.conf:3:5: Unknown setting 'formatt' for file input.");
    }

    TEST_CASE_FIXTURE(table_fixture, "what has no meaning is ignored in one line that says why") {
        set("debug", "true");
        CHECK(values.problems().empty());
        CHECK(
            only_warning() ==
            "a.conf:3:5: setting 'debug' of file input has no meaning here and is "
            "ignored. See --log.level."
        );
    }

    TEST_CASE_FIXTURE(table_fixture, "without a reason the line ends where it is said") {
        set("pool", "5");
        CHECK(
            only_warning() ==
            "a.conf:3:5: setting 'pool' of file input has no meaning here and is ignored."
        );
    }

    TEST_CASE_FIXTURE(table_fixture, "what is ignored is not checked") {
        set("pool", "a value of another decade");
        CHECK(values.problems().empty());
        CHECK(values.warnings().size() == 1);
    }

    TEST_CASE_FIXTURE(table_fixture, "what does not work yet is a warning") {
        set("mode", "read");
        CHECK(values.problems().empty());
        CHECK(
            only_warning() ==
            "a.conf:3:5: setting 'mode' of file input is accepted but has no effect yet."
        );
        CHECK(values.text("mode") == "read");
    }

    TEST_CASE_FIXTURE(table_fixture, "an old name sets the new one and says so") {
        set("begin_at", "beginning");
        CHECK(
            only_warning() ==
            "a.conf:3:5: setting 'begin_at' of file input is an old name for 'start_position'."
        );
        CHECK(values.text("start_position") == "beginning");
        CHECK(values.is_given("start_position"));
        CHECK_FALSE(values.has("begin_at"));
    }

    TEST_CASE_FIXTURE(table_fixture, "an old name is checked as the new one") {
        set("begin_at", "somewhere");
        CHECK(
            only_problem() == "a.conf:3:5: setting 'start_position' of file input must be one of "
                              "beginning, end, not \"somewhere\"."
        );
    }

    TEST_CASE_FIXTURE(table_fixture, "what the peer refuses is refused with the way out") {
        set("format", "json");
        CHECK(
            only_problem() ==
            "a.conf:3:5: setting 'format' of file input is obsolete: set a codec instead."
        );
        CHECK_FALSE(values.has("format"));
    }

    TEST_CASE_FIXTURE(table_fixture, "a message from nowhere begins with itself") {
        values.set("debug", {true, {}});
        CHECK(values.warnings().back().starts_with("setting 'debug'"));
        values.set("mode", {true, {}});
        CHECK(values.warnings().back().starts_with("setting 'mode'"));
        values.set("begin_at", {std::string("end"), {}});
        CHECK(values.warnings().back().starts_with("setting 'begin_at'"));
        values.set("format", {true, {}});
        CHECK(values.problems().back().text.starts_with("setting 'format'"));
    }

    TEST_CASE_FIXTURE(table_fixture, "finish asks for what is required and missing") {
        values.finish({"a.conf", 1, 1});
        CHECK(only_problem() == "a.conf:1:1: file input needs the setting 'path'.");
    }

    TEST_CASE_FIXTURE(table_fixture, "finish is content when all that is required is there") {
        set("path", "/var/log/*.log");
        values.finish({"a.conf", 1, 1});
        CHECK(values.problems().empty());
    }

    TEST_CASE("the nearest name is the one with the fewest changes, if they are few") {
        static constexpr std::string_view known[] = {"hosts", "host", "index", "id", "user"};
        CHECK(nearest_name("host", known) == "host");
        CHECK(nearest_name("hoosts", known) == "hosts");
        CHECK(nearest_name("idnex", known) == "index");
        CHECK(nearest_name("indexes", known) == "index");
        CHECK(nearest_name("usr", known) == "user");
        CHECK(nearest_name("ix", known) == "id");
        CHECK(nearest_name("password", known).empty());
        // Two letters that share none are not near, few as the changes are.
        CHECK(nearest_name("xy", known).empty());
        CHECK(nearest_name("x", known).empty());
        CHECK(nearest_name("", known).empty());
        CHECK(nearest_name("anything", {}).empty());
    }
}
