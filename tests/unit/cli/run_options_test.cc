#include "base/memory_env.h"
#include "cli/run_options.h"

#include <doctest/doctest.h>

using namespace logboom;
using namespace logboom::cli;

namespace {

struct fixture {
    fixture() { REQUIRE(disk.make_directories("/settings").has_value()); }

    void put(const std::string& name, std::string_view text) {
        REQUIRE(replace_file(disk, "/settings/" + name, text).has_value());
    }
    run_options read(std::vector<given_option> options = {}) {
        run_request request;
        request.options = std::move(options);
        request.settings_directory = "/settings";
        return read_run_options(request, disk);
    }

    memory_env disk;
};

constexpr auto two_pipelines = "- pipeline.id: a\n  config.string: x\n"
                               "- pipeline.id: b\n  config.string: x\n";

} // namespace

TEST_SUITE_BEGIN("cli/run_options");

TEST_CASE_FIXTURE(fixture, "settings about Logstash's own parts are a warning, said once") {
    put("logstash.yml",
        "xpack.monitoring.enabled: false\nxpack:\n  management:\n    enabled: false\n"
        "http.host: 0.0.0.0\npipeline.java_execution: true\n");
    put("pipelines.yml", two_pipelines);
    const run_options made = read();
    CHECK(made.errors.empty());
    CHECK(made.pipelines.size() == 2);
    REQUIRE(made.warnings.size() == 4);
    CHECK(
        made.warnings[0] == "/settings/logstash.yml:1:1: setting 'xpack.monitoring.enabled' of "
                            "logstash.yml has no effect here."
    );
}

TEST_CASE_FIXTURE(fixture, "a mistake in logstash.yml is said once, whatever the pipelines") {
    put("logstash.yml", "pipeline.wrkers: 3\n");
    put("pipelines.yml", two_pipelines);
    const run_options made = read();
    REQUIRE(made.errors.size() == 1);
    CHECK(made.errors[0].sentence.find("'pipeline.workers'") != std::string::npos);
    CHECK_FALSE(made.is_bad_usage);
}

TEST_CASE_FIXTURE(fixture, "a broken file of settings is a bad configuration and no bad usage") {
    put("logstash.yml", "a: [b\n");
    const run_options made = read();
    CHECK(made.errors.size() == 1);
    CHECK_FALSE(made.is_bad_usage);
}

TEST_CASE_FIXTURE(fixture, "a pipeline without a config is named") {
    put("pipelines.yml", "- pipeline.id: a\n  config.string: x\n- pipeline.id: b\n");
    const run_options made = read();
    REQUIRE(made.errors.size() == 1);
    CHECK(made.errors[0].sentence == "pipeline 'b' has neither path.config nor config.string.");
    CHECK_FALSE(made.is_bad_usage);
}

TEST_CASE_FIXTURE(fixture, "no config at all, or one in two places, is bad usage") {
    CHECK(read().is_bad_usage);
    CHECK(read({{"config.string", "x"}, {"path.config", "/y"}}).is_bad_usage);
    CHECK_FALSE(read({{"config.string", "x"}}).is_bad_usage);
}
