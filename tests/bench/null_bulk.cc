// null_bulk --port PORT [OPTION...]: the null `_bulk` server as a process. Runs until SIGTERM or
// SIGINT and then prints how many requests and documents it has seen.
#include "tests/support/null_bulk_server.h"

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string>
#include <string_view>

namespace {

constexpr const char* usage =
    "usage: null_bulk --port PORT [--delay-ms N] [--body-size-max BYTES] [--remember]\n"
    "    [--item TEXT STATUS TYPE TIMES]  items that hold TEXT get STATUS (TIMES -1: always)\n"
    "    [--request STATUS TIMES]         whole requests get STATUS; 0 closes without an answer\n";

int run(int count, char** given) {
    logboom::test::null_bulk_options options;
    int at = 1;
    const auto next = [&] {
        if (at >= count) {
            std::fputs(usage, stderr);
            std::exit(2);
        }
        return std::string(given[at++]);
    };
    while (at < count) {
        const std::string name = next();
        if (name == "--port") {
            options.port = std::stoi(next());
        } else if (name == "--delay-ms") {
            options.delay_ms = std::stoi(next());
        } else if (name == "--body-size-max") {
            options.body_size_max = std::stoull(next());
        } else if (name == "--remember") {
            options.remembers = true;
        } else if (name == "--item") {
            logboom::test::item_rule rule;
            rule.substring = next();
            rule.status = std::stoi(next());
            rule.error_type = next();
            rule.times = std::stoi(next());
            options.items.push_back(rule);
        } else if (name == "--request") {
            logboom::test::request_rule rule;
            rule.status = std::stoi(next());
            rule.times = std::stoi(next());
            options.requests.push_back(rule);
        } else {
            std::fputs(usage, stderr);
            return 2;
        }
    }
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    const logboom::test::null_bulk_server server(options);
    std::printf("listening on port %d\n", server.port());
    std::fflush(stdout);
    int received = 0;
    sigwait(&signals, &received);
    std::printf(
        "requests=%llu documents=%zu\n",
        static_cast<unsigned long long>(server.requests()),
        server.count()
    );
    return 0;
}

} // namespace

int main(int count, char** given) {
    try {
        return run(count, given);
    } catch (const std::exception& why) {
        std::fprintf(stderr, "null_bulk: %s\n", why.what());
        return 1;
    }
}
