#include "cli/commands.h"

#include <cstdio>
#include <exception>
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
    using logboom::cli::exit_code;
    allow_open_files();
    CLI::App app("One binary for the path of a log line: file, topic, index.", "logboom");
    app.set_version_flag("-V,--version", "logboom " LB_VERSION);
    app.require_subcommand(1);
    logboom::cli::action chosen;
    logboom::cli::add_run(app, chosen);
    logboom::cli::add_broker(app, chosen);
    logboom::cli::add_up(app, chosen);
    logboom::cli::add_topics(app, chosen);
    logboom::cli::add_groups(app, chosen);
    logboom::cli::add_offsets(app, chosen);
    logboom::cli::add_produce(app, chosen);
    logboom::cli::add_consume(app, chosen);
    logboom::cli::add_completion(app, chosen);
    try {
        app.parse(argc, argv);
        return static_cast<int>(chosen ? chosen() : exit_code::bad_usage);
    } catch (const CLI::ParseError& problem) {
        if (argc < 2) {
            std::fputs(app.help().c_str(), stderr);
            return static_cast<int>(exit_code::bad_usage);
        }
        if (argv[1][0] != '-' && app.get_subcommands().empty()) {
            std::fprintf(stderr, "logboom: no command '%s'; logboom --help lists them\n", argv[1]);
            return static_cast<int>(exit_code::bad_usage);
        }
        return app.exit(problem) == 0 ? 0 : static_cast<int>(exit_code::bad_usage);
    } catch (const std::exception& problem) {
        std::fprintf(stderr, "logboom: %s\n", problem.what());
        return static_cast<int>(exit_code::failed);
    }
}
