#include "cli/log_options.h"

namespace logboom::cli {

result<void> open_log(const log_options& options) {
    set_log_level(options.level);
    set_log_format(options.format);
    return options.directory.empty() ? result<void>() : open_log_file(options.directory);
}

void reopen_log(const logger& log) {
    if (const auto done = reopen_log_file(); done.has_error()) {
        log.error(
            "The log file cannot be opened again; lines go to where they went. error={}",
            done.error().text()
        );
    } else {
        log.info("SIGHUP: the log file, if there is one, has been opened again.");
    }
}

} // namespace logboom::cli
