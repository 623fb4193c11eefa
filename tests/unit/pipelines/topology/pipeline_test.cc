// A whole pipeline of test plugins: order, acks, conditions, lifecycles, stops.
#include "tests/unit/pipelines/topology/test_plugins.h"

#include <doctest/doctest.h>

#include <algorithm>

using namespace logboom;
using namespace logboom::testing;
using namespace std::chrono_literals;

TEST_SUITE_BEGIN("pipelines/topology");

namespace {

using lines = std::vector<std::string>;

bool contains(const std::string& text, std::string_view part) {
    const bool found = text.find(part) != std::string::npos;
    if (!found) {
        MESSAGE(text);
    }
    return found;
}

bool all_delivered(const stage& on, std::size_t batches) {
    return on.verdicts.size() == batches &&
           std::all_of(on.verdicts.begin(), on.verdicts.end(), [](ack_verdict each) {
               return each == ack_verdict::delivered;
           });
}

} // namespace

TEST_CASE("events flow from the input through filters to every output, and acks come back") {
    stage on;
    bench with;
    CHECK(with.run("input { lines { lines => [a1, b2, c3] } }"
                   "output { keep { name => o1 } keep { name => o2 } }"));
    CHECK(on.written == lines{"o1: a1|", "o1: b2|", "o2: a1|", "o2: b2|", "o1: c3|", "o2: c3|"});
    CHECK(all_delivered(on, 2));
    CHECK(on.is_closed);
    CHECK(on.finished == 2);
    CHECK(with.counters.sum("logboom_pipeline_events_in_total") == 3);
    CHECK(with.counters.sum("logboom_pipeline_events_out_total") == 3);
    // Of the input and each of two outputs.
    CHECK(with.counters.sum("logboom_pipeline_plugin_events_in_total") == 9);
    CHECK(with.counters.sum("logboom_pipeline_plugin_events_out_total") == 9);
    CHECK(with.counters.sum("logboom_pipeline_plugin_events_failed_total") == 0);
    CHECK(with.counters.sum("logboom_pipeline_up") == 1);
}

TEST_CASE("conditions route events, and what reaches no output is final") {
    stage on;
    bench with;
    CHECK(with.run(
        "input { lines { lines => [aa, bb, cc, dd] batch => 4 } }"
        "filter { if [message] == \"aa\" { mark { add_tag => \"first\" } }"
        "  else if [message] in [\"bb\", \"cc\"] { mark { add_field => { \"f\" => \"%{message}!\" "
        "} } }"
        "  else { mark { drop => true } } }"
        "output { if [tags] { keep { } } else if [f] == \"bb!\" { keep { name => other } } }"
    ));
    CHECK(on.written == lines{"out: aa|tags", "other: bb|f"});
    CHECK(all_delivered(on, 1));
}

TEST_CASE("common options apply to the events that a filter matched") {
    stage on;
    bench with;
    CHECK(with.run(
        "input { lines { lines => [aa, bb] type => tt tags => [x1] add_field => { \"in\" => 1 } } }"
        "filter { mark { only => aa add_field => { \"k\" => \"v\" } remove_field => [\"in\"] } }"
        "output { keep { } }"
    ));
    CHECK(on.written.size() == 2);
    CHECK(contains(on.written[0], "k"));
    CHECK_FALSE(on.written[0].find("in") != std::string::npos);
    CHECK(contains(on.written[1], "in"));
    CHECK(contains(on.written[1], "type"));
    CHECK(contains(on.written[1], "tags"));
}

TEST_CASE("events that a filter adds go on through the filters that follow") {
    stage on;
    bench with;
    CHECK(with.run("input { lines { lines => [aa, bb] } }"
                   "filter { if [message] == \"aa\" { mark { double => true } mark { add_tag => tt "
                   "} } else { mark { } } }"
                   "output { keep { } }"));
    CHECK(on.written == lines{"out: aa|tags", "out: bb|", "out: aa|tags"});
}

