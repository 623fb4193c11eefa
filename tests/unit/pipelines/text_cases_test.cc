// Runs tests/conf: cases/*.txt through a whole pipeline, corpus/*.conf through a load.
#include "base/memory_env.h"
#include "event/json_writer.h"
#include "event/time/timestamp.h"
#include "pipelines/topology/pipeline.h"
#include "pipelines/topology/standard_plugins.h"
#include "tests/unit/pipelines/case_world.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <mutex>
#include <sstream>

using namespace logboom;
using namespace logboom::testing;

TEST_SUITE_BEGIN("tests/conf");

namespace {

/// What the case's input sends and its output has got.
std::vector<std::string> to_send;
std::mutex received_mutex;
std::condition_variable received_more;
std::vector<std::string> received;
/// The case wants events as its output's codec writes them.
bool is_encoded = false;

class case_input final : public input {
  public:
    explicit case_input(const plugin_context& context)
        : codec_(context.codec), time_(context.time) {}
    [[nodiscard]] bool can_read_again() const noexcept override { return false; }
    void run(batch_sink& into, std::stop_token /*stop*/) override {
        auto batch = std::make_unique<event_batch>();
        const std::int64_t now = time_.wall().count();
        const auto stream = codec_->make_line_decoder();
        for (const std::string& each : to_send) {
            stream->decode(as_bytes(each), false, now, *batch);
        }
        stream->flush(now, *batch);
        into.push(std::move(batch));
    }

  private:
    std::shared_ptr<const codec> codec_;
    logboom::clock& time_;
};

class case_output final : public output {
  public:
    explicit case_output(const plugin_context& context) : codec_(context.codec) {}
    void
    write(const event_batch& batch, std::span<const std::uint32_t> chosen, ack_token ack) override {
        const std::lock_guard lock(received_mutex);
        received_more.notify_all();
        for (const std::uint32_t at : chosen) {
            const event& each = batch.events[at];
            if (is_encoded) {
                codec_->encode(each, text_);
                continue;
            }
            each.fields().erase(field::timestamp);
            each.fields().erase(field::version);
            append_json(each, received.emplace_back());
        }
        ack.delivered();
    }
    void finish(std::chrono::nanoseconds /*limit*/) override {
        std::istringstream from(text_);
        for (std::string line; std::getline(from, line);) {
            received.push_back(line);
        }
    }

  private:
    std::shared_ptr<const codec> codec_;
    std::string text_;
};

template <class Base, class Made>
result<std::unique_ptr<Base>> make(const plugin_context& context) {
    return std::unique_ptr<Base>(std::make_unique<Made>(context));
}

const input_row case_input_row{"case", {}, make<input, case_input>};
const output_row case_output_row{"case", {}, make<output, case_output>};

std::string read_text(const std::filesystem::path& path) {
    std::ifstream from(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(from), {}};
}

sections read_sections(const std::string& text) {
    sections sections;
    std::istringstream from(text);
    std::string line;
    std::string name;
    while (std::getline(from, line)) {
        if (line.starts_with("--- ")) {
            name = line.substr(4);
            sections[name];
        } else {
            sections[name] += line + "\n";
        }
    }
    return sections;
}

std::vector<std::filesystem::path> files_in(const char* folder) {
    std::vector<std::filesystem::path> found;
    for (const auto& each :
         std::filesystem::directory_iterator(std::filesystem::path(LOGBOOM_CONF_TESTS) / folder)) {
        found.push_back(each.path());
    }
    std::sort(found.begin(), found.end());
    return found;
}

/// The wall clock stands still; time-outs go on.
class still_clock final : public logboom::clock {
  public:
    [[nodiscard]] duration wall() const noexcept override { return wall_; }
    [[nodiscard]] duration steady() const noexcept override {
        return std::chrono::steady_clock::now().time_since_epoch();
    }
    void set(duration wall) { wall_ = wall; }

  private:
    duration wall_ = std::chrono::seconds(1'700'000'000);
};

struct surroundings {
    explicit surroundings(const plugin_registry& registry) : plugins(registry) {}

    pipelines::pipeline::loaded
    load(const std::string& name, const std::string& config, bool checks) {
        conf::source from;
        conf::problems wrong;
        REQUIRE(from.add(name, config, wrong));
        pipelines::pipeline_settings settings;
        settings.data_directory = data_directory;
        settings.is_check_only = checks;
        settings.workers = 1;
        settings.ecs = ecs;
        return pipelines::pipeline::load(
            from, settings, {plugins, time, counters, *files, logger(), "tester"}
        );
    }

