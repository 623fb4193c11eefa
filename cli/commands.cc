#include "cli/commands.h"

#include <algorithm>
#include <string_view>

namespace logboom::cli {
namespace {

struct command_entry {
    std::string_view name;
    void (*add)(command_line program);
    /// It tells of all the others.
    bool needs_all = false;
};

/// In the order of --help.
constexpr command_entry all_commands[] = {
    {"run", add_run},
    {"broker", add_broker},
    {"up", add_up},
    {"agent", add_agent},
    {"topics", add_topics},
    {"groups", add_groups},
    {"offsets", add_offsets},
    {"produce", add_produce},
    {"consume", add_consume},
    {"completion", add_completion, true},
    {"help", add_help, true},
};

} // namespace

void add_commands(
    command_line program, const std::string& version, std::string_view first_argument
) {
    const auto* const only = std::find_if(
        std::begin(all_commands),
        std::end(all_commands),
        [&](const command_entry& each) { return each.name == first_argument && !each.needs_all; }
    );
    if (only != std::end(all_commands)) {
        only->add(program);
        return;
    }
    for (const command_entry& each : all_commands) {
        each.add(program);
    }
    add_version(program, version);
}

} // namespace logboom::cli
