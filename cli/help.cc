// `logboom help` and `logboom version`; and the tables of docs/commands.md, which are printed from
// the options as they are, so that the page cannot say what is not so.
#include "cli/commands.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>

namespace logboom::cli {
namespace {

struct help_options {
    std::string command;
    bool markdown = false;
};

std::string with_bars_escaped(std::string_view text) {
    std::string out;
    for (const char each : text) {
        out += each == '|' ? "\\|" : std::string(1, each);
    }
    return out;
}

std::string code(std::string_view text) {
    return "`" + with_bars_escaped(text) + "`";
}

void append_row(const option& each, std::string& out) {
    std::vector<std::string> names = each.names();
    if (names.empty() || std::find(names.begin(), names.end(), "--help") != names.end()) {
        return;
    }
    if (const std::string value = each.value_name(); !value.empty()) {
        names.back() += " " + value;
    }
    std::string shown;
    for (const std::string& name : names) {
        shown += (shown.empty() ? "" : ", ") + code(name);
    }
    const std::string fallback = each.default_text();
    out += "| " + shown + " | " + with_bars_escaped(each.doc()) +
           (fallback.empty() ? "" : " (" + code(fallback) + ")") + " |\n";
}

exit_code help(const command_line& program, const help_options& options, output& out) {
    if (options.command.empty()) {
        out.print(program.help());
        return exit_code::done;
    }
    for (const command_line& each : program.commands()) {
        if (each.name() == options.command) {
            out.print(options.markdown ? option_tables(each) : each.help());
            return exit_code::done;
        }
    }
    fmt::print(
        stderr, "logboom help: no command '{}'; logboom --help lists them\n", options.command
    );
    return exit_code::bad_usage;
}

} // namespace

std::string option_tables(const command_line& command) {
    std::string out;
    for (const option& each : command.options()) {
        append_row(each, out);
    }
    if (!out.empty()) {
        out.insert(0, "| option | what |\n|---|---|\n");
    }
    if (!command.refused().empty()) {
        out += "\n| not here | because |\n|---|---|\n";
    }
    for (const refused_option& each : command.refused()) {
        out += "| " + code(each.names) + " | " + with_bars_escaped(each.reason) + " |\n";
    }
    return out;
}

void add_help(command_line program) {
    auto options = std::make_shared<help_options>();
    command_line command = program.add_command("help", "Print the options of a command");
    command.add_option("command", options->command, "the command; all of them without it");
    command.add_flag("--markdown", options->markdown, "as the tables of docs/commands.md");
    command.when_chosen([program, options](output& out) { return help(program, *options, out); });
}

void add_version(command_line program, const std::string& version) {
    command_line command = program.add_command("version", "Print the version");
    command.when_chosen([version](output& out) {
        out.print(version + "\n");
        return exit_code::done;
    });
}

} // namespace logboom::cli
