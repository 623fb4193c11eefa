// Logstash's addresses, answered from a registry that a pipeline would have filled.
#include "base/metric_list.h"
#include "base/version.h"
#include "web/node_routes.h"

#include <doctest/doctest.h>
#include <rapidjson/document.h>
#include <rapidjson/pointer.h>

using namespace logboom;
using namespace logboom::web;

namespace {

struct fixture {
    fixture() {
        node_info about;
        about.host = "box";
        about.name = "node";
        about.id = "id-1";
        about.ephemeral_id = "id-2";
        about.pipelines = {{"main", 2, 125, config_hash("input {}")}};
        about.plugins = {"logstash-input-file"};
        routes = std::make_unique<router>(node_routes(about, "127.0.0.1:9600", registry, time));
    }
    http_response ask(const std::string& target) const {
        return routes->answer(read_head("GET " + target + " HTTP/1.1\r\n\r\n").request);
    }
    rapidjson::Document get(const std::string& target) const {
        const http_response answer = ask(target);
        CHECK(answer.status == 200);
        CHECK(answer.content_type == "application/json");
        rapidjson::Document document;
        document.Parse(answer.body.c_str());
        REQUIRE(document.IsObject());
        return document;
    }

    manual_clock time;
    metrics registry;
    counter in{registry, declared("logboom_pipeline_events_in_total"), {"main"}};
    counter out{registry, declared("logboom_pipeline_events_out_total"), {"main"}};
    gauge up{registry, declared("logboom_pipeline_up"), {"main"}};
    label_values sink{"main", "output", "elasticsearch", "es"};
    counter sink_in{registry, declared("logboom_pipeline_plugin_events_in_total"), sink};
    counter requests_failed{
        registry,
        declared("logboom_elasticsearch_requests_total"),
        {"main", "elasticsearch", "es", "failed"}};
    gauge host{
        registry,
        declared("logboom_elasticsearch_host_up"),
        {"main", "elasticsearch", "es", "http://a:9200"}};
    std::unique_ptr<router> routes;
};

const rapidjson::Value* at(const rapidjson::Document& in, const char* pointer) {
    return rapidjson::Pointer(pointer).Get(in);
}
std::int64_t number(const rapidjson::Document& in, const char* pointer) {
    const rapidjson::Value* const found = at(in, pointer);
    REQUIRE_MESSAGE(found != nullptr, pointer);
    REQUIRE_MESSAGE(found->IsInt64(), pointer);
    return found->GetInt64();
}
std::string text(const rapidjson::Document& in, const char* pointer) {
    const rapidjson::Value* const found = at(in, pointer);
    REQUIRE_MESSAGE(found != nullptr, pointer);
    REQUIRE_MESSAGE(found->IsString(), pointer);
    return found->GetString();
}

} // namespace

TEST_SUITE_BEGIN("web/node_routes");

TEST_CASE_FIXTURE(fixture, "every answer begins with who this is") {
    for (const char* path :
         {"/",
          "/_node",
          "/_node/os",
          "/_node/jvm",
          "/_node/plugins",
          "/_node/pipelines",
          "/_node/logging",
          "/_node/hot_threads",
          "/_node/stats",
          "/_node/stats/process",
          "/_node/stats/jvm",
          "/_node/stats/events",
          "/_node/stats/flow",
          "/_node/stats/pipelines",
          "/_node/stats/pipelines/main",
          "/_node/stats/reloads",
          "/_node/stats/os",
          "/_health_report"}) {
        CAPTURE(path);
        const auto answer = get(path);
        CHECK(text(answer, "/host") == "box");
        CHECK(text(answer, "/version").starts_with("8."));
        CHECK(text(answer, "/logboom/version") == program_version());
        CHECK(text(answer, "/http_address") == "127.0.0.1:9600");
        CHECK(text(answer, "/id") == "id-1");
        CHECK(text(answer, "/ephemeral_id") == "id-2");
        CHECK(text(answer, "/name") == "node");
        CHECK(number(answer, "/pipeline/workers") == 2);
    }
}

TEST_CASE_FIXTURE(fixture, "parts are asked for together") {
    const auto few = get("/_node/os,jvm");
    CHECK(at(few, "/os") != nullptr);
    CHECK(at(few, "/jvm") != nullptr);
    CHECK(at(few, "/pipelines") == nullptr);
    const auto stats = get("/_node/stats/process,events");
    CHECK(at(stats, "/process") != nullptr);
    CHECK(at(stats, "/events") != nullptr);
    CHECK(at(stats, "/jvm") == nullptr);
    for (const char* path :
         {"/_node/os,no",
          "/_node/,",
          "/_node/os,",
          "/_node/stats/os,",
          "/_node/stats/pipelines/no"}) {
        CAPTURE(path);
        CHECK(ask(path).status == 404);
    }
}

