#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>

#include <csignal>

int main(int count, char** arguments) {
    // As cli/main.cc: a peer that has gone is an error of the write, not the end of all tests.
    std::signal(SIGPIPE, SIG_IGN);
    return doctest::Context(count, arguments).run();
}
