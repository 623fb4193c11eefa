// Settings of the elasticsearch output: hosts, contradictions, old spellings.
#include "sinks/elasticsearch/options.h"

#include <doctest/doctest.h>

using namespace logboom;
using namespace logboom::sinks;

namespace {

using given = std::vector<std::pair<const char*, config_value>>;

config_value text(const char* value) {
    return {std::string(value), {}};
}
config_value texts(std::initializer_list<const char*> values) {
    config_value::array out;
    for (const char* each : values) {
        out.push_back(text(each));
    }
    return {out, {}};
}

settings settings_of(const given& pairs) {
    settings out("elasticsearch output", elasticsearch_settings);
    for (const auto& [name, value] : pairs) {
        out.set(name, value);
    }
    out.finish({});
    return out;
}
result<elasticsearch_options> made_of(const given& pairs, ecs_mode ecs = ecs_mode::disabled) {
    const settings all = settings_of(pairs);
    REQUIRE(all.problems().empty());
    return elasticsearch_options::from(all, ecs);
}
std::string problem_of(const given& pairs) {
    const auto made = made_of(pairs);
    return made ? "" : made.error().text();
}
std::string url_of(const char* host, given more = {}) {
    more.emplace_back("hosts", text(host));
    const auto made = made_of(more);
    return made ? made->hosts.front().url() : made.error().text();
}

} // namespace

