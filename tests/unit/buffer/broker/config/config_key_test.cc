#include "buffer/broker/config/config_key.h"
#include "buffer/broker/config/server_properties.h"

#include <doctest/doctest.h>

#include <set>

TEST_SUITE_BEGIN("buffer/broker/config_key");

namespace logboom::broker {
namespace {

TEST_CASE("each key stands in the table once, under each of its names") {
    std::set<std::string_view> names;
    for_each_broker_key([&](const config_key& each) {
        CAPTURE(each.name);
        CHECK(names.insert(each.name).second);
        CHECK(find_broker_key(each.name) == &each);
        CHECK_FALSE(each.doc.empty());
    });
    std::set<std::string_view> topic_names;
    for_each_topic_key([&](const config_key& each) {
        CAPTURE(each.topic_name);
        CHECK(topic_names.insert(each.topic_name).second);
        CHECK(find_topic_key(each.topic_name) == &each);
    });
    CHECK(find_broker_key("retention.ms") == nullptr);
    CHECK(find_topic_key("log.retention.ms") == nullptr);
    CHECK(find_topic_key("") == nullptr);
}

TEST_CASE("every default is a value that could be given") {
    const auto check = [](const config_key& each) {
        CAPTURE(each.own_name());
        if (!each.fallback.empty()) {
            CHECK(check_value(each, each.fallback) == "");
        }
        if (each.to_log != nullptr) {
            CHECK_FALSE(each.fallback.empty());
        }
        if (!each.scales.empty()) {
            CHECK(find_topic_key(each.scales) != nullptr);
        }
    };
    for_each_broker_key(check);
    for_each_topic_key(check);
}

TEST_CASE("a value is checked by type, width, bound and choice") {
    const auto wrong = [](std::string_view name, std::string_view value) {
        return check_value(*find_broker_key(name), value);
    };
    CHECK(wrong("num.partitions", "4") == "");
    CHECK(wrong("num.partitions", "0") == "must be at least 1, not \"0\"");
    CHECK(wrong("num.partitions", "2147483648") != "");
    CHECK(wrong("num.partitions", "4x") != "");
    CHECK(wrong("log.retention.ms", "2147483648") == "");
    CHECK(wrong("offsets.topic.replication.factor", "32768") != "");
    CHECK(wrong("port", "65536") == "must be between 0 and 65535, not \"65536\"");
    CHECK(wrong("delete.topic.enable", "False") == "");
    CHECK(wrong("delete.topic.enable", "no") == "must be true or false, not \"no\"");
    CHECK(wrong("log.cleaner.min.cleanable.ratio", "0.25") == "");
    CHECK(wrong("log.cleaner.min.cleanable.ratio", "1.5") != "");
    CHECK(wrong("log.cleaner.min.cleanable.ratio", "nan") != "");
    CHECK(wrong("log.cleanup.policy", "compact, delete") == "");
    CHECK(wrong("log.cleanup.policy", "compact,burn").find("\"burn\"") != std::string::npos);
}

TEST_CASE("a number beyond what can be counted in does not come to harm") {
    const auto outcome = read_server_properties(
        "f", "log.retention.hours=2147483647\nlog.roll.hours=2147483647\n", {}, "data"
    );
    CHECK(outcome.errors.empty());
    const auto config = make_log_config(outcome.config.topic_defaults, {});
    CHECK(config.retention_ms == 2147483647LL * 3'600'000);
    CHECK(config.segment_ms == 2147483647LL * 3'600'000);
}

TEST_CASE("what is set for one listener is refused, explained or warned of, never silent") {
    const auto outcome = read_server_properties(
        "f",
        "listener.name.inside.max.connections=5\nlistener.name.inside.ssl.protocol=TLSv1.3\n"
        "listener.name.inside.no.such.key=1\n",
        {},
        "data"
    );
    CHECK(outcome.errors.empty());
    REQUIRE(outcome.warnings.size() == 2);
    CHECK(outcome.warnings[0].find("max.connections counts for all") != std::string::npos);
    CHECK(outcome.warnings[1].starts_with("f:3: unknown key listener.name.inside.no.such.key"));
    CHECK(outcome.notes.size() == 1);
    CHECK(outcome.config.max_connections == default_broker_config().max_connections);
}

TEST_CASE("producer.id.expiration.ms reaches the log") {
    const auto outcome =
        read_server_properties("f", "producer.id.expiration.ms=5000\n", {}, "data");
    CHECK(outcome.errors.empty());
    const auto config = make_log_config(outcome.config.topic_defaults, {});
    CHECK(config.producer_id_expiration_ms == 5000);
    CHECK(check_overrides({{"producer.id.expiration.ms", "5"}}) != "");
}

} // namespace
} // namespace logboom::broker

TEST_SUITE_END();
