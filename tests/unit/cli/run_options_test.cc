// logstash.yml, pipelines.yml and the command line together.
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

TEST_CASE_FIXTURE(fixture, "every setting that a logstash.yml of version 9 may hold is known") {
    std::string text = "path.config: /x\n";
    for (const char* each :
         {"allow_superuser",
          "api.environment",
          "config.debug",
          "config.field_reference.escape_style",
          "config.reload.automatic",
          "dead_letter_queue.enable",
          "dead_letter_queue.flush_check_interval",
          "event_api.tags.illegal",
          "keystore.file",
          "log.format.json.fix_duplicate_message_fields",
          "metric.collect",
          "monitoring.cluster_uuid",
          "otel.metrics.enabled",
          "path.plugins",
          "path.queue",
          "pipeline.batch.delay",
          "pipeline.batch.metrics.sampling_mode",
          "pipeline.batch.output_chunking.growth_threshold_factor",
          "pipeline.buffer.type",
          "pipeline.ordered",
          "pipeline.plugin_classloaders",
          "pipeline.recoverable",
          "pipeline.reloadable",
          "pipeline.separate_logs",
          "pipeline.unsafe_shutdown",
          "queue.checkpoint.interval",
          "queue.compression",
          "queue.drain",
          "slowlog.threshold.warn",
          "ssl.reload.automatic"}) {
        text += std::string(each) + ": true\n";
    }
    put("logstash.yml", text);
    const run_options made = read();
    for (const auto& each : made.errors) {
        FAIL_CHECK(each.sentence);
    }
    CHECK(made.warnings.size() == 29);
}

TEST_CASE_FIXTURE(fixture, "a protection of the API that cannot be given refuses the start") {
    const auto sentence = [&](const std::string& yml) {
        put("logstash.yml", "path.config: /x\n" + yml);
        const run_options made = read();
        CHECK_FALSE(made.is_bad_usage);
        CHECK_FALSE(made.api);
        return made.errors.empty() ? "" : made.errors[0].sentence;
    };
    CHECK(
        sentence("api.auth.type: basic\n") ==
        "api.auth.type is basic: give api.auth.basic.username and api.auth.basic.password."
    );
    CHECK(
        sentence("api.auth.type: basic\napi.auth.basic.username: a\napi.auth.basic.password: b\n"
                 "api.auth.basic.password_policy.mode: ERROR\n") ==
        "api.auth.basic.password has fewer than 8 characters, has no upper case letter, has no "
        "digit."
    );
    CHECK(sentence("api.ssl.enabled: true\n").starts_with("api.ssl.enabled is true: give"));
    CHECK(
        sentence("api.ssl.enabled: true\napi.ssl.keystore.path: /nowhere.p12\n") ==
        "api.ssl: /nowhere.p12: No such file or directory."
    );
    CHECK(
        sentence("api.ssl.enabled: true\napi.ssl.supported_protocols: [TLSv1.1]\n") ==
        "api.ssl.supported_protocols has neither TLSv1.2 nor TLSv1.3, and there are no others."
    );
}

TEST_CASE_FIXTURE(fixture, "root runs nothing where allow_superuser forbids it") {
    run_request request;
    request.settings_directory = "/settings";
    request.is_superuser = true;
    put("logstash.yml", "path.config: /x\nallow_superuser: true\n");
    CHECK(read_run_options(request, disk).errors.empty());
    put("logstash.yml", "path.config: /x\nallow_superuser: false\n");
    const run_options refused = read_run_options(request, disk);
    REQUIRE(refused.errors.size() == 1);
    CHECK(
        refused.errors[0].text() ==
        "/settings/logstash.yml:2:1: root may run no pipelines: allow_superuser is false."
    );
    CHECK_FALSE(refused.is_bad_usage);
    request.is_superuser = false;
    CHECK(read_run_options(request, disk).errors.empty());
}

