// Holds the list of metrics to what Prometheus' own linter (promtool check metrics) asks for, and
// docs/metrics.md to the list.
#include "base/metric_list.h"
#include "tests/unit/fresh_page.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <sstream>

using namespace logboom;

namespace {

bool is_plain(std::string_view name) {
    return !name.empty() && std::all_of(name.begin(), name.end(), [](char each) {
        return (each >= 'a' && each <= 'z') || (each >= '0' && each <= '9') || each == '_';
    });
}

std::vector<std::string> words(std::string_view name) {
    std::vector<std::string> out;
    std::istringstream in{std::string(name)};
    for (std::string each; std::getline(in, each, '_');) {
        out.push_back(each);
    }
    return out;
}

const char* kind_name(metric_kind kind) {
    return kind == metric_kind::counter ? "counter"
           : kind == metric_kind::gauge ? "gauge"
                                        : "histogram";
}

std::string page() {
    std::string out =
        "# Metrics\n\n"
        "What `GET /metrics` shows, in Prometheus' text format ([the API](api.md)). A series lives "
        "as\n"
        "long as what it is about: when a topic is deleted or a pipeline has ended, its series "
        "are\n"
        "gone. Labels mean the same everywhere: `pipeline` is a pipeline's id, `plugin` a "
        "plugin's\n"
        "name and `id` its id, `topic`, `partition` and `group` are Kafka's. One metric has "
        "20,000\n"
        "series at most; `logboom_metrics_series_hidden` counts what is not shown.\n\n"
        "This page is written from `base/metric_list.h`.\n\n"
        "| metric | type | unit | labels | what |\n|---|---|---|---|---|\n";
    for (const metric& each : metric_list) {
        std::string labels;
        for (std::size_t i = 0; i < each.label_count(); ++i) {
            labels += fmt::format("{}`{}`", i == 0 ? "" : ", ", each.labels[i]);
        }
        out += fmt::format(
            "| `{}` | {} | {} | {} | {} |\n",
            each.name,
            kind_name(each.kind),
            each.unit,
            labels,
            each.help
        );
    }
    return out;
}

} // namespace

TEST_SUITE("base/metric_list") {
    TEST_CASE("names, units, help and labels are as Prometheus wants them") {
        std::set<std::string_view> names;
        for (const metric& each : metric_list) {
            CAPTURE(each.name);
            CHECK(names.insert(each.name).second);
            CHECK(is_plain(each.name));
            CHECK(each.name.starts_with("logboom_"));
            CHECK_FALSE(each.help.empty());
            CHECK_FALSE(each.help.ends_with('.'));
            CHECK_FALSE(each.unit.empty());
            CHECK(each.name.ends_with("_total") == (each.kind == metric_kind::counter));
            for (const char* suffix : {"_count", "_sum", "_bucket", "_info"}) {
                CHECK_FALSE(each.name.ends_with(suffix));
            }
            const std::vector<std::string> parts = words(each.name);
            for (const char* word :
                 {"counter",
                  "gauge",
                  "histogram",
                  "summary",
                  "milliseconds",
                  "ms",
                  "kilobytes",
                  "minutes",
                  "hours",
                  "percent"}) {
                CHECK(std::find(parts.begin(), parts.end(), word) == parts.end());
            }
            for (const char* unit : {"bytes", "seconds"}) {
                const bool is_named = std::find(parts.begin(), parts.end(), unit) != parts.end();
                CHECK(is_named == (each.unit == unit));
            }
            for (std::size_t i = 0; i < each.label_count(); ++i) {
                CHECK(is_plain(each.labels[i]));
                CHECK(each.labels[i] != "le");
            }
        }
    }

    TEST_CASE("the plugin's labels come in one order everywhere") {
        for (const metric& each : metric_list) {
            CAPTURE(each.name);
            const auto* const begin = each.labels.begin();
            const auto* const end = begin + each.label_count();
            if (std::find(begin, end, "plugin") != end) {
                CHECK(*begin == "pipeline");
                const auto* const plugin = std::find(begin, end, "plugin");
                REQUIRE(plugin + 1 != end);
                CHECK(*(plugin + 1) == "id");
            }
        }
    }

    TEST_CASE("docs/metrics.md says what the list says") {
        check_page("docs/metrics.md", page());
    }
}
