#include "base/version.h"
#include "cli/commands.h"

#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <string>
#include <sys/resource.h>
#include <unistd.h>

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

/// The number of a standard stream that whoever starts us has closed goes to the next file that is
/// opened: lines of the log would be written into a segment. What stands there instead can be used
/// by nobody: reading or writing it fails.
void occupy_closed_streams() {
    for (const int number : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
        if (::fcntl(number, F_GETFD) < 0 && errno == EBADF) {
            static_cast<void>(::open("/dev/null", number == STDIN_FILENO ? O_WRONLY : O_RDONLY));
        }
    }
}

} // namespace

int main(int argc, char** argv) {
    occupy_closed_streams();
    allow_open_files();
    const std::string version = "logboom " + std::string(logboom::program_version());
    logboom::cli::program logboom(
        "logboom", "One binary for the path of a log line: file, topic, index.", version
    );
    logboom::cli::add_commands(logboom.root(), version, argc > 1 ? argv[1] : "");
    // A command that is written to a closed pipe ends in order; output says so (finish).
    std::signal(SIGPIPE, SIG_IGN);
    logboom::cli::output out(STDOUT_FILENO);
    return static_cast<int>(finish(out, logboom.run(argc, argv, out)));
}