TEST_CASE("what a filter holds back goes on through the filters that follow, at the end too") {
    stage on;
    bench with;
    CHECK(
        with.run("input { lines { lines => [aa, bb, cc] } }"
                 "filter { if [message] != \"cc\" { hold { } mark { add_tag => tt } } else { mark "
                 "{ } } mark { add_field => { \"f\" => \"x\" } } }"
                 "output { keep { } }")
    );
    CHECK(on.written == lines{"out: cc|f", "out: aa|tags,f", "out: bb|tags,f"});
    CHECK(on.notes == lines{"start", "last flush", "close"});
    CHECK(all_delivered(on, 2));
    CHECK(with.counters.sum("logboom_pipeline_batches_lost_total") == 0);
}

TEST_CASE("a filter with a state for each worker has as many lives as there are workers") {
    stage on;
    bench with;
    pipelines::pipeline_settings settings;
    settings.workers = 3;
    std::string inputs;
    for (int key = 0; key < 8; ++key) {
        inputs +=
            "lines { lines => [aa, bb, cc, dd] batch => 1 key => " + std::to_string(key) + " }";
    }
    auto made =
        with.load("input {" + inputs + "} filter { own { } } output { keep { } }", settings);
    REQUIRE(made.made);
    REQUIRE(made.made->start().has_value());
    CHECK(made.made->wait());
    CHECK(on.notes == lines{"start", "start", "start", "close", "close", "close"});
    std::size_t seen = 0;
    std::size_t tellers = 0;
    for (const std::string& each : on.written) {
        if (each.starts_with("out: saw ")) {
            ++tellers;
            seen += std::stoul(each.substr(9));
        }
    }
    CHECK(tellers == 3);
    CHECK(seen == 32);
}

TEST_CASE("filters are flushed from time to time while no events come") {
    stage on;
    bench with;
    pipelines::pipeline_settings settings;
    settings.flush_interval = 1ms;
    auto made = with.load(
        "input { lines { lines => [aa, bb] stays => true } } filter { hold { } } output { keep { } "
        "}",
        settings
    );
    REQUIRE(made.made);
    REQUIRE(made.made->start().has_value());
    {
        std::unique_lock lock(on.mutex);
        CHECK(on.changed.wait_for(lock, 10s, [&] { return on.written.size() == 2; }));
        CHECK(on.notes == lines{"start"});
    }
    made.made->stop(10s);
    CHECK(made.made->wait());
    CHECK(on.notes == lines{"start", "last flush", "close"});
}

TEST_CASE("what a filter holds back when the time to stop is up is lost with a word") {
    stage on;
    on.blocks_writes = true;
    bench with;
    pipelines::pipeline_settings settings;
    settings.workers = 1;
    settings.flush_interval = 1h;
    // The worker is stuck in the output with the first event, so the last flush never runs.
    auto made = with.load(
        "input { lines { lines => [aa, bb, cc, dd] batch => 4 stays => true } } "
        "filter { if [message] != \"dd\" { hold { } } } output { keep { } }",
        settings
    );
    REQUIRE(made.made);
    REQUIRE(made.made->start().has_value());
    while (with.counters.sum("logboom_pipeline_events_filtered_total") < 1) {
        std::this_thread::yield();
    }
    made.made->stop(0ms);
    CHECK_FALSE(made.made->wait());
    CHECK(with.counters.sum("logboom_pipeline_events_lost_total") == 3);
    CHECK(on.written.empty());
    // The input's batch, which the output never settled; nothing was in the flush.
    CHECK(with.counters.sum("logboom_pipeline_batches_lost_total") == 1);
}

