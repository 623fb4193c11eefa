// The subcommands of the one binary. Each lives in a file of its own, adds itself to the parser and
// sets `chosen` from its CLI11 callback; main runs it after parsing.
#pragma once

#include "cli/exit_code.h"

#include <CLI/CLI.hpp>

#include <functional>
#include <memory>

namespace logboom::cli {

using action = std::function<exit_code()>;

struct run_request;
/// The options that `run` and `up` share.
void add_run_options(CLI::App& run, const std::shared_ptr<run_request>& request);

void add_run(CLI::App& app, action& chosen);
void add_broker(CLI::App& app, action& chosen);
void add_up(CLI::App& app, action& chosen);
void add_topics(CLI::App& app, action& chosen);
void add_groups(CLI::App& app, action& chosen);
void add_offsets(CLI::App& app, action& chosen);
void add_produce(CLI::App& app, action& chosen);
void add_consume(CLI::App& app, action& chosen);
void add_completion(CLI::App& app, action& chosen);

} // namespace logboom::cli
