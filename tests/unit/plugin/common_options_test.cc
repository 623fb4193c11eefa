#include "plugin/common_options.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>

using namespace logboom;

namespace {

std::string names_of(const std::vector<setting>& rows) {
    std::string out;
    for (const setting& each : rows) {
        out += (out.empty() ? "" : " ") + std::string(each.name);
    }
    return out;
}

} // namespace

TEST_SUITE("plugin/common_options") {
    TEST_CASE("each kind has what all of its plugins have, behind their own") {
        constexpr setting own[] = {{.name = "port"}};
        CHECK(
            names_of(with_common_options(own, plugin_kind::input)) ==
            "port type tags add_field codec id enable_metric ecs_compatibility"
        );
        CHECK(
            names_of(with_common_options(own, plugin_kind::filter)) ==
            "port add_field remove_field add_tag remove_tag periodic_flush id enable_metric "
            "ecs_compatibility"
        );
        CHECK(
            names_of(with_common_options(own, plugin_kind::output)) ==
            "port codec workers id enable_metric ecs_compatibility"
        );
        CHECK(
            names_of(with_common_options(own, plugin_kind::codec)) ==
            "port id enable_metric ecs_compatibility"
        );
    }

    TEST_CASE("a plugin's own row stands for the common one of its name") {
        constexpr setting own[] = {
            {.name = "codec", .type = setting_type::codec, .fallback = "json"}};
        const auto rows = with_common_options(own, plugin_kind::output);
        CHECK(std::count_if(rows.begin(), rows.end(), [](const setting& each) {
                  return each.name == "codec";
              }) == 1);
        CHECK(rows.front().fallback == "json");
    }
}
