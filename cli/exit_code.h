// What the process's exit code says; docs/commands.md.
#pragma once

namespace logboom::cli {

enum class exit_code {
    done = 0,
    failed = 1,
    bad_usage = 2,
    /// sysexits(3) EX_CONFIG.
    bad_configuration = 78,
};

} // namespace logboom::cli
