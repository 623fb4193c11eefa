// The commands of the one binary. Each lives in a file of its own and adds itself, its options and
// what it does to the program.
#pragma once

#include "cli/command_line.h"

#include <memory>

namespace logboom::cli {

struct run_request;
/// The options that `run` and `up` share.
void add_run_options(command_line run, const std::shared_ptr<run_request>& request);

/// All of them, in the order of --help.
void add_commands(command_line program);

void add_run(command_line program);
void add_broker(command_line program);
void add_up(command_line program);
void add_topics(command_line program);
void add_groups(command_line program);
void add_offsets(command_line program);
void add_produce(command_line program);
void add_consume(command_line program);
void add_completion(command_line program);

} // namespace logboom::cli