TEST_CASE("what a filter gave at the last flush and no output took in time is lost with a word") {
    stage on;
    on.holds_back = true;
    bench with;
    pipelines::pipeline_settings settings;
    settings.flush_interval = 1h;
    auto made = with.load(
        "input { lines { lines => [aa, bb] stays => true } } filter { hold { } } output { keep { } "
        "}",
        settings
    );
    REQUIRE(made.made);
    REQUIRE(made.made->start().has_value());
    {
        std::unique_lock lock(on.mutex);
        on.changed.wait(lock, [&] { return on.verdicts.size() == 1; });
    }
    // Long enough for the flush, and nothing ever settles what the output has got.
    made.made->stop(100ms);
    CHECK_FALSE(made.made->wait());
    CHECK(with.counters.sum("logboom_pipeline_events_lost_total") == 2);
}

TEST_CASE("a filter that cannot start is an error, and those before it are closed") {
    stage on;
    bench with;
    auto made = with.load("input { lines { lines => [aa] } }"
                          "filter { hold { } hold { fails_start => true } } output { keep { } }");
    REQUIRE(made.made);
    const auto started = made.made->start();
    REQUIRE(started.has_error());
    CHECK(contains(started.error().text(), "hold filter: dictionary"));
    CHECK(on.notes == lines{"start", "close"});
}

TEST_CASE("a condition that breaks cancels its event, buries it and goes on") {
    stage on;
    bench with;
    CHECK(with.run("input { lines { lines => [aa, bb] } }"
                   "filter { if [message] == \"aa\" and [ver] > 5 { mark { } } }"
                   "output { keep { } }"));
    CHECK(on.written == lines{"out: bb|"});
    CHECK(all_delivered(on, 1));
    CHECK(with.counters.sum("logboom_pipeline_conditions_broken_total") == 1);
    CHECK(with.counters.sum("logboom_dead_letter_files_letters_total") == 1);
}

TEST_CASE("one stream stays in order with many workers") {
    stage on;
    bench with;
    std::string config = "input { lines { batch => 1 key => 7 lines => [";
    lines expected;
    for (int i = 0; i < 200; ++i) {
        const std::string name = "line" + std::to_string(i);
        config += (i == 0 ? "" : ",") + name;
        expected.push_back("out: " + name + "|");
    }
    pipelines::pipeline_settings settings;
    settings.workers = 8;
    auto made = with.load(config + "] } } output { keep { } }", settings);
    REQUIRE(made.made);
    REQUIRE(made.made->start().has_value());
    CHECK(made.made->wait());
    CHECK(on.written == expected);
}

TEST_CASE("the end waits until outputs have settled what they hold") {
    stage on;
    on.holds_back = true;
    bench with;
    auto made = with.load("input { lines { lines => [aa] } } output { keep { } }");
    REQUIRE(made.made);
    bool has_ended = false;
    REQUIRE(made.made->start([&] { has_ended = true; }).has_value());
    {
        std::unique_lock lock(on.mutex);
        on.changed.wait(lock, [&] { return !on.held.empty(); });
    }
    CHECK(on.finished == 0);
    // Given to an output is not out.
    CHECK(with.counters.sum("logboom_pipeline_events_out_total") == 0);
    CHECK(with.counters.sum("logboom_pipeline_unsettled_batches") == 1);
    on.release();
    CHECK(made.made->wait());
    CHECK(has_ended);
    CHECK(with.counters.sum("logboom_pipeline_events_out_total") == 1);
    made.made.reset();
    CHECK(with.counters.samples("logboom_pipeline_events_out_total").empty());
    CHECK(all_delivered(on, 1));
}

TEST_CASE("a stop ends the inputs and drains what they gave") {
    stage on;
    bench with;
    auto made =
        with.load("input { lines { lines => [aa, bb, cc] stays => true } } output { keep { } }");
    REQUIRE(made.made);
    REQUIRE(made.made->start().has_value());
    {
        std::unique_lock lock(on.mutex);
        on.changed.wait(lock, [&] { return on.verdicts.size() == 2; });
    }
    made.made->stop(5s);
    CHECK(made.made->wait());
    CHECK(on.written.size() == 3);
    CHECK(on.is_closed);
}

