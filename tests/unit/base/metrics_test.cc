// Series, their lives and their limits, and the text that Prometheus reads.
#include "base/metric_list.h"

#include <doctest/doctest.h>

#include <set>
#include <thread>

using namespace logboom;

namespace {

constexpr metric sums{
    metric_kind::counter, "logboom_a_total", "records", "What a is", {"topic", "partition"}};
constexpr metric others{metric_kind::counter, "logboom_a_total_more", "records", "More of it"};
constexpr metric level{metric_kind::gauge, "logboom_queue_records", "records", "What waits"};
constexpr metric latency{
    metric_kind::histogram, "logboom_wait_seconds", "seconds", "How long a is waited for", {"api"}};

} // namespace

TEST_SUITE("base/metrics") {
    TEST_CASE("handles of equal labels share a series, others do not") {
        metrics registry;
        const counter first(registry, sums, {"x"});
        const counter again(registry, sums, {"x"});
        const counter other(registry, sums, {"y"});
        first.add(3);
        CHECK(again.value() == 3);
        CHECK(other.value() == 0);
        const counter more(registry, others);
        more.add(100);
        other.add(4);
        CHECK(registry.sum("logboom_a_total") == 7);
        CHECK(registry.sum("logboom_a") == 0);
    }

    TEST_CASE("a series dies with its last handle") {
        metrics registry;
        {
            const counter first(registry, sums, {"x"});
            first.add(3);
            {
                const counter copy = first;
                copy.add(1);
            }
            CHECK(registry.sum("logboom_a_total") == 4);
        }
        CHECK(registry.text().empty());
        CHECK(registry.sum("logboom_a_total") == 0);
    }

    TEST_CASE("a moved handle keeps its series alive, and one may outlive the registry") {
        auto registry = std::make_unique<metrics>();
        counter first(*registry, sums, {"x"});
        counter second(std::move(first));
        second = counter(*registry, sums, {"y"});
        CHECK(registry->samples("logboom_a_total").size() == 1);
        registry.reset();
        second.add(2);
        CHECK(second.value() == 2);
    }

    TEST_CASE("a gauge is a level") {
        metrics registry;
        const gauge waiting(registry, level);
        waiting.set(5);
        waiting.add(-6);
        CHECK(registry.sum("logboom_queue_records") == -1);
    }

    TEST_CASE("the text is Prometheus' with help, type and escaped labels") {
        metrics registry;
        CHECK(registry.text().empty());
        const gauge waiting(registry, level);
        waiting.set(5);
        const counter first(registry, sums, {"x", "0"});
        first.add(1);
        const counter second(registry, sums, {"a \"b\"\\\nc"});
        const counter bare(registry, sums, {"", ""});
        CHECK(
            registry.text() == "# HELP logboom_a_total What a is.\n"
                               "# TYPE logboom_a_total counter\n"
                               "logboom_a_total 0\n"
                               "logboom_a_total{topic=\"a \\\"b\\\"\\\\\\nc\"} 0\n"
                               "logboom_a_total{topic=\"x\",partition=\"0\"} 1\n"
                               "# HELP logboom_queue_records What waits.\n"
                               "# TYPE logboom_queue_records gauge\n"
                               "logboom_queue_records 5\n"
        );
    }

    TEST_CASE("a histogram counts into cumulative buckets, in seconds") {
        metrics registry;
        const histogram waits(registry, latency, {"Fetch"});
        waits.observe(std::chrono::microseconds(250));
        waits.observe(std::chrono::milliseconds(3));
        waits.observe(std::chrono::minutes(2));
        const std::string text = registry.text();
        CAPTURE(text);
        const auto has = [&](std::string_view line) {
            return text.find("\n" + std::string(line) + "\n") != std::string::npos;
        };
        CHECK(has("# TYPE logboom_wait_seconds histogram"));
        CHECK(has("logboom_wait_seconds_bucket{api=\"Fetch\",le=\"0.00025\"} 1"));
        CHECK(has("logboom_wait_seconds_bucket{api=\"Fetch\",le=\"0.0025\"} 1"));
        CHECK(has("logboom_wait_seconds_bucket{api=\"Fetch\",le=\"0.005\"} 2"));
        CHECK(has("logboom_wait_seconds_bucket{api=\"Fetch\",le=\"60\"} 2"));
        CHECK(has("logboom_wait_seconds_bucket{api=\"Fetch\",le=\"+Inf\"} 3"));
        CHECK(has("logboom_wait_seconds_sum{api=\"Fetch\"} 120.00325"));
        CHECK(has("logboom_wait_seconds_count{api=\"Fetch\"} 3"));
    }

    TEST_CASE("series above the limit are counted and not shown") {
        metrics registry(2);
        const counter first(registry, sums, {"a"});
        const counter second(registry, sums, {"b"});
        {
            const counter third(registry, sums, {"c"});
            const counter fourth(registry, sums, {"d"});
            third.add();
            CHECK(registry.samples("logboom_a_total").size() == 2);
            CHECK(registry.text().find("logboom_metrics_series_hidden 2\n") != std::string::npos);
        }
        CHECK(registry.text().find("series_hidden") == std::string::npos);
    }

    TEST_CASE("a set makes its counters as values come, and has an end") {
        metrics registry;
        counter_set reasons(registry, sums, {"x"}, 2);
        reasons.add("0");
        reasons.add("1", 2);
        reasons.add("2");
        reasons.add("3");
        const std::vector<std::string> topic{"x"};
        const auto all = registry.samples("logboom_a_total", topic);
        REQUIRE(all.size() == 3);
        CHECK(all[2].labels[1] == "other");
        CHECK(all[2].value == 2);
        CHECK(registry.samples("logboom_a_total", std::vector<std::string>{"y"}).empty());
    }

    TEST_CASE("threads may count, make, drop and read at once") {
        metrics registry;
        constexpr int threads = 4;
        constexpr int rounds = 2000;
        const counter kept(registry, sums, {"kept"});
        std::vector<std::thread> running;
        for (int i = 0; i < threads; ++i) {
            running.emplace_back([&registry, i] {
                for (int n = 0; n < rounds; ++n) {
                    const counter mine(registry, sums, {"kept"});
                    mine.add(2);
                    const counter brief(registry, sums, {std::to_string((i + n) % 50)});
                    brief.add();
                    if (n % 100 == 0) {
                        static_cast<void>(registry.text());
                    }
                }
            });
        }
        for (std::thread& each : running) {
            each.join();
        }
        CHECK(kept.value() == 2 * threads * rounds);
        CHECK(registry.samples("logboom_a_total").size() == 1);
    }
}
