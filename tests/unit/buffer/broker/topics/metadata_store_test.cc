// The metadata store over crashes, torn tails and full disks, and the catalog of topics on it.
#include "base/memory_env.h"
#include "buffer/broker/config/server_properties.h"
#include "buffer/broker/core/errc.h"
#include "buffer/broker/topics/file_metadata_store.h"
#include "buffer/broker/topics/local_topic_catalog.h"
#include "net/manual_loop.h"

#include <doctest/doctest.h>

TEST_SUITE_BEGIN("buffer/broker/metadata_store");

namespace logboom::broker {
namespace {

using change = metadata_change;

struct fixture {
    memory_env files;
    manual_clock time;
    net::manual_loop loop{time};
    metrics counters;
    std::unique_ptr<file_metadata_store> store;

    fixture() {
        REQUIRE(files.make_directories("d").has_value());
        open();
    }
    void open() {
        store.reset();
        auto opened = file_metadata_store::open(files, loop, "d/metadata", logger{});
        REQUIRE(opened.has_value());
        store = *std::move(opened);
    }
    result<void> commit(std::vector<change> changes) {
        std::optional<result<void>> outcome;
        store->commit(std::move(changes), [&](result<void> done) { outcome = std::move(done); });
        loop.run_ready();
        REQUIRE(outcome.has_value());
        return *outcome;
    }
    std::string value(std::string_view path) {
        const auto node = store->read(path);
        return node ? node->value : "(none)";
    }
};

TEST_CASE_FIXTURE(fixture, "what was committed is read after a crash, with its version") {
    CHECK(commit({{change::kind::create, "/a/x", "one\ttab\nline\\"}}).has_value());
    CHECK(commit({{change::kind::update, "/a/x", "two\n", 0}}).has_value());
    CHECK(commit({{change::kind::create, "/a/y", "", -1}, {change::kind::create, "/b", "z"}}
    ).has_value());
    files.crash();
    open();
    CHECK(value("/a/x") == "two\n");
    CHECK(store->read("/a/x")->version == 1);
    CHECK(store->children("/a") == std::vector<std::string>{"x", "y"});
    CHECK(store->children("/") == std::vector<std::string>{"a", "b"});
    CHECK(commit({{change::kind::remove, "/a/x", "", 1}}).has_value());
    files.crash();
    open();
    CHECK(value("/a/x") == "(none)");
    CHECK(value("/b") == "z");
}

TEST_CASE_FIXTURE(fixture, "a change set with one conflict changes nothing") {
    CHECK(commit({{change::kind::create, "/a", "1"}}).has_value());
    CHECK(
        commit({{change::kind::create, "/b", "1"}, {change::kind::create, "/a", "2"}}).error() ==
        error(errc::metadata_conflict)
    );
    CHECK(value("/b") == "(none)");
    CHECK(commit({{change::kind::update, "/a", "2", 5}}).error() == error(errc::metadata_conflict));
    CHECK(commit({{change::kind::update, "/none", "2"}}).error() == error(errc::metadata_conflict));
    CHECK(commit({{change::kind::remove, "/none", ""}}).error() == error(errc::metadata_conflict));
    CHECK(value("/a") == "1");
}

TEST_CASE_FIXTURE(fixture, "an ephemeral node ends with the process") {
    change mine{change::kind::create, "/brokers/ids/0", "{}"};
    mine.lives_with = change::owner::this_broker;
    CHECK(commit({mine}).has_value());
    CHECK(value("/brokers/ids/0") == "{}");
    open();
    CHECK(value("/brokers/ids/0") == "(none)");
}

TEST_CASE_FIXTURE(fixture, "a torn last line is cut off and damage before it is refused") {
    CHECK(commit({{change::kind::create, "/a", "1"}}).has_value());
    const std::string good = *read_file(files, "d/metadata", 1 << 20);
    CHECK(commit({{change::kind::create, "/b", "1"}}).has_value());
    const std::string both = *read_file(files, "d/metadata", 1 << 20);
    REQUIRE(replace_file(files, "d/metadata", both.substr(0, both.size() - 3)).has_value());
    open();
    CHECK(value("/a") == "1");
    CHECK(value("/b") == "(none)");
    CHECK(commit({{change::kind::create, "/c", "1"}}).has_value());
    open();
    CHECK(value("/c") == "1");
    std::string damaged = both;
    damaged[good.size() / 2] = '?';
    REQUIRE(replace_file(files, "d/metadata", damaged).has_value());
    CHECK(file_metadata_store::open(files, loop, "d/metadata", logger{}).has_error());
}

TEST_CASE_FIXTURE(fixture, "watches hear of changes at and below their path until they end") {
    std::vector<std::string> heard;
    auto watch = store->watch("/a", [&](const std::string& path) { heard.push_back(path); });
    CHECK(commit({{change::kind::create, "/a/x", "1"}, {change::kind::create, "/ab", "1"}}
    ).has_value());
    CHECK(heard == std::vector<std::string>{"/a/x"});
    watch.reset();
    CHECK(commit({{change::kind::update, "/a/x", "2"}}).has_value());
    CHECK(heard.size() == 1);
}

TEST_CASE_FIXTURE(fixture, "after a failed write every commit fails until the next start") {
    files.set_fault([](std::string_view operation, const std::string&) -> result<void> {
        return operation == "sync" ? result<void>(error(std::make_error_code(std::errc::io_error)))
                                   : result<void>();
    });
    CHECK(commit({{change::kind::create, "/a", "1"}}).has_error());
    files.set_fault({});
    CHECK(commit({{change::kind::create, "/a", "1"}}).has_error());
    CHECK(value("/a") == "(none)");
}

TEST_CASE_FIXTURE(fixture, "a full disk refuses commits until there is room again") {
    CHECK(commit({{change::kind::create, "/a", "1"}}).has_value());
    files.set_fault([](std::string_view operation, const std::string&) -> result<void> {
        return operation == "write" ? error(std::make_error_code(std::errc::no_space_on_device))
                                    : result<void>();
    });
    CHECK(commit({{change::kind::create, "/b", "1"}}).has_error());
    files.set_fault({});
    CHECK(value("/b") == "(none)");
    CHECK(commit({{change::kind::create, "/b", "2"}}).has_value());
    open();
    CHECK(value("/a") == "1");
    CHECK(value("/b") == "2");
}

struct catalog_fixture : fixture {
    broker_config config = default_broker_config();
    std::unique_ptr<log::log_directory> directory;
    std::optional<local_topic_catalog> catalog;