TEST_CASE("a stop gives up after its limit, and what was not delivered is lost") {
    stage on;
    on.blocks_writes = true;
    bench with;
    pipelines::pipeline_settings settings;
    settings.workers = 1;
    auto made = with.load(
        "input { lines { lines => [aa, bb, cc, dd] batch => 1 } } output { keep { } }", settings
    );
    REQUIRE(made.made);
    REQUIRE(made.made->start().has_value());
    const auto begin = std::chrono::steady_clock::now();
    made.made->stop(5s);
    made.made->stop(50ms);
    CHECK(made.made->wait());
    CHECK(std::chrono::steady_clock::now() - begin < 2s);
    CHECK(on.written.empty());
    for (const auto each : on.verdicts) {
        CHECK(each == ack_verdict::lost);
    }
    CHECK(on.is_closed);
}

TEST_CASE("what an input cannot read again is not lost without a word") {
    stage on;
    on.blocks_writes = true;
    bench with;
    pipelines::pipeline_settings settings;
    settings.workers = 1;
    settings.queued_batches_max = 1;
    auto made = with.load(
        "input { lines { lines => [a1, a2, a3, a4] batch => 1 rereadable => false } }"
        "output { keep { } }",
        settings
    );
    REQUIRE(made.made);
    REQUIRE(made.made->start().has_value());
    while (with.counters.sum("logboom_pipeline_events_in_total") < 1) {
        std::this_thread::yield();
    }
    made.made->stop(50ms);
    CHECK_FALSE(made.made->wait());
    CHECK(on.written.empty());
    // One with the output, one queued or pushed; after the limit no more are asked for.
    CHECK(with.counters.sum("logboom_pipeline_events_lost_total") == 2);
}

TEST_CASE("what an input cannot read again is taken at a stop as long as there is time") {
    stage on;
    on.blocks_writes = true;
    bench with;
    pipelines::pipeline_settings settings;
    settings.workers = 1;
    settings.queued_batches_max = 1;
    auto made = with.load(
        "input { lines { lines => [a1, a2, a3, a4] batch => 1 rereadable => false } }"
        "output { keep { } }",
        settings
    );
    REQUIRE(made.made);
    REQUIRE(made.made->start().has_value());
    while (with.counters.sum("logboom_pipeline_events_in_total") < 1) {
        std::this_thread::yield();
    }
    made.made->stop(60s);
    {
        const std::lock_guard lock(on.mutex);
        on.blocks_writes = false;
    }
    on.changed.notify_all();
    CHECK(made.made->wait());
    CHECK(on.written.size() == 4);
    CHECK(with.counters.sum("logboom_pipeline_events_lost_total") == 0);
}

TEST_CASE("a stop does not wait for dead letters that have no room") {
    stage on;
    on.blocks_letters = true;
    bench with;
    auto made = with.load("input { lines { lines => [aa, bb] batch => 1 stays => true } }"
                          "filter { if [ver] > 5 { mark { } } } output { keep { } }");
    REQUIRE(made.made);
    REQUIRE(made.made->start().has_value());
    made.made->stop(50ms);
    CHECK(made.made->wait());
    CHECK(on.is_closed);
    for (const auto each : on.verdicts) {
        CHECK(each == ack_verdict::lost);
    }
}

TEST_CASE("a full queue holds the input back") {
    stage on;
    on.holds_back = false;
    on.blocks_writes = true;
    bench with;
    pipelines::pipeline_settings settings;
    settings.workers = 1;
    settings.queued_batches_max = 2;
    auto made = with.load(
        "input { lines { lines => [a1,a2,a3,a4,a5,a6,a7,a8] batch => 1 } } output { keep { } }",
        settings
    );
    REQUIRE(made.made);
    REQUIRE(made.made->start().has_value());
    while (with.counters.sum("logboom_pipeline_events_in_total") < 2) {
        std::this_thread::yield();
    }
    CHECK(with.counters.sum("logboom_pipeline_events_in_total") == 2);
    while (with.counters.sum("logboom_pipeline_plugin_push_wait_seconds_total") == 0) {
        std::this_thread::yield();
    }
    {
        const std::lock_guard lock(on.mutex);
        on.blocks_writes = false;
    }
    on.changed.notify_all();
    CHECK(made.made->wait());
    CHECK(on.written.size() == 8);
    CHECK(all_delivered(on, 8));
}

