// --log.level, --log.format and --path.logs, which run, broker and up share: what they are called
// in logstash.yml, too.
#pragma once

#include "base/log.h"

#include <string>

namespace logboom::cli {

struct log_options {
    log_level level = log_level::info;
    log_format format = log_format::plain;
    /// Where logboom.log lies; empty for stderr alone.
    std::string directory;
};

/// From now on the process's log is as `options` say.
result<void> open_log(const log_options& options);

/// After SIGHUP: logrotate has moved the file away. Says how it went.
void reopen_log(const logger& log);

} // namespace logboom::cli
