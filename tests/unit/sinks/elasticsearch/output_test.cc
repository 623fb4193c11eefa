// The elasticsearch output against a server on a socket.
#include "sinks/elasticsearch/options.h"
#include "sinks/elasticsearch/output.h"
#include "tests/support/null_bulk_server.h"
#include "tests/unit/sinks/elasticsearch/support.h"
#include "tests/unit/wait.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <numeric>
#include <thread>

using namespace logboom;
using namespace logboom::sinks;
using namespace std::chrono_literals;

namespace {

/// An output against a server on a real socket; times are short so that back-off is seen quickly.
struct socket_fixture {
    real_clock time;
    metrics registry;
    test::letter_box letters;
    test::verdicts verdicts;
    plugin_options options{"elasticsearch output", elasticsearch_settings};

    void set(const char* name, const std::string& value) {
        options.set(name, config_value{value, {}});
    }
    std::unique_ptr<output> start(const std::string& url) {
        set("hosts", url);
        set("retry_initial_interval", "20 ms");
        set("retry_max_interval", "100 ms");
        set("resurrect_delay", "50 ms");
        set("index", "logs");
        REQUIRE(options.problems().empty());
        plugin_context context{options, {}, time, registry, logger{}};
        context.dead_letters = &letters;
        auto made = elasticsearch_output.make(context);
        REQUIRE(made);
        REQUIRE((*made)->start());
        return std::move(*made);
    }
    /// `count` events with ids s/FIRST, s/FIRST+1, ... in one write.
    void write(output& to, int first, int count) {
        event_batch batch;
        batch.order_key = 1;
        selection chosen;
        constexpr std::int64_t moment = 1'700'000'000'000'000'000;
        for (int i = 0; i < count; ++i) {
            event& made = batch.add(moment);
            const std::string text = fmt::format("line {}.", first + i);
            made.set("message", value::of(batch.memory.copy(text)));
            made.origin = {.stream = "s", .position = first + i, .topic = "logs"};
            chosen.push_back(static_cast<std::uint32_t>(i));
        }
        to.write(batch, chosen, verdicts.token());
    }
    void wait_for_verdicts(int count) {
        eventually([&] { return verdicts.delivered + verdicts.lost >= count; });
        CHECK(verdicts.delivered + verdicts.lost == count);
    }
};

test::null_bulk_options remembering() {
    test::null_bulk_options out;
    out.remembers = true;
    return out;
}

} // namespace