TEST_CASE_FIXTURE(fixture, "the stats have what metricbeat and exporters ask for") {
    up.set(1);
    host.set(1);
    in.add(10);
    out.add(7);
    sink_in.add(10);
    requests_failed.add(3);
    const auto stats = get("/_node/stats?vertices=true");
    CHECK(text(stats, "/status") == "green");
    CHECK(number(stats, "/events/in") == 10);
    CHECK(number(stats, "/events/out") == 7);
    CHECK(number(stats, "/events/filtered") == 0);
    CHECK(number(stats, "/jvm/uptime_in_millis") > 0);
    CHECK(number(stats, "/jvm/mem/heap_used_in_bytes") == 0);
    CHECK(number(stats, "/process/open_file_descriptors") > 0);
    CHECK(number(stats, "/process/mem/resident_in_bytes") > 0);
    CHECK(number(stats, "/reloads/failures") == 0);
    CHECK(number(stats, "/pipelines/main/events/out") == 7);
    CHECK(text(stats, "/pipelines/main/plugins/outputs/0/id") == "es");
    CHECK(text(stats, "/pipelines/main/plugins/outputs/0/name") == "elasticsearch");
    CHECK(number(stats, "/pipelines/main/plugins/outputs/0/events/in") == 10);
    CHECK(number(stats, "/pipelines/main/plugins/outputs/0/bulk_requests/failures") == 3);
    CHECK(text(stats, "/pipelines/main/hash") == config_hash("input {}"));
    CHECK(text(stats, "/pipelines/main/hash").size() == 64);
    CHECK(text(stats, "/pipelines/main/vertices/0/id") == "es");
    CHECK(number(stats, "/pipelines/main/vertices/0/events_in") == 10);
    CHECK(at(get("/_node/stats"), "/pipelines/main/vertices") == nullptr);
    CHECK(text(stats, "/pipelines/main/queue/type") == "memory");
    CHECK(at(stats, "/pipelines/main/reloads/last_error")->IsNull());
    const auto graph = get("/_node/pipelines?graph=true");
    CHECK(text(graph, "/pipelines/main/graph/graph/vertices/0/config_name") == "elasticsearch");
    CHECK(at(get("/_node/pipelines"), "/pipelines/main/graph") == nullptr);
}

TEST_CASE_FIXTURE(fixture, "the stats say how long inputs have waited for room") {
    up.set(1);
    const counter waited(
        registry,
        declared("logboom_pipeline_plugin_push_wait_seconds_total"),
        {"main", "input", "file", "f1"}
    );
    waited.add(std::chrono::milliseconds(1500));
    const counter read(
        registry,
        declared("logboom_pipeline_plugin_events_in_total"),
        {"main", "input", "file", "f1"}
    );
    const auto stats = get("/_node/stats");
    CHECK(number(stats, "/events/queue_push_duration_in_millis") == 1500);
    CHECK(number(stats, "/pipelines/main/events/queue_push_duration_in_millis") == 1500);
    CHECK(
        number(stats, "/pipelines/main/plugins/inputs/0/events/queue_push_duration_in_millis") ==
        1500
    );
    CHECK(at(stats, "/pipelines/main/flow/queue_backpressure/lifetime")->GetDouble() > 0);
}

TEST_CASE_FIXTURE(fixture, "a flow is current over ten seconds, and since the start before that") {
    const char* const current = "/pipelines/main/flow/input_throughput/current";
    const auto rate = [&] { return at(get("/_node/stats"), current)->GetDouble(); };
    const auto second = [&](int events) {
        in.add(events);
        time.advance(std::chrono::seconds(1));
        routes->on_second();
    };
    // Nothing has passed yet.
    CHECK(at(get("/_node/stats"), current) == nullptr);
    second(100);
    CHECK(rate() == doctest::Approx(100));
    second(300);
    CHECK(rate() == doctest::Approx(200));
    CHECK(
        at(get("/_node/stats"), "/flow/input_throughput/current")->GetDouble() ==
        doctest::Approx(200)
    );
    for (int i = 0; i < 20; ++i) {
        second(50);
    }
    CHECK(rate() == doctest::Approx(50));
    // Between two seconds, and when it stands still.
    time.advance(std::chrono::milliseconds(500));
    CHECK(rate() == doctest::Approx(500 / 10.5));
    for (int i = 0; i < 10; ++i) {
        second(0);
    }
    CHECK(rate() == doctest::Approx(0));
    CHECK(at(get("/_node/stats"), "/flow/input_throughput/lifetime")->GetDouble() > 0);
}

TEST_CASE_FIXTURE(fixture, "the flow's current counts time that was waited and worked in seconds") {
    const counter waited(
        registry,
        declared("logboom_pipeline_plugin_push_wait_seconds_total"),
        {"main", "input", "file", "f1"}
    );
    waited.add(std::chrono::milliseconds(1500));
    time.advance(std::chrono::seconds(3));
    const auto stats = get("/_node/stats");
    CHECK(
        at(stats, "/pipelines/main/flow/queue_backpressure/current")->GetDouble() ==
        doctest::Approx(0.5)
    );
    CHECK(at(stats, "/pipelines/main/flow/worker_concurrency/current")->GetDouble() == 0);
}

TEST_CASE_FIXTURE(fixture, "an output that reaches nobody is red, and the process still ready") {
    up.set(1);
    CHECK(text(get("/"), "/status") == "red");
    const auto report = get("/_health_report");
    CHECK(text(report, "/indicators/pipelines/indicators/main/status") == "red");
    CHECK(
        text(report, "/indicators/pipelines/indicators/main/symptom") ==
        "elasticsearch 'es' cannot reach http://a:9200"
    );
    CHECK(ask("/health/ready").status == 200);
    up.set(0);
    CHECK(ask("/health/ready").status == 503);
    CHECK(ask("/health/live").status == 200);
}

TEST_CASE_FIXTURE(fixture, "pretty is with lines, and unknown pipelines are 404") {
    CHECK(ask("/").body.find('\n') == std::string::npos);
    CHECK(ask("/?pretty").body.starts_with("{\n  \"host\": \"box\","));
    CHECK(ask("/_node/pipelines/other").status == 404);
    CHECK(ask("/_node/stats/pipelines/other").status == 404);
    CHECK(ask("/metrics").body.find("# HELP logboom_pipeline_up ") != std::string::npos);
}

TEST_SUITE_END();
