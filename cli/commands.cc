#include "cli/commands.h"

namespace logboom::cli {

void add_commands(command_line program, const std::string& version) {
    add_run(program);
    add_broker(program);
    add_up(program);
    add_topics(program);
    add_groups(program);
    add_offsets(program);
    add_produce(program);
    add_consume(program);
    add_completion(program);
    add_help(program);
    add_version(program, version);
}

} // namespace logboom::cli
