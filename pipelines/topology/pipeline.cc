#include "pipelines/topology/pipeline.h"

#include "pipelines/conf/parser.h"
#include "pipelines/topology/running.h"

#include <fmt/format.h>

namespace logboom::pipelines {
namespace {

plugin_config default_plugin(std::string name, std::string setting, std::string value) {
    plugin_config made{std::move(name), {}, {"default", 0, 0}};
    made.attributes.push_back({std::move(setting), {std::move(value), {}}, made.where});
    return made;
}

void add_default_sections(conf::config& to, std::vector<std::string>& warnings) {
    if (!to.has_input_section) {
        to.inputs.push_back({default_plugin("stdin", "type", "stdin")});
        warnings.emplace_back("no input section: reading from stdin.");
    }
    if (!to.has_output_section) {
        to.outputs.push_back({default_plugin("stdout", "codec", "rubydebug")});
        warnings.emplace_back("no output section: writing to stdout with the codec rubydebug.");
    }
}

/// Problems found after parsing know their position but not yet its line.
void add_lines(const conf::source& from, conf::problems& to) {
    for (conf::problem& each : to) {
        if (each.line.empty()) {
            each.line = from.line_of(each.where);
        }
    }
}

} // namespace

pipeline::pipeline(std::unique_ptr<running> state) : state_(std::move(state)) {}

pipeline::~pipeline() {
    stop({});
    wait();
}

pipeline::loaded pipeline::load(
    const conf::source& from, const pipeline_settings& with, const pipeline_environment& around
) {
    loaded made;
    conf::parsed parsed = conf::parse(from, {with.support_escapes, conf::environment_variable});
    for (const conf::problem& each : parsed.warnings) {
        made.warnings.push_back(each.text());
    }
    made.errors = std::move(parsed.errors);
    if (!made.errors.empty()) {
        return made;
    }
    if (with.has_default_sections) {
        add_default_sections(parsed.tree, made.warnings);
    }
    if (!with.is_check_only) {
        if (const auto done = around.files.make_directories(with.data_directory);
            done.has_error()) {
            made.errors.push_back(
                {{}, "the data directory cannot be made: " + done.error().text(), {}}
            );
            return made;
        }
    }
    program steps = build(parsed.tree, with, around, made.errors, made.warnings);
    add_lines(from, made.errors);
    if (made.errors.empty()) {
        made.made.reset(new pipeline(std::make_unique<running>(std::move(steps), with, around)));
    }
    return made;
}

result<void> pipeline::start(std::function<void()> on_end) {
    return state_->start(std::move(on_end));
}
void pipeline::stop(std::chrono::nanoseconds limit) {
    state_->stop(limit);
}
bool pipeline::wait() {
    return state_->wait();
}
const std::string& pipeline::id() const noexcept {
    return state_->id();
}
std::vector<std::pair<std::string, files_status>> pipeline::describe_files(std::size_t count_max
) const {
    return state_->describe_files(count_max);
}

} // namespace logboom::pipelines
