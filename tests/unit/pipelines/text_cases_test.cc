// Runs tests/conf: cases/*.txt through a whole pipeline, corpus/*.conf through a load.
#include "base/memory_env.h"
#include "event/json_writer.h"
#include "pipelines/topology/pipeline.h"
#include "pipelines/topology/standard_plugins.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <mutex>
#include <sstream>

using namespace logboom;

TEST_SUITE_BEGIN("tests/conf");

namespace {

/// What the case's input sends and its output has got.
std::vector<std::string> to_send;
std::vector<std::string> received;

class case_input final : public input {
  public:
    explicit case_input(const plugin_context& context) : codec_(context.codec) {}
    void run(batch_sink& into, std::stop_token /*stop*/) override {
        auto batch = std::make_unique<event_batch>();
        const auto stream = codec_->make_line_decoder();
        for (const std::string& each : to_send) {
            stream->decode(as_bytes(each), false, 0, *batch);
        }
        into.push(std::move(batch));
    }

  private:
    std::shared_ptr<const codec> codec_;
};

class case_output final : public output {
  public:
    explicit case_output(const plugin_context& /*context*/) {}
    void
    write(const event_batch& batch, std::span<const std::uint32_t> chosen, ack_token ack) override {
        for (const std::uint32_t at : chosen) {
            const event& each = batch.events[at];
            each.fields().erase(field::timestamp);
            each.fields().erase(field::version);
            append_json(each, received.emplace_back());
        }
        ack.delivered();
    }
    void finish(std::chrono::nanoseconds /*limit*/) override {}
};

template <class Base, class Made>
result<std::unique_ptr<Base>> make(const plugin_context& context) {
    return std::unique_ptr<Base>(std::make_unique<Made>(context));
}

const input_row input_row{"case", {}, make<input, case_input>};
const output_row output_row{"case", {}, make<output, case_output>};

std::string read_text(const std::filesystem::path& path) {
    std::ifstream from(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(from), {}};
}

/// Section name to text; what stands before the first is "".
std::map<std::string, std::string> read_sections(const std::string& text) {
    std::map<std::string, std::string> sections;
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

std::vector<std::string> split_lines(const std::string& text) {
    std::vector<std::string> lines;
    std::istringstream from(text);
    for (std::string line; std::getline(from, line);) {
        lines.push_back(line);
    }
    return lines;
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

struct surroundings {
    explicit surroundings(const plugin_registry& registry) : plugins(registry) {}

    pipelines::pipeline::loaded
    load(const std::string& name, const std::string& config, bool checks) {
        conf::source from;
        conf::problems wrong;
        REQUIRE(from.add(name, config, wrong));
        pipelines::pipeline_settings settings;
        settings.data_directory = "/tmp";
        settings.is_check_only = checks;
        return pipelines::pipeline::load(
            from, settings, {plugins, time, counters, *files, logger(), "tester"}
        );
    }

    const plugin_registry& plugins;
    real_clock time;
    metrics counters;
    std::unique_ptr<env> files = std::make_unique<memory_env>();
};

void run_case(const std::filesystem::path& path, const plugin_registry& plugins) {
    auto sections = read_sections(read_text(path));
    to_send = split_lines(sections["input"]);
    received.clear();
    const bool is_json = !to_send.empty() && to_send.front().starts_with('{');
    const std::string config = sections.at("config") +
                               "input { case { ecs_compatibility => disabled codec => " +
                               (is_json ? "json" : "plain") + " } } output { case { } }";
    surroundings with(plugins);
    auto loaded = with.load(path.filename(), config, false);
    std::string problems;
    for (const auto& each : loaded.errors) {
        problems += each.text() + "\n";
    }
    if (sections.contains("problem")) {
        std::string wanted = sections["problem"];
        wanted.pop_back();
        CHECK_MESSAGE(problems.find(wanted) != std::string::npos, problems);
        return;
    }
    REQUIRE_MESSAGE(loaded.made != nullptr, problems);
    REQUIRE(loaded.made->start().has_value());
    CHECK(loaded.made->wait());
    const auto expected = split_lines(sections.at("output"));
    CHECK(received.size() == expected.size());
    for (std::size_t i = 0; i < std::min(received.size(), expected.size()); ++i) {
        CHECK(received[i] == expected[i]);
    }
}

} // namespace

TEST_CASE("pipelines do what their text cases say") {
    plugin_registry plugins = pipelines::standard_plugins();
    plugins.inputs.push_back(&input_row);
    plugins.outputs.push_back(&output_row);
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
