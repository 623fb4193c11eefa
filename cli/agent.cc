// `logboom agent`: asks a running process for the files that it follows.
#include "base/secrets.h"
#include "cli/agent_text.h"
#include "cli/commands.h"
#include "sinks/http_client/base64.h"
#include "sinks/http_client/client.h"
#include "sinks/http_client/errc.h"
#include "sinks/http_client/status.h"

#include <fmt/format.h>

#include <cstdio>

namespace logboom::cli {
namespace {

struct agent_options {
    std::string what;
    std::string address = "http://127.0.0.1:9600";
    /// "name:password"
    std::string user;
    std::string ca_file;
    bool is_unverified = false;
    bool json = false;
    int count_max = 1000;
    int limit_ms = 10000;
};

constexpr const char* agent_command = "agent";

exit_code fail_with(const agent_options& options, const std::string& why) {
    fmt::print(
        stderr,
        "logboom agent: {}: {}; --api names the address that `logboom run` has said at its start\n",
        without_secrets(options.address),
        why
    );
    return exit_code::failed;
}

http::answer ask(const agent_options& options) {
    http::client_options how;
    how.ca_file = options.ca_file;
    how.verify_peer = !options.is_unverified;
    how.connect_timeout = std::chrono::milliseconds(options.limit_ms);
    http::client client(how);
    http::request request;
    request.url = fmt::format("{}/agent/files?limit={}", options.address, options.count_max);
    request.timeout = std::chrono::milliseconds(options.limit_ms);
    if (!options.user.empty()) {
        request.headers.push_back("Authorization: Basic " + http::base64_encode(options.user));
    }
    client.start(request);
    while (true) {
        auto answers = client.poll(request.timeout);
        if (!answers.empty()) {
            return std::move(answers.front());
        }
    }
}

exit_code run(const agent_options& options, output& out) {
    constexpr int ok = 200;
    if (options.what.empty()) {
        fmt::print(stderr, "logboom agent: say what to show: files or ledger\n");
        return exit_code::bad_usage;
    }
    const http::answer answer = ask(options);
    if (answer.status == 0) {
        return fail_with(options, answer.failure.text());
    }
    if (answer.status == http_status::unauthorized) {
        return fail_with(options, "a user and password are needed (--user NAME:PASSWORD)");
    }
    if (answer.status == http_status::not_found) {
        return fail_with(options, "it answers, but follows no files; is it `logboom broker`?");
    }
    if (answer.status != ok) {
        return fail_with(options, fmt::format("the answer has the status {}", answer.status));
    }
    if (options.json) {
        out.print(answer.body + "\n");
        return exit_code::done;
    }
    const auto text =
        options.what == "files" ? agent_files_text(answer.body) : agent_ledger_text(answer.body);
    if (text.has_error()) {
        return fail_with(options, text.error().text());
    }
    out.print(*text);
    return exit_code::done;
}

} // namespace

void add_agent(command_line program) {
    auto options = std::make_shared<agent_options>();
    command_line command =
        program.add_command(agent_command, "Show the files that a running process follows");
    command
        .add_option(
            "what",
            options->what,
            "files: where each is and how far behind; ledger: what has become of its bytes"
        )
        .one_of({"files", "ledger"});
    command.add_option("--api", options->address, "the process's HTTP API").show_default();
    command.add_option("--user", options->user, "name:password, where the API asks for them");
    command.add_option("--cacert", options->ca_file, "the CA of an API with TLS, a PEM file");
    command.add_flag("--insecure", options->is_unverified, "whatever its certificate says");
    command
        .add_option(
            "--limit",
            options->count_max,
            "most files of an input; those furthest behind come first"
        )
        .in_range(1, 100'000)
        .show_default();
    command.add_option("--timeout", options->limit_ms, "milliseconds that the answer may take")
        .in_range(1, 600'000)
        .show_default();
    command.add_flag("--json", options->json, "print JSON");
    command.when_chosen([options](output& out) { return run(*options, out); });
}

} // namespace logboom::cli
