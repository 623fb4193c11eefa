// The command line as the commands see it: names, the variables that values go to, texts for
// --help. A program has commands; each says its options and what to do when it is the one that was
// typed. CLI11 does the parsing and costs ten seconds of compiling, so command_line.cc alone
// includes it.
#pragma once

#include "cli/exit_code.h"
#include "cli/output.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace CLI {
class App;
class Option;
} // namespace CLI

namespace logboom::cli {

/// What a command does once the whole command line has been read.
using action = std::function<exit_code(output&)>;

/// An option of the tool that a command stands in for, which does not exist here.
struct refused_option {
    /// "--zookeeper"; several are separated by commas.
    std::string_view names;
    /// Why not, and what to use: "there is no ZooKeeper here; use --bootstrap-server".
    std::string_view reason;
};

struct program_state;

/// One option. A handle that lives as long as its program, as `command_line` is.
class option {
  public:
    explicit option(CLI::Option& parsed) : parsed_(&parsed) {}

    /// Shows in --help what the variable holds by now.
    option& show_default();
    option& describe(const std::string& doc);
    option& one_of(std::vector<std::string> values);
    option& in_range(std::int64_t low, std::int64_t high);
    /// Given twice, the last one counts; else it is an error.
    option& take_last();
    /// --name A --name B, and never --name A B.
    option& one_value_each();
    /// The name may stand alone and then means `text`.
    option& value_may_be_missing(const std::string& text);

    /// As typed: "--topic", "-t".
    std::vector<std::string> names() const;
    std::string doc() const;
    bool takes_value() const;
    /// "INT in [1 - 9]", "{0,1,all}", "TEXT"; empty for a flag.
    std::string value_name() const;
    /// What show_default() shows.
    std::string default_text() const;

  private:
    CLI::Option* parsed_;
};

/// The program itself or one of its commands. The variables outlive the parsing. `names` is a list
/// with commas, or one word without dashes for what needs no name.
class command_line {
  public:
    command_line(CLI::App& parsed, program_state& state) : parsed_(&parsed), state_(&state) {}

    option add_option(const std::string& names, std::string& into, const std::string& doc);
    option add_option(const std::string& names, int& into, const std::string& doc);
    option add_option(const std::string& names, std::int64_t& into, const std::string& doc);
    /// Every value that is given.
    option
    add_option(const std::string& names, std::vector<std::string>& into, const std::string& doc);
    option add_option(
        const std::string& names,
        std::function<void(const std::string&)> on_value,
        const std::string& doc
    );
    option add_flag(const std::string& names, bool& into, const std::string& doc);
    option
    add_flag(const std::string& names, std::function<void()> on_given, const std::string& doc);
    command_line add_command(const std::string& name, const std::string& doc);
    /// It does nothing by itself: one of its commands must follow.
    void require_command();
    void when_chosen(action run);
    /// For a command that prints no data.
    void when_chosen(std::function<exit_code()> run);
    /// Whoever gives one of these is told why it is refused. The rows are static.
    void refuse(std::span<const refused_option> rows);

    std::string name() const;
    std::string doc() const;
    /// After parsing: whether it is among the words.
    bool was_given() const;
    std::vector<command_line> commands() const;
    std::vector<option> options() const;
    std::span<const refused_option> refused() const;
    /// What --help prints.
    std::string help() const;
    /// "-f" or "--path.config"; the option is there.
    option find_option(const std::string& name) const;

  private:
    CLI::App* parsed_;
    program_state* state_;
};

/// The root of all commands.
class program {
  public:
    program(const std::string& name, const std::string& doc, const std::string& version);
    ~program();
    program(const program&) = delete;
    program& operator=(const program&) = delete;

    command_line root();
    /// Reads the arguments and runs the command that they name. What is wrong with them, and help
    /// and version, are printed here.
    exit_code run(int argc, const char* const* argv, output& out);

  private:
    std::unique_ptr<CLI::App> parsed_;
    std::unique_ptr<program_state> state_;
};

} // namespace logboom::cli
