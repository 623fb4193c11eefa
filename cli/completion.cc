// `logboom completion SHELL`: what to type after a word, for `source <(logboom completion bash)`.
#include "cli/commands.h"
#include "cli/completion_script.h"

#include <array>

namespace logboom::cli {
namespace {

/// The commands that may follow `command`; any at all may follow help.
std::vector<command_line> words_after(const command_line& command, const command_line& root) {
    return command.name() == "help" ? root.commands() : command.commands();
}

/// "command|path" to the words that may follow, for the command and all below it.
void append_case(
    const command_line& command, const command_line& root, const std::string& path, std::string& out
) {
    std::string words;
    for (const command_line& each : words_after(command, root)) {
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
        append_case(each, root, path + " " + each.name(), out);
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
    append_case(root, root, program, out);
    out += "        *) return 1 ;;\n"
           "    esac\n"
           "}\n"
           "complete -o filenames -F _" +
           program + " " + program + "\n";
    return out;
}

namespace {

/// In single quotes of zsh or fish, with what the shell reads as an end or a separator escaped.
std::string quoted(std::string_view text, std::string_view escaped) {
    std::string out = "'";
    for (const char each : text) {
        if (each == '\'') {
            out += "'\\''";
            continue;
        }
        out += escaped.find(each) == std::string_view::npos ? "" : "\\";
        out += each;
    }
    return out + "'";
}

void append_zsh_case(
    const command_line& command, const command_line& root, const std::string& path, std::string& out
) {
    std::string words;
    for (const command_line& each : words_after(command, root)) {
        words += " " + quoted(each.name() + ":" + each.doc(), "");
    }
    for (const option& each : command.options()) {
        for (const std::string& name : each.names()) {
            words += " " + quoted(name + ":" + each.doc(), "");
        }
    }
    out += "        '" + path + "') words_here=(" + words + " ) ;;\n";
    for (const command_line& each : command.commands()) {
        append_zsh_case(each, root, path + " " + each.name(), out);
    }
}

void append_fish_lines(
    const command_line& command,
    const command_line& root,
    const std::string& condition,
    std::string& out
) {
    const std::string program = root.name();
    const std::string begin = "complete -c " + program + " -n " + quoted(condition, "\\");
    for (const command_line& each : words_after(command, root)) {
        out += begin + " -f -a " + each.name() + " -d " + quoted(each.doc(), "\\") + "\n";
    }
    for (const option& each : command.options()) {
        if (each.names().empty()) {
            continue;
        }
        out += begin;
        for (const std::string& name : each.names()) {
            out += name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
        }
        out += (each.takes_value() ? " -r" : "") + (" -d " + quoted(each.doc(), "\\")) + "\n";
    }
}

} // namespace

std::string zsh_completion(const command_line& root) {
    const std::string program = root.name();
    std::string out = "#compdef " + program + "\n# zsh completion of " + program + "; source <(" +
                      program + " completion zsh)\n";
    // Not `path`: that is zsh's PATH.
    out += "_" + program +
           "() {\n"
           "    local place=" +
           program +
           " word\n"
           "    local -a words_here\n"
           "    for word in ${words[2,CURRENT-1]}; do\n"
           "        [[ $word == -* ]] && continue\n"
           "        _" +
           program +
           "_words \"$place $word\" && place=\"$place $word\"\n"
           "    done\n"
           "    _" +
           program +
           "_words $place\n"
           "    case ${words[CURRENT-1]} in\n"
           "        -f|--path.*|--from-file|--command-config) _files; return ;;\n"
           "    esac\n"
           "    _describe " +
           program +
           " words_here || _files\n"
           "}\n"
           "_" +
           program +
           "_words() {\n"
           "    case $1 in\n";
    append_zsh_case(root, root, program, out);
    out += "        *) return 1 ;;\n"
           "    esac\n"
           "}\n"
           // As a file of fpath it is read when it is called for the first time.
           "if [[ $funcstack[1] == _" +
           program + " ]]; then\n    _" + program +
           "\nelif (( $+functions[compdef] )); then\n    compdef _" + program + " " + program +
           "\nfi\n";
    return out;
}

std::string fish_completion(const command_line& root) {
    const std::string program = root.name();
    std::string out =
        "# fish completion of " + program + "; " + program + " completion fish | source\n";
    append_fish_lines(root, root, "__fish_use_subcommand", out);
    for (const command_line& each : root.commands()) {
        append_fish_lines(each, root, "__fish_seen_subcommand_from " + each.name(), out);
    }
    return out;
}

void add_completion(command_line program) {
    struct shell {
        const char* name;
        const char* doc;
        std::string (*script)(const command_line&);
    };
    static constexpr std::array<shell, 3> shells{{
        {"bash", "for bash: source <(logboom completion bash)", bash_completion},
        {"zsh", "for zsh: source <(logboom completion zsh)", zsh_completion},
        {"fish", "for fish: logboom completion fish | source", fish_completion},
    }};
    command_line command =
        program.add_command("completion", "Print the shell completion of all commands");
    command.require_command();
    for (const shell& each : shells) {
        command_line one = command.add_command(each.name, each.doc);
        one.when_chosen([program, script = each.script](output& out) {
            out.print(script(program));
            return exit_code::done;
        });
    }
}

} // namespace logboom::cli