TEST_CASE("a plugin that throws stops the pipeline, which says so") {
    stage on;
    bench with;
    CHECK_FALSE(with.run("input { lines { lines => [aa] stays => true } }"
                         "filter { mark { throw => true } } output { keep { } }"));
    REQUIRE(on.verdicts.size() == 1);
    CHECK(on.verdicts[0] == ack_verdict::lost);
}

TEST_CASE("an output that cannot start is an error, not a pipeline") {
    stage on;
    on.fails_start = true;
    bench with;
    auto made = with.load("input { lines { } } output { keep { } }");
    REQUIRE(made.made);
    const auto started = made.made->start();
    REQUIRE(started.has_error());
    CHECK(contains(started.error().text(), "a.conf:1:30: keep output: no peer"));
}

TEST_CASE("a load shows every problem with its line") {
    stage on;
    bench with;
    const auto made = with.load(
        "input { lines { lins => [aa] }\n kafka { } bets { } }\n"
        "filter { mark { only => 1 drop => maybe } lines { } }\n"
        "output { if [a] =~ /(/ { keep { codec => jsno } } keep { id => kk } keep { id => kk } }"
    );
    CHECK(made.made == nullptr);
    std::string all;
    for (const auto& each : made.errors) {
        all += each.text() + "\n";
    }
    CHECK(
        contains(all, "a.conf:1:17: Unknown setting 'lins' for lines input; did you mean 'lines'?")
    );
    CHECK(contains(all, "input { lines { lins => [aa] }\n                    ^"));
    CHECK(contains(all, "a.conf:2:2: Logstash has the input 'kafka', logboom does not have it yet")
    );
    CHECK(contains(all, "there is no input 'bets'"));
    CHECK(contains(all, "a.conf:3:27: setting 'drop' of mark filter must be true or false"));
    CHECK(contains(all, "there is no filter 'lines'; 'lines' is an input."));
    CHECK(contains(all, "a.conf:4:20: end pattern with unmatched parenthesis"));
    CHECK(contains(all, "there is no codec 'jsno'"));
    CHECK(contains(all, "two plugins have the id 'kk'"));
}

TEST_CASE("old and future settings are warnings") {
    stage on;
    bench with;
    const auto made = with.load("input { lines { old => [aa] later => 1 } } output { keep { } }");
    REQUIRE(made.made);
    REQUIRE(made.warnings.size() == 2);
    CHECK(contains(made.warnings[0], "an old name for 'lines'"));
    CHECK(contains(made.warnings[1], "no effect yet"));
}

TEST_CASE("a config in place gets the sections it lacks") {
    stage on;
    bench with;
    pipelines::pipeline_settings settings;
    settings.has_default_sections = true;
    const auto made = with.load("filter { mark { } }", settings);
    CHECK(made.warnings.size() == 2);
    // This registry has no stdin and stdout: the default sections ask for them.
    REQUIRE(made.errors.size() == 2);
    CHECK(contains(made.errors[0].text(), "'stdin'"));
    CHECK(contains(made.errors[1].text(), "'stdout'"));
}

TEST_CASE("a plugin without an id has the same one on every start, whatever the layout") {
    stage on;
    bench first;
    bench second;
    const auto one = first.load("input { lines { lines => [aa, bb] } } output { keep { } }");
    const auto other =
        second.load("# new\ninput {\n lines { lines => [\"aa\",\"bb\"] }\n} output { keep { } }");
    REQUIRE(one.made);
    REQUIRE(other.made);
    CHECK(first.counters.text().find("id=\"lines_") != std::string::npos);
    CHECK(first.counters.text() == second.counters.text());
}

TEST_SUITE_END();
