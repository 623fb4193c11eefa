#include "base/metric_list.h"
#include "event/json_writer.h"
#include "plugin/decorator.h"

#include <doctest/doctest.h>

using namespace logboom;

namespace {

constexpr setting table[] = {
    {.name = "add_field", .type = setting_type::hash},
    {.name = "remove_field", .type = setting_type::array},
    {.name = "add_tag", .type = setting_type::array},
    {.name = "remove_tag", .type = setting_type::array},
};

struct fixture {
    decorator made(config_value::hash fields) {
        settings options("test filter", table);
        options.set("add_field", {std::move(fields), {}});
        options.set("add_tag", {config_value::array{{std::string("done"), {}}}, {}});
        options.finish({});
        REQUIRE(options.problems().empty());
        return {
            decoration::for_filter(options),
            {"_one", "_two"},
            std::make_unique<failure_log>(
                counter(counters, declared("logboom_filter_failures_total"), {"main", "x", "y"}),
                time,
                logger()
            )};
    }
    std::string json() const {
        std::string out;
        append_json(it, out);
        return out;
    }

    manual_clock time;
    metrics counters;
    arena memory;
    event it{memory};
};

} // namespace

TEST_SUITE("plugin/decorator") {
    TEST_CASE_FIXTURE(fixture, "what can be done is done, and nobody told") {
        const decorator with = made({{"a", {std::string("1"), {}}, {}}});
        CHECK_FALSE(with.is_empty());
        with.apply(it);
        CHECK(json() == R"({"a":"1","tags":["done"]})");
        CHECK(counters.sum("logboom_filter_failures_total") == 0);
    }

    TEST_CASE_FIXTURE(fixture, "what cannot be done is counted and tagged, and the event goes on") {
        it.set("a", value::of(std::string_view("text")));
        const decorator with = made({{"[a][below]", {std::string("1"), {}}, {}}});
        with.apply(it);
        with.apply(it);
        CHECK(json() == R"({"a":"text","tags":["_one","_two"]})");
        CHECK(counters.sum("logboom_filter_failures_total") == 2);
        CHECK_FALSE(it.is_cancelled());
    }
}
