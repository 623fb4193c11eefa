#include "base/metric_list.h"
#include "pipelines/topology/program.h"
#include "sinks/dead_letter_file.h"

#include <fmt/format.h>

#include <algorithm>

namespace logboom::pipelines {
namespace {

/// DATA/dead_letters/PIPELINE; an id may hold what a file name may not.
std::string dead_letter_directory(const pipeline_settings& pipeline) {
    std::string name = pipeline.id;
    std::replace(name.begin(), name.end(), '/', '_');
    return join_path(join_path(pipeline.data_directory, "dead_letters"), name);
}

class builder {
  public:
    builder(
        const pipeline_settings& pipeline,
        const pipeline_environment& around,
        conf::problems& errors,
        std::vector<std::string>& warnings
    )
        : pipeline_(pipeline)
        , around_(around)
        , errors_(errors)
        , maker_(pipeline, around, errors, warnings) {}

    void add_inputs(const std::vector<conf::statement>& from);
    void choose_dead_letters();
    steps add_filters(const std::vector<conf::statement>& from);
    steps add_outputs(const std::vector<conf::statement>& from);

    program made;

  private:
    template <class AddBody>
    step add_branch(const conf::branch& from, AddBody add_body);

    const pipeline_settings& pipeline_;
    const pipeline_environment& around_;
    conf::problems& errors_;
    plugin_maker maker_;
};

void builder::add_inputs(const std::vector<conf::statement>& from) {
    for (const conf::statement& each : from) {
        if (const auto* branch = std::get_if<conf::branch>(&each.what)) {
            errors_.push_back({branch->where, "there are no conditions in the input section.", {}});
        } else if (auto input = maker_.make_input(std::get<plugin_config>(each.what))) {
            made.inputs.push_back(std::move(input));
        }
    }
}

void builder::choose_dead_letters() {
    for (const auto& each : made.inputs) {
        made.dead_letters =
            made.dead_letters != nullptr ? made.dead_letters : each->plugin().dead_letters();
    }
    if (made.dead_letters == nullptr) {
        made.own_dead_letters = std::make_unique<sinks::dead_letter_file>(
            sinks::dead_letter_file_options{dead_letter_directory(pipeline_)},
            sinks::dead_letter_file_context{
                around_.files,
                around_.time,
                around_.counters,
                logger::named("dead letters"),
                {pipeline_.id}}
        );
        made.dead_letters = made.own_dead_letters.get();
    }
    maker_.set_dead_letters(made.dead_letters);
}

template <class AddBody>
step builder::add_branch(const conf::branch& from, AddBody add_body) {
    branch_step branch;
    for (const conf::branch_arm& each : from.arms) {
        arm made_arm;
        if (each.condition) {
            made_arm.condition = conf::condition::compile(*each.condition, errors_);
            made_arm.broken.emplace(
                around_.counters,
                declared("logboom_pipeline_conditions_broken_total"),
                label_values{
                    pipeline_.id,
                    each.condition->where.file,
                    std::to_string(each.condition->where.line)}
            );
        }
        made_arm.body = (this->*add_body)(each.body);
        branch.arms.push_back(std::move(made_arm));
    }
    return {std::move(branch)};
}

steps builder::add_filters(const std::vector<conf::statement>& from) {
    steps into;
    for (const conf::statement& each : from) {
        if (const auto* branch = std::get_if<conf::branch>(&each.what)) {
            into.push_back(add_branch(*branch, &builder::add_filters));
        } else if (auto filter = maker_.make_filter(std::get<plugin_config>(each.what))) {
            into.push_back({made.filters.emplace_back(std::move(filter)).get()});
        }
    }
    return into;
}

steps builder::add_outputs(const std::vector<conf::statement>& from) {
    steps into;
    for (const conf::statement& each : from) {
        if (const auto* branch = std::get_if<conf::branch>(&each.what)) {
            into.push_back(add_branch(*branch, &builder::add_outputs));
        } else if (auto output = maker_.make_output(std::get<plugin_config>(each.what))) {
            into.push_back({made.outputs.emplace_back(std::move(output)).get()});
        }
    }
    return into;
}

} // namespace

program build(
    const conf::config& from,
    const pipeline_settings& pipeline,
    const pipeline_environment& around,
    conf::problems& errors,
    std::vector<std::string>& warnings
) {
    builder with(pipeline, around, errors, warnings);
    with.add_inputs(from.inputs);
    with.choose_dead_letters();
    with.made.filtering = with.add_filters(from.filters);
    with.made.writing = with.add_outputs(from.outputs);
    if (from.inputs.empty()) {
        errors.push_back({{}, "the config has no input.", {}});
    }
    if (from.outputs.empty()) {
        warnings.emplace_back("the config has no output: events end nowhere.");
    }
    return std::move(with.made);
}

} // namespace logboom::pipelines
