#include "plugin/event_filter.h"

#include <doctest/doctest.h>

#include <stdexcept>

using namespace logboom;

namespace {

constexpr setting table[] = {tag_on_failure("_failed")};

/// Does what the field `do` of an event says.
class obedient final : public event_filter {
  public:
    explicit obedient(const plugin_context& context) : event_filter(context) {}

  private:
    verdict work_on(event& each) override {
        const std::string_view order = each.get("do")->as_string();
        if (order == "throw") {
            throw std::runtime_error("as asked for");
        }
        if (order == "fail") {
            return verdict::failed("it was told to");
        }
        return order == "match" ? verdict::matched() : verdict::unmatched();
    }
};

struct fixture {
    fixture() : options("obedient filter", table) {
        options.finish({});
        options.parse();
    }
    void add(std::string_view order) { batch.add(0).set("do", value::of(order)); }

    plugin_options options;
    manual_clock time;
    metrics counters;
    event_batch batch;
};

} // namespace

TEST_SUITE("plugin/event_filter") {
    TEST_CASE("the tags of a failure are one or several, as the filter's own row says, or its own"
    ) {
        using tags = std::vector<std::string>;
        constexpr setting one[] = {{.name = "tag_on_failure", .fallback = "_a"}};
        constexpr setting several[] = {{.name = "tag_on_failure", .type = setting_type::array}};
        const auto found = [](std::span<const setting> rows, const char* given) {
            settings options("test filter", rows);
            if (given != nullptr) {
                options.set("tag_on_failure", {std::string(given), {}});
            }
            options.finish({});
            REQUIRE(options.problems().empty());
            return failure_tags(options, {"_otherwise"});
        };
        CHECK(found(one, nullptr) == tags{"_a"});
        CHECK(found(one, "_b") == tags{"_b"});
        CHECK(found(several, "_b") == tags{"_b"});
        // Without any, nothing is tagged.
        CHECK(found(several, nullptr).empty());
        CHECK(found({}, nullptr) == tags{"_otherwise"});
    }

    TEST_CASE_FIXTURE(fixture, "each event meets its own fate, and an exception ends only that") {
        add("match");
        add("throw");
        add("nothing");
        add("fail");
        add("match");
        add("match");
        batch.events[5].cancel();
        obedient one(plugin_context{options, nullptr, time, counters, {}});
        selection chosen{0, 1, 2, 3, 4, 5};
        selection matched;
        one.apply(batch, chosen, matched);
        CHECK(matched == selection{0, 4});
        CHECK(chosen.size() == 6);
        for (const std::size_t failed : {1U, 3U}) {
            const value* tags = batch.events[failed].get("tags");
            REQUIRE(tags != nullptr);
            CHECK(tags->as_array().items[0].as_string() == "_failed");
        }
        CHECK(batch.events[2].get("tags") == nullptr);
        CHECK(counters.sum("logboom_filter_failures_total") == 2);
    }
}
