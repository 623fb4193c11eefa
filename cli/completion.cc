#include "cli/commands.h"

namespace logboom::cli {

void add_completion(CLI::App& /*app*/, action& /*chosen*/) {}

} // namespace logboom::cli
