#include "cli/commands.h"

#include <sys/resource.h>

namespace {

/// A segment is three open files, a connection or a tailed file one more, and a shell allows 1024
/// until told otherwise. What the administrator has set as the limit stays.
void allow_open_files() {
    rlimit files{};
    if (::getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_cur < files.rlim_max) {
        files.rlim_cur = files.rlim_max;
        static_cast<void>(::setrlimit(RLIMIT_NOFILE, &files));
    }
}

} // namespace

int main(int argc, char** argv) {
    allow_open_files();
    logboom::cli::program logboom(
        "logboom",
        "One binary for the path of a log line: file, topic, index.",
        "logboom " LB_VERSION
    );
    logboom::cli::add_commands(logboom.root());
    return static_cast<int>(logboom.run(argc, argv));
}
