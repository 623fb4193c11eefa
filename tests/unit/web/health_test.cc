#include "base/metric_list.h"
#include "web/health.h"

#include <doctest/doctest.h>

using namespace logboom;
using namespace logboom::web;

TEST_SUITE("web/health") {
    TEST_CASE("an output without its hosts is red, without some of them yellow") {
        metrics registry;
        const label_values plugin{"main", "elasticsearch", "es"};
        const metric& row = declared("logboom_elasticsearch_host_up");
        const gauge first(registry, row, extended(plugin, "http://a:9200"));
        const gauge second(registry, row, extended(plugin, "http://b:9200"));
        first.set(1);
        second.set(1);
        CHECK(health_of(registry, "main").status == health::green);
        second.set(0);
        CHECK(health_of(registry, "main").status == health::yellow);
        first.set(0);
        const pipeline_health now = health_of(registry, "main");
        CHECK(now.status == health::red);
        CHECK(now.state == "RUNNING");
        REQUIRE(now.symptoms.size() == 1);
        CHECK(now.symptoms[0] == "elasticsearch 'es' cannot reach http://a:9200, http://b:9200");
        CHECK(health_of(registry, "other").status == health::green);
    }

    TEST_CASE("a pipeline whose plugin failed is red and has stopped") {
        metrics registry;
        const gauge up(registry, declared("logboom_pipeline_up"), {"main"});
        CHECK(health_of(registry, "main").status == health::red);
        CHECK(health_of(registry, "main").state == "TERMINATED");
        up.set(1);
        CHECK(health_of(registry, "main").status == health::green);
    }
}
