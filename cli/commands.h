// The commands of the one binary. Each lives in a file of its own and adds itself, its options and
// what it does to the program.
#pragma once

#include "cli/command_line.h"

#include <memory>
#include <string>
#include <string_view>

namespace logboom::cli {

struct run_request;
/// The options that `run` and `up` share.
void add_run_options(command_line run, const std::shared_ptr<run_request>& request);

/// The one that `first_argument` names, since hundreds of options take milliseconds to add; all of
/// them, in the order of --help, when it names none or one that tells of the others. `version` is
/// what `logboom version` prints.
void add_commands(
    command_line program, const std::string& version, std::string_view first_argument
);

void add_run(command_line program);
void add_broker(command_line program);
void add_up(command_line program);
void add_agent(command_line program);
void add_topics(command_line program);
void add_groups(command_line program);
void add_offsets(command_line program);
void add_produce(command_line program);
void add_consume(command_line program);
void add_completion(command_line program);
void add_help(command_line program);
void add_version(command_line program, const std::string& version);

/// Markdown: what the command takes, and what it refuses.
std::string option_tables(const command_line& command);

} // namespace logboom::cli