    catalog_fixture() { open_catalog(); }
    void open_catalog() {
        catalog.reset();
        directory.reset();
        log::log_directory_options options;
        options.path = "d/log";
        options.config_of = [](std::string_view) { return make_log_config({}, {}); };
        auto opened =
            log::log_directory::open({files, time, counters, logger{}}, std::move(options));
        REQUIRE(opened.has_value());
        directory = *std::move(opened);
        catalog.emplace(config, *store, std::vector{directory.get()}, logger{});
        bool loaded = false;
        catalog->load([&](const result<void>& done) { loaded = done.has_value(); });
        loop.run_ready();
        REQUIRE(loaded);
    }
    kafka::error_code create(new_topic topic) {
        auto code = kafka::error_code::unknown_server_error;
        catalog->create(std::move(topic), [&](const topic_refusal& outcome, const topic_state*) {
            code = outcome.code;
        });
        loop.run_ready();
        return code;
    }
    kafka::error_code remove(const std::string& name) {
        auto code = kafka::error_code::unknown_server_error;
        catalog->remove(name, [&](const topic_refusal& outcome) { code = outcome.code; });
        loop.run_ready();
        return code;
    }
};

using kafka::error_code;

TEST_CASE_FIXTURE(
    catalog_fixture, "topics keep their id, partitions and overrides over a restart"
) {
    CHECK(create({"t", 3, 1, {{"retention.ms", "5"}}}) == error_code::none);
    const uuid id = catalog->find("t")->id;
    CHECK(catalog->find({"t", partition_id(2)})->is_online());
    CHECK(catalog->find({"t", partition_id(3)}) == nullptr);
    open();
    open_catalog();
    REQUIRE(catalog->find("t") != nullptr);
    CHECK(catalog->find(id) == catalog->find("t"));
    CHECK(catalog->find("t")->partitions.size() == 3);
    CHECK(catalog->find("t")->overrides.at("retention.ms") == "5");
    CHECK(catalog->find({"t", partition_id(0)})->log()->config().retention_ms == 5);
}

TEST_CASE_FIXTURE(catalog_fixture, "names, counts, factors and configs are checked as Kafka does") {
    CHECK(create({"a.b", 1, 1, {}}) == error_code::none);
    CHECK(create({"a.b", 1, 1, {}}) == error_code::topic_already_exists);
    CHECK(create({"a_b", 1, 1, {}}) == error_code::invalid_topic);
    CHECK(create({"a/b", 1, 1, {}}) == error_code::invalid_topic);
    CHECK(create({"..", 1, 1, {}}) == error_code::invalid_topic);
    CHECK(create({"", 1, 1, {}}) == error_code::invalid_topic);
    CHECK(create({std::string(250, 'x'), 1, 1, {}}) == error_code::invalid_topic);
    CHECK(create({"n", 0, 1, {}}) == error_code::invalid_partitions);
    CHECK(create({"n", 1, 2, {}}) == error_code::invalid_replication_factor);
    CHECK(create({"n", 1, 0, {}}) == error_code::invalid_replication_factor);
    CHECK(create({"n", 1, 1, {{"nope", "1"}}}) == error_code::invalid_config);
    CHECK(create({"n", -1, -1, {}}) == error_code::none);
    CHECK(catalog->find("n")->partitions.size() == 1);
}

TEST_CASE_FIXTURE(
    catalog_fixture, "two who create a topic at once: one makes it, one hears it exists"
) {
    std::vector<error_code> codes;
    for (int i = 0; i < 2; ++i) {
        catalog->create(
            {"t", 1, 1, {}},
            [&](const topic_refusal& outcome, const topic_state* topic) {
                codes.push_back(outcome.code);
                CHECK(topic != nullptr);
            }
        );
    }
    loop.run_ready();
    CHECK(codes == std::vector{error_code::none, error_code::topic_already_exists});
}

TEST_CASE_FIXTURE(
    catalog_fixture, "a deleted topic stays deleted, also when a crash cut it short"
) {
    CHECK(create({"t", 2, 1, {}}) == error_code::none);
    CHECK(create({"u", 1, 1, {}}) == error_code::none);
    CHECK(remove("t") == error_code::none);
    CHECK(remove("t") == error_code::unknown_topic_or_partition);
    CHECK(catalog->find("t") == nullptr);
    // Only the mark of u's deletion was written.
    CHECK(commit({{change::kind::create, topic_deletion_path("u"), ""}}).has_value());
    open();
    open_catalog();
    CHECK(catalog->all().empty());
    CHECK(store->children("/brokers/topics").empty());
    CHECK(store->children("/admin/delete_topics").empty());
}

TEST_CASE_FIXTURE(catalog_fixture, "a topic whose logs find no room is not created") {
    files.set_fault([](std::string_view operation, const std::string& path) -> result<void> {
        return operation == "create" && path.ends_with("t-1/00000000000000000000.index")
                   ? error(std::make_error_code(std::errc::no_space_on_device))
                   : result<void>();
    });
    CHECK(create({"t", 2, 1, {}}) == error_code::kafka_storage_error);
    CHECK(catalog->find("t") == nullptr);
    files.set_fault({});
    CHECK(create({"t", 2, 1, {}}) == error_code::none);
    CHECK(catalog->find({"t", partition_id(1)})->is_online());
}

TEST_CASE_FIXTURE(catalog_fixture, "a topic can be made anew when a partition was offline") {
    CHECK(create({"t", 1, 1, {}}) == error_code::none);
    catalog.reset();
    directory.reset();
    REQUIRE(replace_file(files, "d/log/t-0/partition.metadata", "damaged").has_value());
    open();
    open_catalog();
    REQUIRE(catalog->find("t") != nullptr);
    CHECK(catalog->find({"t", partition_id(0)})->log() == nullptr);
    CHECK_FALSE(catalog->find({"t", partition_id(0)})->offline_reason().empty());
    CHECK(remove("t") == error_code::none);
    CHECK(create({"t", 1, 1, {}}) == error_code::none);
    CHECK(catalog->find({"t", partition_id(0)})->is_online());
}

TEST_CASE_FIXTURE(catalog_fixture, "topics on disk that the store does not know are adopted") {
    CHECK(create({"t", 2, 1, {}}) == error_code::none);
    const uuid id = catalog->find("t")->id;
    catalog.reset();
    directory.reset();
    REQUIRE(files.remove("d/metadata").has_value());
    open();
    open_catalog();
    REQUIRE(catalog->find("t") != nullptr);
    CHECK(catalog->find("t")->id == id);
    CHECK(catalog->find("t")->partitions.size() == 2);
}

TEST_CASE_FIXTURE(catalog_fixture, "a log that cannot be opened outlives a topic's creation") {
    CHECK(create({"t", 1, 1, {}}) == error_code::none);
    catalog.reset();
    directory.reset();
    REQUIRE(files.remove("d/metadata").has_value());
    REQUIRE(replace_file(files, "d/log/t-0/partition.metadata", "damaged").has_value());
    open();
    open_catalog();
    CHECK(create({"t", 1, 1, {}}) == error_code::kafka_storage_error);
    CHECK(catalog->find("t") == nullptr);
    CHECK(files.exists("d/log/t-0/00000000000000000000.log"));
}

TEST_CASE_FIXTURE(catalog_fixture, "adopted offsets of groups are compacted, not deleted by age") {
    CHECK(
        create({"__consumer_offsets", 2, 1, {{"cleanup.policy", "compact"}}}) == error_code::none
    );
    catalog.reset();
    directory.reset();
    REQUIRE(files.remove("d/metadata").has_value());
    open();
    open_catalog();
    const log::partition_log* log = catalog->find({"__consumer_offsets", partition_id(1)})->log();
    REQUIRE(log != nullptr);
    CHECK(log->config().cleanup_compact);
    CHECK_FALSE(log->config().cleanup_delete);
}

TEST_CASE_FIXTURE(catalog_fixture, "a topic only grows") {
    CHECK(create({"t", 2, 1, {}}) == error_code::none);
    error_code code = error_code::none;
    catalog->add_partitions("t", 2, [&](const topic_refusal& outcome) { code = outcome.code; });
    loop.run_ready();
    CHECK(code == error_code::invalid_partitions);
    catalog->add_partitions("t", 4, [&](const topic_refusal& outcome) { code = outcome.code; });
    loop.run_ready();
    CHECK(code == error_code::none);
    open();
    open_catalog();
    CHECK(catalog->find("t")->partitions.size() == 4);
}

} // namespace
} // namespace logboom::broker

TEST_SUITE_END();
