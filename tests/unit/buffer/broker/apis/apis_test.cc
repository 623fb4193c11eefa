#include "buffer/broker/apis/handlers.h"
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

} // namespace
} // namespace logboom::broker

TEST_SUITE_END();
