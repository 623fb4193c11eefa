// `logboom completion bash`: what to type after a word, for `source <(logboom completion bash)`.
#include "cli/commands.h"
#include "cli/completion_script.h"

#include <cstdio>

namespace logboom::cli {
namespace {

/// "command|path" to the words that may follow, for the command and all below it.
void append_case(const CLI::App& command, const std::string& path, std::string& out) {
    std::string words;
    for (const CLI::App* each : command.get_subcommands([](const CLI::App*) { return true; })) {
        if (!each->get_name().empty()) {
            words += each->get_name() + " ";
        }
    }
    for (const CLI::Option* each : command.get_options()) {
        for (const std::string& name : each->get_lnames()) {
            words += "--" + name + " ";
        }
        for (const std::string& name : each->get_snames()) {
            words += "-" + name + " ";
        }
    }
    if (!words.empty()) {
        words.pop_back();
    }
    out += "        '" + path + "') words='" + words + "' ;;\n";
    for (const CLI::App* each : command.get_subcommands([](const CLI::App*) { return true; })) {
        if (!each->get_name().empty()) {
            append_case(*each, path + " " + each->get_name(), out);
        }
    }
}

} // namespace

std::string bash_completion(const CLI::App& app) {
    const std::string& program = app.get_name();
    std::string out =
        "# bash completion of " + program + "; source <(" + program + " completion bash)\n";
    out += "_" + program +
           "() {\n"
           "    local current=${COMP_WORDS[COMP_CWORD]} path='" +
           program +
           "' words='' word next\n"
           "    for word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n"
           "        case $word in -*) continue ;; esac\n"
           "        next=\"$path $word\"\n"
           "        _" +
           program +
           "_words \"$next\" && path=$next\n"
           "    done\n"
           "    _" +
           program +
           "_words \"$path\"\n"
           "    case ${COMP_WORDS[COMP_CWORD-1]} in\n"
           "        -f|--path.*|--from-file|--command-config) COMPREPLY=($(compgen -f -- "
           "\"$current\")) ;;\n"
           "        *) COMPREPLY=($(compgen -W \"$words\" -- \"$current\")) ;;\n"
           "    esac\n"
           "    [ ${#COMPREPLY[@]} -gt 0 ] || COMPREPLY=($(compgen -f -- \"$current\"))\n"
           "}\n"
           "_" +
           program +
           "_words() {\n"
           "    case $1 in\n";
    append_case(app, program, out);
    out += "        *) return 1 ;;\n"
           "    esac\n"
           "}\n"
           "complete -o filenames -F _" +
           program + " " + program + "\n";
    return out;
}

void add_completion(CLI::App& app, action& chosen) {
    CLI::App& command =
        *app.add_subcommand("completion", "Print the shell completion of all commands");
    command.require_subcommand(1);
    CLI::App& bash = *command.add_subcommand("bash", "for bash: source <(logboom completion bash)");
    bash.callback([&app, &chosen] {
        chosen = [&app] {
            std::fputs(bash_completion(app).c_str(), stdout);
            return exit_code::done;
        };
    });
}

} // namespace logboom::cli