TEST_SUITE("sinks/elasticsearch") {
    TEST_CASE("hosts come in every form that Logstash takes") {
        CHECK(made_of({})->hosts.front().url() == "http://127.0.0.1:9200");
        CHECK(url_of("es1") == "http://es1:9200");
        CHECK(url_of("es1:9201") == "http://es1:9201");
        CHECK(url_of("//es1") == "http://es1:9200");
        CHECK(url_of("http://es1") == "http://es1:9200");
        CHECK(url_of("https://es1:443/a/b/") == "https://es1:443/a/b");
        CHECK(url_of("[::1]:9201") == "http://[::1]:9201");
        CHECK(url_of("http://[::1]") == "http://[::1]:9200");
        CHECK(url_of("es1", {{"port", text("9300")}}) == "http://es1:9300");
        CHECK(url_of("es1", {{"port", text("9300-9305")}}) == "http://es1:9300");
        CHECK(url_of("es1", {{"ssl_enabled", text("true")}}) == "https://es1:9200");
        CHECK(url_of("es1", {{"ssl", text("true")}}) == "https://es1:9200");
        CHECK(url_of("es1", {{"path", text("/es/")}}) == "http://es1:9200/es");
        const auto made = made_of({{"hosts", texts({"a:1", "http://u%40x:p%3Aq@b:2"})}});
        REQUIRE(made.has_value());
        CHECK(made->hosts.size() == 2);
        CHECK(made->hosts[1].user == "u@x");
        CHECK(made->hosts[1].password == "p:q");
        CHECK(made->hosts[1].url() == "http://b:2");
        for (const char* bad :
             {"ftp://es1", "es1:", "es1:99999", "es1:x", "", "http://", "a b", "[::1", "[x y]:1"}) {
            CAPTURE(bad);
            CHECK(problem_of({{"hosts", texts({bad})}}) != "");
        }
    }

    TEST_CASE("a cloud id names the host") {
        // "us-east-1.aws.example.io$abc$def"
        const char* id = "prod:dXMtZWFzdC0xLmF3cy5leGFtcGxlLmlvJGFiYyRkZWY=";
        CHECK(
            made_of({{"cloud_id", text(id)}})->hosts.front().url() ==
            "https://abc.us-east-1.aws.example.io:443"
        );
        CHECK(problem_of({{"cloud_id", text("prod:???")}}) != "");
        CHECK(problem_of({{"cloud_id", text(id)}, {"hosts", text("a")}}) != "");
    }

    TEST_CASE("auto means a data stream only with ECS and without settings that contradict it") {
        CHECK(made_of({}, ecs_mode::v8)->target.is_data_stream);
        CHECK(made_of({}, ecs_mode::v8)->target.action == "create");
        CHECK_FALSE(made_of({}, ecs_mode::disabled)->target.is_data_stream);
        CHECK(made_of({}, ecs_mode::disabled)->target.index == "logstash-%{+yyyy.MM.dd}");
        CHECK_FALSE(made_of({{"index", text("x")}}, ecs_mode::v8)->target.is_data_stream);
        CHECK(made_of({{"index", text("x")}}, ecs_mode::v8)->target.action == "index");
        CHECK(made_of({{"action", text("create")}}, ecs_mode::v8)->target.is_data_stream);
        CHECK(made_of({{"document_id", text("x")}}, ecs_mode::v8)->target.is_data_stream);
        CHECK(made_of({{"data_stream", text("true")}})->target.is_data_stream);
        CHECK(
            made_of({{"data_stream", text("false")}}, ecs_mode::v8)->target.index ==
            "ecs-logstash-%{+yyyy.MM.dd}"
        );
        CHECK(
            made_of({{"ecs_compatibility", text("disabled")}}, ecs_mode::v8)->target.index ==
            "logstash-%{+yyyy.MM.dd}"
        );
        CHECK(problem_of({{"data_stream", text("true")}, {"index", text("x")}}) != "");
    }

    TEST_CASE("settings that contradict one another are refused as Logstash does") {
        CHECK(problem_of({{"version_type", text("external")}}) != "");
        CHECK(
            problem_of(
                {{"version_type", text("external")},
                 {"version", text("1")},
                 {"action", text("create")}}
            ) != ""
        );
        CHECK(problem_of({{"version_type", text("external")}, {"version", text("1")}}) == "");
        CHECK(problem_of({{"action", text("update")}}) != "");
        CHECK(problem_of({{"action", text("update")}, {"document_id", text("1")}}) == "");
        CHECK(problem_of({{"action", text("upsert")}}) != "");
        CHECK(problem_of({{"action", text("%{[@metadata][action]}")}}) == "");
        CHECK(problem_of({{"api_key", text("a:b")}}) != "");
        CHECK(problem_of({{"user", text("a")}}) != "");
        const config_value https = texts({"https://a"});
        CHECK(
            problem_of(
                {{"hosts", https},
                 {"api_key", text("a:b")},
                 {"user", text("a")},
                 {"password", text("b")}}
            ) != ""
        );
        CHECK(problem_of({{"hosts", texts({"https://a", "http://b"})}}) != "");
        CHECK(problem_of({{"dlq_custom_codes", texts({"abc"})}}) != "");
        const auto key = made_of({{"hosts", https}, {"api_key", text("id:key")}});
        REQUIRE(key.has_value());
        CHECK(key->headers.front() == "Authorization: ApiKey aWQ6a2V5");
        const auto basic = made_of({{"user", text("elastic")}, {"password", text("x")}});
        CHECK(basic->headers.front() == "Authorization: Basic ZWxhc3RpYzp4");
    }

    TEST_CASE("spellings of 2014 to 2017 are accepted, obsolete ones with advice") {
        const settings old = settings_of(
            {{"host", text("es1")},
             {"protocol", text("http")},
             {"index_type", text("logs")},
             {"document_type", text("x")},
             {"workers", text("4")},
             {"flush_size", text("500")},
             {"idle_flush_time", text("1")},
             {"embedded", text("false")},
             {"max_retries", text("3")},
             {"template_overwrite", text("true")}}
        );
        CHECK(old.problems().empty());
        const auto made = elasticsearch_options::from(old, ecs_mode::disabled);
        REQUIRE(made.has_value());
        CHECK(made->hosts.front().host == "es1");
        CHECK(made->bulk_items_max == 500);
        CHECK(settings_of({{"truststore", text("x")}}).problems().size() == 1);
        CHECK(
            settings_of({{"indx", text("x")}}).problems().front().text.find("'index'") !=
            std::string::npos
        );
    }

    TEST_CASE("requests are compressed unless the server is on this machine or the user says no") {
        CHECK(made_of({})->gzip_level == 0);
        CHECK(made_of({{"compression_level", text("3")}})->gzip_level == 3);
        CHECK(made_of({{"hosts", text("es1")}})->gzip_level == 1);
        CHECK(
            made_of({{"hosts", text("es1")}, {"http_compression", text("false")}})->gzip_level == 0
        );
        CHECK(made_of({{"hosts", text("es1")}, {"compression_level", text("0")}})->gzip_level == 0);
        const auto paths =
            made_of({{"parameters", config_value{config_value::hash{{"a b", text("c&d")}}, {}}}});
        CHECK(paths->bulk_path.find("&a%20b=c%26d") != std::string::npos);
        CHECK(made_of({{"bulk_path", text("/x/_bulk")}})->bulk_path.rfind("/x/_bulk?", 0) == 0);
    }

    TEST_CASE("what does not go together is told in one sentence") {
        CHECK(
            problem_of({{"action", text("update")}}) ==
            "action => update needs document_id: correct the settings of this output"
        );
    }
}
