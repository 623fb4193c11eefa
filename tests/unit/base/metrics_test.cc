#include "base/metrics.h"

#include <doctest/doctest.h>

#include <thread>
#include <vector>

using namespace logboom;

TEST_SUITE("base/metrics") {
    TEST_CASE("a counter is the same one for the same name and labels, and stays in place") {
        metrics registry;
        counter& first = registry.get("logboom_a_total", "topic=\"x\"");
        for (int i = 0; i < 1000; ++i) {
            registry.get("logboom_b_total", "n=\"" + std::to_string(i) + "\"").add();
        }
        CHECK(&registry.get("logboom_a_total", "topic=\"x\"") == &first);
        CHECK(&registry.get("logboom_a_total", "topic=\"y\"") != &first);
        CHECK(&registry.get("logboom_a_total") != &first);
        CHECK(registry.sum("logboom_b_total") == 1000);
    }

    TEST_CASE("sum is over all labels of one name and of no other") {
        metrics registry;
        registry.get("logboom_a_total", "topic=\"x\"").add(3);
        registry.get("logboom_a_total", "topic=\"y\"").add(4);
        registry.get("logboom_a_total").add();
        registry.get("logboom_a_total_more").add(100);
        CHECK(registry.sum("logboom_a_total") == 8);
        CHECK(registry.sum("logboom_a") == 0);
    }

    TEST_CASE("a gauge goes up and down and is set") {
        metrics registry;
        counter& level = registry.get("logboom_queue_records");
        level.set(10);
        level.add(-3);
        CHECK(level.value() == 7);
        level.set(-1);
        CHECK(registry.sum("logboom_queue_records") == -1);
    }

    TEST_CASE("the text is Prometheus's, by name, each with its type") {
        metrics registry;
        CHECK(registry.text().empty());
        registry.get("logboom_z_records").set(5);
        registry.get("logboom_a_bytes_total", "topic=\"y\",partition=\"1\"").add(2);
        registry.get("logboom_a_bytes_total", "topic=\"x\",partition=\"0\"").add(1);
        registry.get("logboom_a_bytes_total");
        CHECK(
            registry.text() == "# TYPE logboom_a_bytes_total counter\n"
                               "logboom_a_bytes_total 0\n"
                               "logboom_a_bytes_total{topic=\"x\",partition=\"0\"} 1\n"
                               "logboom_a_bytes_total{topic=\"y\",partition=\"1\"} 2\n"
                               "# TYPE logboom_z_records gauge\n"
                               "logboom_z_records 5\n"
        );
    }

    TEST_CASE("any name can be a label") {
        CHECK(label_text("main") == "main");
        CHECK(label_text("a \"b\"\\\nc") == "a \\\"b\\\"\\\\\\nc");
    }

    TEST_CASE("asking leaves no trace") {
        metrics registry;
        CHECK(registry.sum("logboom_nobody_total") == 0);
        CHECK(registry.text().empty());
    }

    TEST_CASE("many threads make and count at once and nothing is lost") {
        metrics registry;
        constexpr int threads = 4;
        constexpr int rounds = 2000;
        std::vector<std::thread> all;
        for (int i = 0; i < threads; ++i) {
            all.emplace_back([&registry] {
                for (int round = 0; round < rounds; ++round) {
                    const std::string label = "n=\"" + std::to_string(round % 50) + "\"";
                    registry.get("logboom_a_total", label).add(2);
                    if (round % 100 == 0) {
                        static_cast<void>(registry.text());
                        static_cast<void>(registry.sum("logboom_a_total"));
                    }
                }
            });
        }
        for (std::thread& each : all) {
            each.join();
        }
        CHECK(registry.sum("logboom_a_total") == 2 * threads * rounds);
        CHECK(registry.get("logboom_a_total", "n=\"0\"").value() == 2 * threads * rounds / 50);
    }
}