TEST_CASE_FIXTURE(fixture, "logstash.yml says how the log is written, the command line wins") {
    put("logstash.yml",
        "path.config: /x\nlog.level: debug\nlog.format: json\npath.logs: /var/log/logboom\n");
    const run_options made = read();
    CHECK(made.errors.empty());
    CHECK(made.warnings.empty());
    CHECK(made.log.level == log_level::debug);
    CHECK(made.log.format == log_format::json);
    CHECK(made.log.directory == "/var/log/logboom");
    const run_options other = read({{"log.format", "plain"}, {"log.level", "warn"}});
    CHECK(other.log.level == log_level::warn);
    CHECK(other.log.format == log_format::plain);
}

TEST_CASE_FIXTURE(fixture, "a mistake in logstash.yml is said once, whatever the pipelines") {
    put("logstash.yml", "pipeline.wrkers: 3\n");
    put("pipelines.yml", two_pipelines);
    const run_options made = read();
    REQUIRE(made.errors.size() == 1);
    CHECK(made.errors[0].sentence.find("'pipeline.workers'") != std::string::npos);
    CHECK_FALSE(made.is_bad_usage);
}

TEST_CASE_FIXTURE(fixture, "several paths are one config, or a pipeline each, as is wanted") {
    run_request request;
    request.config_paths = {"/etc/agent.conf", "/etc/sink.conf", "/opt/sink.conf"};
    const run_options together = read_run_options(request, disk);
    REQUIRE(together.pipelines.size() == 1);
    CHECK(together.pipelines[0].paths == request.config_paths);
    CHECK(together.pipelines[0].settings.id == "main");

    request.is_pipeline_each = true;
    const run_options each = read_run_options(request, disk);
    CHECK(each.errors.empty());
    REQUIRE(each.pipelines.size() == 3);
    CHECK(each.pipelines[0].paths == std::vector<std::string>{"/etc/agent.conf"});
    CHECK(each.pipelines[0].settings.id == "agent");
    CHECK(each.pipelines[1].settings.id == "sink");
    CHECK(each.pipelines[2].settings.id == "sink-2");

    request.config_paths = {"/etc/agents/", "sinks/..", "/"};
    const run_options directories = read_run_options(request, disk);
    REQUIRE(directories.pipelines.size() == 3);
    CHECK(directories.pipelines[0].settings.id == "agents");
    CHECK(directories.pipelines[1].settings.id == "main");
    CHECK(directories.pipelines[2].settings.id == "main-2");

    request.config_paths.resize(1);
    const run_options alone = read_run_options(request, disk);
    REQUIRE(alone.pipelines.size() == 1);
    CHECK(alone.pipelines[0].settings.id == "main");
}

TEST_CASE_FIXTURE(fixture, "of pipelines named after their paths each has a name of its own") {
    run_request request;
    request.config_paths = {"/etc/a.conf", "/etc/a-2.conf", "/opt/a.conf", "/srv/a.conf"};
    request.is_pipeline_each = true;
    const run_options made = read_run_options(request, disk);
    CHECK(made.errors.empty());
    REQUIRE(made.pipelines.size() == 4);
    CHECK(made.pipelines[0].settings.id == "a");
    CHECK(made.pipelines[1].settings.id == "a-2");
    CHECK(made.pipelines[2].settings.id == "a-3");
    CHECK(made.pipelines[3].settings.id == "a-4");
}

