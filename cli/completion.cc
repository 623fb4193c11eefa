// `logboom completion bash`: what to type after a word, for `source <(logboom completion bash)`.
#include "cli/commands.h"
#include "cli/completion_script.h"

#include <cstdio>

namespace logboom::cli {
namespace {

/// "command|path" to the words that may follow, for the command and all below it.
void append_case(const command_line& command, const std::string& path, std::string& out) {
    std::string words;
    for (const command_line& each : command.commands()) {
        words += each.name() + " ";
    }
    for (const option& each : command.options()) {
        for (const std::string& name : each.names()) {
            words += name + " ";
        }
    }
    if (!words.empty()) {
        words.pop_back();
    }
    out += "        '" + path + "') words='" + words + "' ;;\n";
    for (const command_line& each : command.commands()) {
        append_case(each, path + " " + each.name(), out);
    }
}

} // namespace

std::string bash_completion(const command_line& root) {
    const std::string program = root.name();
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
    append_case(root, program, out);
    out += "        *) return 1 ;;\n"
           "    esac\n"
           "}\n"
           "complete -o filenames -F _" +
           program + " " + program + "\n";
    return out;
}

void add_completion(command_line program) {
    command_line command =
        program.add_command("completion", "Print the shell completion of all commands");
    command.require_command();
    command_line bash = command.add_command("bash", "for bash: source <(logboom completion bash)");
    bash.when_chosen([program] {
        std::fputs(bash_completion(program).c_str(), stdout);
        return exit_code::done;
    });
}

} // namespace logboom::cli