TEST_SUITE("sinks/elasticsearch") {
    TEST_CASE_FIXTURE(socket_fixture, "events reach a server over a socket, in bulks, each once") {
        test::null_bulk_server server(remembering());
        const auto to = start(server.url());
        for (int i = 0; i < 20; ++i) {
            write(*to, i * 100, 100);
        }
        to->finish(10s);
        CHECK(verdicts.delivered == 20);
        CHECK(server.count() == 2000);
        CHECK(server.ids().count("logs|s/1999") == 1);
        CHECK(server.requests() <= 20);
        CHECK(registry.sum("logboom_elasticsearch_documents_total") == 2000);
        CHECK(server.last_headers().find("X-Elastic-Event-Count:") != std::string::npos);
    }

    TEST_CASE_FIXTURE(socket_fixture, "gzip bodies say so and arrive whole") {
        test::null_bulk_server server(remembering());
        set("compression_level", "1");
        const auto to = start(server.url());
        write(*to, 0, 500);
        to->finish(10s);
        CHECK(verdicts.delivered == 1);
        CHECK(server.count() == 500);
        CHECK(server.last_headers().find("Content-Encoding: gzip") != std::string::npos);
    }

    TEST_CASE_FIXTURE(
        socket_fixture, "through every fault each event is settled once and none is lost"
    ) {
        auto faults = remembering();
        faults.body_size_max = 6000;
        faults.items = {
            {"line 7.", 429, "es_rejected_execution_exception", 3},
            {"line 13.", 400, "mapper_parsing_exception", -1},
            {"line 77.", 503, "unavailable_shards_exception", 2},
            {"line 150.", 403, "cluster_block_exception", 2},
        };
        faults.requests = {{503, 2}, {0, 2}, {429, 1}, {200, 1, false, "", "{}"}, {401, 1}};
        test::null_bulk_server server(faults);
        const auto to = start(server.url());
        for (int i = 0; i < 10; ++i) {
            write(*to, i * 30, 30);
        }
        wait_for_verdicts(10);
        to->finish(10s);
        CHECK(verdicts.delivered == 10);
        CHECK(verdicts.lost == 0);
        CHECK(server.count() == 299);
        REQUIRE(letters.letters.size() == 1);
        CHECK(letters.letters[0].id == "s/13");
        CHECK(letters.letters[0].topic == "logs");
        CHECK(registry.sum("logboom_elasticsearch_documents_total") == 300);
    }

    TEST_CASE_FIXTURE(
        socket_fixture, "sent again after a lost answer, a create is already there and final"
    ) {
        auto server = std::make_unique<test::null_bulk_server>(remembering());
        set("action", "create");
        const auto to = start(server->url());
        write(*to, 0, 50);
        wait_for_verdicts(1);
        write(*to, 0, 50);
        wait_for_verdicts(2);
        to->finish(5s);
        CHECK(verdicts.delivered == 2);
        CHECK(server->count() == 50);
        CHECK(letters.letters.empty());
    }

    TEST_CASE_FIXTURE(
        socket_fixture, "with the server down finish keeps its limit and loses the tokens"
    ) {
        const auto to = start("http://127.0.0.1:9");
        write(*to, 0, 10);
        const auto begin = time.steady();
        to->finish(300ms);
        CHECK(time.steady() - begin < 1500ms);
        CHECK(verdicts.lost == 1);
        CHECK(verdicts.delivered == 0);
    }

    TEST_CASE_FIXTURE(socket_fixture, "a writer that waits for room is let go by finish") {
        set("unsettled_size_max", "1048576");
        const auto to = start("http://127.0.0.1:9");
        std::thread writer([&] {
            for (int i = 0; i < 40; ++i) {
                write(*to, i * 1000, 1000);
            }
        });
        CHECK(eventually([&] {
            return registry.sum("logboom_elasticsearch_unsettled_bytes") >= 1'048'576;
        }));
        CHECK(verdicts.lost == 0);
        to->finish(300ms);
        writer.join();
        CHECK(verdicts.lost == 40);
    }

    TEST_CASE_FIXTURE(
        socket_fixture, "a host that comes back is found, and nothing was lost meanwhile"
    ) {
        test::null_bulk_options where = remembering();
        auto server = std::make_unique<test::null_bulk_server>(where);
        where.port = server->port();
        const std::string url = server->url();
        server.reset();
        const auto to = start(url);
        write(*to, 0, 10);
        // A request found nobody.
        CHECK(eventually([&] {
            return registry.sum("logboom_elasticsearch_requests_total") +
                       registry.sum("logboom_elasticsearch_probe_failures_total") >
                   0;
        }));
        CHECK(verdicts.delivered == 0);
        server = std::make_unique<test::null_bulk_server>(where);
        wait_for_verdicts(1);
        CHECK(verdicts.delivered == 1);
        CHECK(server->count() == 10);
        to->finish(5s);
    }

    TEST_CASE_FIXTURE(socket_fixture, "with one of two hosts dead everything goes to the other") {
        test::null_bulk_server server(remembering());
        const std::string both = fmt::format("127.0.0.1:9,{}", server.url());
        const auto to = start(both);
        for (int i = 0; i < 20; ++i) {
            write(*to, i * 10, 10);
        }
        to->finish(10s);
        CHECK(verdicts.delivered == 20);
        CHECK(server.count() == 200);
    }

    TEST_CASE_FIXTURE(
        socket_fixture, "events that can't be sent are letters before they are final"
    ) {
        test::null_bulk_server server(remembering());
        set("document_id", std::string(600, 'x'));
        const auto to = start(server.url());
        write(*to, 0, 3);
        to->finish(5s);
        CHECK(verdicts.delivered == 1);
        CHECK(letters.letters.size() == 3);
        CHECK(letters.letters[0].error_type == "id_too_long");
        CHECK(letters.letters[0].topic == "logs");
        CHECK(server.count() == 0);
    }
}
