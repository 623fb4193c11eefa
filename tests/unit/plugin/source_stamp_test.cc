#include "event/json_writer.h"
#include "plugin/source_stamp.h"

#include <doctest/doctest.h>

using namespace logboom;

TEST_SUITE_BEGIN("plugin/source_stamp");

namespace {

struct fixture {
    /// The fields of an event after a line of /x was stamped in this mode.
    std::string stamped(ecs_mode mode) {
        options.finish({});
        const source_stamp stamp(
            {.options = options,
             .codec = {},
             .time = time,
             .counters = counters,
             .log = {},
             .ecs = mode}
        );
        stamp.add<source_field::host_name>(it, "box");
        stamp.add<source_field::file_path>(it, "/x");
        std::string out;
        append_json(it, out);
        return out;
    }

    plugin_options options{"test", {}};
    manual_clock time;
    metrics counters;
    arena memory;
    event it{memory};
};

} // namespace

TEST_CASE_FIXTURE(fixture, "host and file by their names in the Elastic Common Schema") {
    CHECK(stamped(ecs_mode::v8) == R"({"host":{"name":"box"},"log":{"file":{"path":"/x"}}})");
}

TEST_CASE_FIXTURE(fixture, "host and file by their old names") {
    CHECK(stamped(ecs_mode::disabled) == R"({"host":"box","path":"/x"})");
}

TEST_CASE_FIXTURE(fixture, "what the event brings along stays") {
    it.set(field_reference::of("[host][name]"), value::of(std::string_view("mine")));
    it.set(field_reference::of("[log][level]"), value::of(std::string_view("info")));
    CHECK(
        stamped(ecs_mode::v1) ==
        R"({"host":{"name":"mine"},"log":{"level":"info","file":{"path":"/x"}}})"
    );
}

TEST_CASE_FIXTURE(fixture, "what holds no fields is left alone, but null gives way") {
    it.set("host", value::of(std::string_view("mine")));
    it.set("log", value());
    CHECK(stamped(ecs_mode::v8) == R"({"host":"mine","log":{"file":{"path":"/x"}}})");
}

TEST_SUITE_END();
