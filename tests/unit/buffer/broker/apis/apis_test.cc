#include "buffer/broker/apis/handlers.h"
#include "buffer/broker/config/topic_settings.h"
#include "codecs/kafka/messages/all.h"
#include "tests/unit/buffer/broker/broker_fixture.h"
#include "tests/unit/fresh_page.h"

#include <fmt/format.h>

#include <algorithm>

TEST_SUITE_BEGIN("buffer/broker/apis");

namespace logboom::broker {
namespace {

std::string api_table() {
    std::string table = "| key | api | versions |\n|---:|---|---|\n";
    kafka::for_each_api([&]<class Api>() {
        constexpr kafka::api_spec spec = Api::spec;
        table += fmt::format(
            "| {} | {} | {} |\n",
            spec.key,
            spec.name,
            spec.version_min == spec.version_max
                ? fmt::format("{}", spec.version_max)
                : fmt::format("{}-{}", spec.version_min, spec.version_max)
        );
    });
    return table;
}

TEST_CASE("docs/broker.md lists the apis that there are") {
    check_page_part("docs/broker.md", "codecs/kafka/messages/all.h", api_table());
}

TEST_CASE("ApiVersions offers every api of the list and nothing else") {
    const temporary_directory directory;
    const broker_fixture broker(directory.path());
    test_client client(broker.port());
    using api = kafka::api_versions_api;
    const auto answer = client.call<api>(0, {});
    std::size_t count = 0;
    kafka::for_each_api([&]<class Api>() {
        CAPTURE(Api::spec.name);
        REQUIRE(answer.ranges.size() > count);
        const auto& range = answer.ranges[count++];
        CHECK(range.key == Api::spec.key);
        CHECK(range.version_min == Api::spec.version_min);
        CHECK(range.version_max == Api::spec.version_max);
    });
    CHECK(answer.ranges.size() == count);
}

TEST_CASE("DescribeLogDirs says what lies in each directory, and what room there is") {
    using api = kafka::describe_log_dirs_api;
    const temporary_directory directory;
    const broker_fixture broker(directory.path());
    test_client client(broker.port());
    create_topic(client, "t");
    create_topic(client, "u");
    const auto records = batch_of({"one", "two"});
    client.call<kafka::produce_api>(9, produce_to("t", records));
    for (std::int16_t version = 0; version <= api::spec.version_max; ++version) {
        CAPTURE(version);
        const auto all = client.call<api>(version, {});
        CHECK(all.error == 0);
        REQUIRE(all.directories.size() == 1);
        const auto& found = all.directories[0];
        CHECK(found.error == 0);
        CHECK(found.path == directory.path());
        REQUIRE(found.topics.size() == 2);
        CHECK(found.topics[0].name == "t");
        REQUIRE(found.topics[0].partitions.size() == 1);
        CHECK(found.topics[0].partitions[0].size == static_cast<std::int64_t>(records.size()));
        CHECK(found.topics[0].partitions[0].offset_lag == 0);
        CHECK_FALSE(found.topics[0].partitions[0].is_future);
        CHECK(found.topics[1].partitions[0].size == 0);
        CHECK((found.total_bytes > 0) == (version >= 4));
        CHECK((found.usable_bytes > 0) == (version >= 4));
    }
    api::request only;
    only.topics.emplace();
    only.topics->push_back({"u", {partition_id(0), partition_id(7)}});
    only.topics->push_back({"none", {partition_id(0)}});
    const auto some = client.call<api>(4, only);
    REQUIRE(some.directories.at(0).topics.size() == 1);
    CHECK(some.directories[0].topics[0].name == "u");
    CHECK(some.directories[0].topics[0].partitions.size() == 1);
    only.topics->clear();
    CHECK(client.call<api>(4, only).directories.at(0).topics.empty());
}

TEST_CASE(
    "DescribeConfigs gives each key of a broker its own type, and no value where there is none"
) {
    using api = kafka::describe_configs_api;
    const temporary_directory directory;
    broker_config config = default_broker_config();
    config.given = {{"num.partitions", "4"}, {"zookeeper.ssl.keystore.password", "hunter2"}};
    const broker_fixture broker(directory.path(), config);
    test_client client(broker.port());
    api::request ask;
    ask.resources.assign(3, {4, "0", std::nullopt});
    ask.resources.push_back({4, "00", std::nullopt});
    ask.include_documentation = true;
    const auto answer = client.call<api>(4, ask);
    REQUIRE(answer.results.size() == 4);
    for (std::size_t i = 1; i < 4; ++i) {
        CHECK(answer.results[i].error == wire(kafka::error_code::invalid_request));
        CHECK(answer.results[i].configs.empty());
    }
    const auto& configs = answer.results[0].configs;
    const auto check = [&](std::string_view name, config_type type, auto value, config_source source
                       ) {
        CAPTURE(name);
        const auto found = std::find_if(configs.begin(), configs.end(), [&](const auto& each) {
            return each.name == name;
        });
        REQUIRE(found != configs.end());
        CHECK(found->type == static_cast<std::int8_t>(type));
        CHECK(found->value == value);
        CHECK(found->source == static_cast<std::int8_t>(source));
        CHECK(found->read_only);
        CHECK(found->is_sensitive == (type == config_type::password));
        CHECK_FALSE(found->documentation.value_or("").empty());
    };
    using text = std::optional<std::string>;
    check("num.partitions", config_type::integer, text("4"), config_source::broker);
    check("log.retention.hours", config_type::integer, text("168"), config_source::fallback);
    check(
        "log.flush.interval.ms",
        config_type::long_integer,
        text("9223372036854775807"),
        config_source::fallback
    );
    check("log.roll.jitter.hours", config_type::integer, text("0"), config_source::fallback);
    check("log.retention.minutes", config_type::integer, text(), config_source::fallback);
    check("delete.topic.enable", config_type::boolean, text("true"), config_source::fallback);
    check("sasl.enabled.mechanisms", config_type::list, text(), config_source::fallback);
    check("zookeeper.ssl.keystore.password", config_type::password, text(), config_source::broker);
}

} // namespace
} // namespace logboom::broker

TEST_SUITE_END();
