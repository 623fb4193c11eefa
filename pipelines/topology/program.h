// A config with its plugins made and its conditions compiled: what the workers run. Built by
// build(), owned by the pipeline, not changed while workers run.
#pragma once

#include "pipelines/conf/condition.h"
#include "pipelines/conf/config.h"
#include "pipelines/topology/plugin_maker.h"

#include <optional>
#include <variant>

namespace logboom::pipelines {

using filter_holder = plugin_holder<filter>;
using output_holder = plugin_holder<output>;
using input_holder = plugin_holder<input>;

/// What is counted of a pipeline. Shared with the tokens of batches that are not settled yet.
struct pipeline_series {
    pipeline_series(metrics& registry, const std::string& id)
        : events_in(registry, declared("logboom_pipeline_events_in_total"), {id})
        , events_filtered(registry, declared("logboom_pipeline_events_filtered_total"), {id})
        , events_out(registry, declared("logboom_pipeline_events_out_total"), {id})
        , events_lost(registry, declared("logboom_pipeline_events_lost_total"), {id})
        , batches_lost(registry, declared("logboom_pipeline_batches_lost_total"), {id})
        , unsettled(registry, declared("logboom_pipeline_unsettled_batches"), {id})
        , up(registry, declared("logboom_pipeline_up"), {id}) {}

    counter events_in;
    counter events_filtered;
    counter events_out;
    counter events_lost;
    counter batches_lost;
    gauge unsettled;
    /// 1 from the start on, 0 once a plugin has failed.
    gauge up;
};

struct step;
using steps = std::vector<step>;

struct arm {
    /// Null for `else`.
    std::unique_ptr<const conf::condition> condition;
    /// Events that this condition could not be told of.
    std::optional<counter> broken;
    steps body;
};

struct branch_step {
    std::vector<arm> arms;
};

struct step {
    std::variant<const filter_holder*, const output_holder*, branch_step> what;
};

struct program {
    // Members are destroyed from the last to the first: outputs go before inputs, whose dead
    // letters they use.
    std::unique_ptr<dead_letter_queue> own_dead_letters;
    std::vector<std::unique_ptr<input_holder>> inputs;
    std::vector<std::unique_ptr<filter_holder>> filters;
    std::vector<std::unique_ptr<output_holder>> outputs;
    /// An input's, or own_dead_letters.
    dead_letter_queue* dead_letters = nullptr;
    steps filtering;
    steps writing;
};

/// What is wrong is added to `errors`; the program is complete only when nothing is.
program build(
    const conf::config& from,
    const pipeline_settings& pipeline,
    const pipeline_environment& around,
    conf::problems& errors,
    std::vector<std::string>& warnings
);

} // namespace logboom::pipelines
