// Topics and their logs on a memory_env, without a server: what the partition service and the log
// cleaner work on. The loop is the test's own, to hold work back.
#pragma once

#include "base/memory_env.h"
#include "buffer/broker/config/server_properties.h"
#include "buffer/broker/topics/file_metadata_store.h"
#include "buffer/broker/topics/local_topic_catalog.h"
#include "net/manual_loop.h"

#include <doctest/doctest.h>

#include <functional>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace logboom::broker {

/// A net::manual_loop behind which a test overrides what it wants to hold.
class held_loop_base : public net::event_loop {
  public:
    explicit held_loop_base(manual_clock& time) : inner(time) {}
    void post(std::function<void()> work) override { inner.post(std::move(work)); }
    std::unique_ptr<net::loop_timer>
    call_after(std::chrono::nanoseconds wait, std::function<void()> work) override {
        return inner.call_after(wait, std::move(work));
    }
    void run_blocking(std::function<void()> work, std::function<void()> done) override {
        inner.run_blocking(std::move(work), std::move(done));
    }

    net::manual_loop inner;
    std::vector<std::pair<std::function<void()>, std::function<void()>>> held;
};

template <class Loop>
struct catalog_on_disk {
    memory_env files;
    manual_clock time;
    Loop loop{time};
    metrics counters;
    broker_config config = default_broker_config();
    std::unique_ptr<file_metadata_store> store;
    std::unique_ptr<log::log_directory> directory;
    std::optional<local_topic_catalog> catalog;

    catalog_on_disk() {
        REQUIRE(files.make_directories("d").has_value());
        store = *file_metadata_store::open(files, loop, "d/metadata", logger{});
        log::log_directory_options options;
        options.path = "d/log";
        options.config_of = [](std::string_view) { return make_log_config({}, {}); };
        directory =
            *log::log_directory::open({files, time, counters, logger{}}, std::move(options));
        catalog.emplace(config, *store, std::vector{directory.get()}, logger{});
        catalog->load([](const result<void>& done) { REQUIRE(done.has_value()); });
    }
    log::partition_log& create(new_topic topic) {
        const std::string name = topic.name;
        catalog->create(std::move(topic), [](const topic_refusal& outcome, const topic_state*) {
            REQUIRE(outcome.code == kafka::error_code::none);
        });
        loop.inner.run_ready();
        return *catalog->find({name, partition_id(0)})->log();
    }
};

} // namespace logboom::broker