TEST_CASE_FIXTURE(fixture, "pipelines.yml wins over logstash.yml, and the command line over both") {
    put("logstash.yml",
        "pipeline.workers: 2\npipeline.batch.size: 20\nshutdown_timeout: 3\nnode.name: box\n");
    put("pipelines.yml",
        "- pipeline.id: a\n  config.string: x\n  pipeline.workers: 5\n"
        "- pipeline.id: b\n  path.config: [/x, /y]\n  pipeline.ecs_compatibility: v1\n");
    const run_options made = read({{"pipeline.batch.size", "30"}});
    CHECK(made.errors.empty());
    CHECK(made.node_name == "box");
    REQUIRE(made.pipelines.size() == 2);
    const auto& first = made.pipelines[0];
    CHECK(first.settings.workers == 5);
    CHECK(first.settings.batch_size == 30);
    CHECK(first.settings.drain_limit == std::chrono::seconds(3));
    CHECK(first.settings.ecs == ecs_mode::v8);
    CHECK(first.text == "x");
    // A config in place may leave out its input and output, a file may not.
    CHECK(first.settings.has_default_sections);
    const auto& second = made.pipelines[1];
    CHECK(second.settings.workers == 2);
    CHECK(second.settings.ecs == ecs_mode::v1);
    CHECK(second.paths == std::vector<std::string>{"/x", "/y"});
    CHECK_FALSE(second.text.has_value());
    CHECK_FALSE(second.settings.has_default_sections);
}

TEST_CASE_FIXTURE(fixture, "two pipelines of one name are refused by that name") {
    put("pipelines.yml",
        "- pipeline.id: a\n  config.string: x\n- pipeline.id: a\n  config.string: y\n");
    const run_options made = read();
    REQUIRE(made.errors.size() == 1);
    CHECK(made.errors[0].sentence == "two pipelines have the id 'a'.");
    CHECK_FALSE(made.is_bad_usage);
}

TEST_CASE_FIXTURE(fixture, "a queue on disk is told to be missing once, whatever the pipelines") {
    put("logstash.yml", "queue.type: persisted\n");
    put("pipelines.yml", two_pipelines);
    const run_options made = read();
    CHECK(made.errors.empty());
    REQUIRE(made.warnings.size() == 1);
    CHECK(made.warnings[0].starts_with("queue.type persisted is not there"));
    put("logstash.yml", "queue.type: memory\n");
    CHECK(read().warnings.empty());
}

TEST_CASE_FIXTURE(fixture, "a directory of settings that is not there is told of") {
    run_request request;
    request.options = {{"config.string", "x"}};
    request.settings_directory = "/nowhere";
    const run_options made = read_run_options(request, disk);
    CHECK(made.errors.empty());
    CHECK(made.pipelines.size() == 1);
    CHECK(made.warnings == std::vector<std::string>{"--path.settings /nowhere: no directory."});
}

TEST_CASE_FIXTURE(fixture, "a broken file of settings is a bad configuration and no bad usage") {
    put("logstash.yml", "a: [b\n");
    const run_options made = read();
    CHECK(made.errors.size() == 1);
    CHECK_FALSE(made.is_bad_usage);
}

TEST_CASE_FIXTURE(fixture, "a config named elsewhere is one pipeline, and pipelines.yml left out") {
    put("pipelines.yml", two_pipelines);
    CHECK(read().pipelines.size() == 2);
    CHECK(read().warnings.empty());
    CHECK(read({{"config.string", "y"}}).pipelines.size() == 1);
    put("logstash.yml", "path.config: /x\n");
    const run_options made = read();
    REQUIRE(made.pipelines.size() == 1);
    CHECK(made.pipelines[0].paths == std::vector<std::string>{"/x"});
    REQUIRE(made.warnings.size() == 1);
    CHECK(made.warnings[0].starts_with("/settings/pipelines.yml is not read"));
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

TEST_CASE_FIXTURE(fixture, "an option out of range is bad usage, a setting a bad configuration") {
    CHECK(read({{"config.string", "x"}, {"pipeline.batch.size", "0"}}).is_bad_usage);
    CHECK(read({{"config.string", "x"}, {"api.http.port", "99999"}}).is_bad_usage);
    put("logstash.yml", "pipeline.workers: -1\n");
    CHECK_FALSE(read({{"config.string", "x"}}).is_bad_usage);
    CHECK_FALSE(read({{"config.string", "x"}, {"pipeline.batch.size", "0"}}).is_bad_usage);
}