    const plugin_registry& plugins;
    std::string data_directory = "/tmp";
    still_clock time;
    ecs_mode ecs = ecs_mode::disabled;
    metrics counters;
    std::unique_ptr<env> files = std::make_unique<memory_env>();
};

/// A section of one line, or `otherwise`.
std::string line_of(const sections& from, const std::string& name, const std::string& otherwise) {
    const auto found = from.find(name);
    return found == from.end() ? otherwise : found->second.substr(0, found->second.find('\n'));
}

/// The case's filters between an input and an output, its own where it has them.
std::string config_of(const sections& from) {
    const bool is_json = !to_send.empty() && to_send.front().starts_with('{');
    std::string config = from.at("config");
    if (config.find("input {") == std::string::npos) {
        const std::string codec = line_of(from, "input codec", is_json ? "json" : "plain");
        config += "input { case { codec => " + codec + " } }";
    }
    if (config.find("output {") == std::string::npos) {
        config += "output { case { codec => " + line_of(from, "output codec", "json") + " } }";
    }
    return config;
}

std::string problems_of(const pipelines::pipeline::loaded& got) {
    std::string problems;
    for (const auto& each : got.errors) {
        problems += each.text() + "\n";
    }
    return problems;
}

void check_problems(const std::string& wanted, const std::string& problems) {
    for (const std::string& each : split_lines(wanted)) {
        CHECK_MESSAGE(problems.find(each) != std::string::npos, problems);
    }
}

/// Until it ends, or has brought `events` where it does not end by itself.
void run(pipelines::pipeline& made, const case_world& world, std::size_t events) {
    REQUIRE(made.start().has_value());
    if (world.must_be_stopped()) {
        std::unique_lock lock(received_mutex);
        received_more.wait_for(lock, std::chrono::seconds(60), [&] {
            return received.size() >= events;
        });
        lock.unlock();
        made.stop(std::chrono::seconds(10));
    }
    CHECK(made.wait());
}

void run_case(const std::filesystem::path& path, const plugin_registry& plugins) {
    const sections given = read_sections(read_text(path));
    to_send = given.contains("input") ? split_lines(given.at("input")) : std::vector<std::string>();
    received.clear();
    is_encoded = given.contains("output codec");
    surroundings with(plugins);
    const auto now = parse_iso8601(line_of(given, "clock", "2024-05-11T15:17:02Z"));
    REQUIRE(now.has_value());
    with.time.set(std::chrono::nanoseconds(*now));
    with.ecs = line_of(given, "ecs", "disabled") == "v8" ? ecs_mode::v8 : ecs_mode::disabled;
    const case_world world(given);
    with.data_directory = world.directory();
    auto loaded = with.load(path.filename(), world.filled_in(config_of(given)), false);
    const std::string problems = problems_of(loaded);
    if (given.contains("problem")) {
        check_problems(given.at("problem"), problems);
        return;
    }
    REQUIRE_MESSAGE(loaded.made != nullptr, problems);
    const auto expected =
        split_lines(world.filled_in(given.contains("output") ? given.at("output") : std::string()));
    run(*loaded.made, world, expected.size());
    world.check();
    CHECK(received.size() == expected.size());
    for (std::size_t i = 0; i < std::min(received.size(), expected.size()); ++i) {
        CHECK(received[i] == expected[i]);
    }
    if (given.contains("failures")) {
        CHECK(
            std::to_string(with.counters.sum("logboom_filter_failures_total")) ==
            line_of(given, "failures", "")
        );
    }
}

} // namespace

TEST_CASE("pipelines do what their text cases say") {
    plugin_registry plugins = pipelines::standard_plugins();
    plugins.inputs.push_back(&case_input_row);
    plugins.outputs.push_back(&case_output_row);
    const auto cases = files_in("cases");
    CHECK(cases.size() >= 10);
    for (const auto& each : cases) {
        CAPTURE(each.filename().string());
        run_case(each, plugins);
    }
}

TEST_CASE("configs of all years parse, and load but for plugins that are not here") {
    const auto corpus = files_in("corpus");
    CHECK(corpus.size() >= 20);
    for (const auto& each : corpus) {
        surroundings with(pipelines::standard_plugins());
        const auto loaded = with.load(each.filename(), read_text(each), true);
        for (const auto& problem : loaded.errors) {
            const bool is_missing_plugin =
                problem.sentence.find("logboom does not have it yet") != std::string::npos;
            CHECK_MESSAGE(is_missing_plugin, problem.text());
        }
    }
}

TEST_SUITE_END();
