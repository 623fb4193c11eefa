// Every setting of every plugin that is secret or may hold a URL, made wrong in every way there is:
// what is said about it never says the secret.
#include "base/memory_env.h"
#include "base/secrets.h"
#include "pipelines/topology/pipeline.h"
#include "pipelines/topology/standard_plugins.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

using namespace logboom;
using namespace logboom::pipelines;

namespace {

constexpr std::string_view secret = "geh3im";

struct block {
    plugin_kind kind;
    std::string_view name;
    std::span<const setting> table;
};

std::vector<block> all_blocks() {
    const plugin_registry& all = standard_plugins();
    std::vector<block> blocks;
    for (const auto* each : all.inputs) {
        blocks.push_back({plugin_kind::input, each->name, each->table});
    }
    for (const auto* each : all.filters) {
        blocks.push_back({plugin_kind::filter, each->name, each->table});
    }
    for (const auto* each : all.outputs) {
        blocks.push_back({plugin_kind::output, each->name, each->table});
    }
    for (const auto* each : all.codecs) {
        blocks.push_back({plugin_kind::codec, each->name, each->table});
    }
    return blocks;
}

/// A config with `settings` in that plugin.
std::string config_of(const block& in, const std::string& settings) {
    switch (in.kind) {
    case plugin_kind::codec:
        return fmt::format("input {{ stdin {{ codec => {} {{ {} }} }} }}", in.name, settings);
    case plugin_kind::input:
        return fmt::format("input {{ {} {{ {} }} }}", in.name, settings);
    default:
        return fmt::format(
            "input {{ stdin {{ }} }} {} {{ {} {{ {} }} }}", kind_name(in.kind), in.name, settings
        );
    }
}

/// All that `logboom run -t` says about the config.
std::string said_about(const std::string& config) {
    memory_env files;
    real_clock time;
    metrics counters;
    conf::source text;
    conf::problems errors;
    REQUIRE(text.add("test.conf", config, errors));
    pipeline_settings settings;
    settings.is_check_only = true;
    const auto loaded = pipeline::load(
        text, settings, {standard_plugins(), time, counters, files, logger(), "host"}
    );
    std::string said;
    for (const conf::problem& each : loaded.errors) {
        said += each.text() + "\n";
    }
    for (const std::string& each : loaded.warnings) {
        said += each + "\n";
    }
    return said;
}

void check_silent(const std::string& config) {
    CAPTURE(config);
    const std::string said = said_about(config);
    CAPTURE(said);
    CHECK(said.find(secret) == std::string::npos);
}

} // namespace

TEST_SUITE_BEGIN("pipelines/topology");

TEST_CASE("a setting that is secret is known by its name") {
    for (const block& each : all_blocks()) {
        for (const setting& row : each.table) {
            if (row.type == setting_type::password) {
                CAPTURE(row.name);
                CHECK(is_secret_name(row.name));
            }
        }
    }
}

TEST_CASE("no message about a secret setting shows its value") {
    int seen = 0;
    for (const block& each : all_blocks()) {
        for (const setting& row : each.table) {
            if (row.type != setting_type::password) {
                continue;
            }
            ++seen;
            const std::string name(row.name);
            for (const std::string& settings : {
                     fmt::format("{} => \"{}\"", name, secret),
                     fmt::format("bogus => 1 {} => '{}' bogus => 2", name, secret),
                     fmt::format("{} => [\"{}\", \"{}\"]", name, secret, secret),
                     fmt::format("{} => {{ \"a\" => \"{}\" }}", name, secret),
                     fmt::format("x{} => \"{}\"", name, secret),
                     fmt::format("{} \"{}\"", name, secret),
                     fmt::format("{} => \"{}\n{}\" bogus => 1", name, secret, secret),
                     fmt::format("{} => \"{} bogus => 1", name, secret),
                     fmt::format("{} => {} bogus => 1 !", name, secret),
                 }) {
                check_silent(config_of(each, settings));
            }
        }
    }
    CHECK(seen > 10);
}

TEST_CASE("no message about a setting that may hold a URL shows the URL's user") {
    int seen = 0;
    for (const block& each : all_blocks()) {
        for (const setting& row : each.table) {
            if (row.type == setting_type::codec) {
                continue;
            }
            ++seen;
            for (const std::string_view url : {
                     "https://me:{}@es host:9200",
                     "https://me:{}@es:999999/",
                     "ftp://{}@es%{{",
                     "https://{}:x/y@z@",
                     "me:{}@es:999999",
                     "https://me:{} x@es:9200",
                 }) {
                const std::string text = fmt::format(fmt::runtime(url), secret);
                check_silent(config_of(each, fmt::format("{} => \"{}\"", row.name, text)));
                check_silent(
                    config_of(each, fmt::format("{} => [\"{}\"] bogus => 1", row.name, text))
                );
            }
        }
    }
    CHECK(seen > 100);
}

TEST_SUITE_END();
