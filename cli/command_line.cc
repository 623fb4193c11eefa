// Commands and options on top of CLI11. It goes through CLI11's functions that are no templates:
// values are read here.
#include "cli/command_line.h"

#include "base/secrets.h"
#include "base/settings.h"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <exception>
#include <map>
#include <sstream>

namespace logboom::cli {

struct program_state {
    action chosen;
    std::map<const CLI::App*, std::span<const refused_option>> refused;
};

namespace {

template <typename Number>
bool read_number(const std::string& text, Number& into) {
    const char* const end = text.data() + text.size();
    const auto [stop, problem] = std::from_chars(text.data(), end, into);
    return problem == std::errc{} && stop == end;
}

template <typename Number>
option
add_number(CLI::App& parsed, const std::string& names, Number& into, const std::string& doc) {
    CLI::Option* const added = parsed.add_option(
        names,
        [&into](const CLI::results_t& values) { return read_number(values.back(), into); },
        doc,
        false,
        [&into] { return std::to_string(into); }
    );
    added->type_name("INT");
    return option(*added);
}

std::string joined(const std::vector<std::string>& words) {
    std::string text;
    for (const std::string& each : words) {
        text += (text.empty() ? "" : ",") + each;
    }
    return text;
}

} // namespace

option& option::show_default() {
    parsed_->capture_default_str();
    return *this;
}

option& option::describe(const std::string& doc) {
    parsed_->description(doc);
    return *this;
}

option& option::one_of(std::vector<std::string> values) {
    const std::string shown = "{" + joined(values) + "}";
    const auto check = [values = std::move(values), shown](const std::string& given) {
        const bool known = std::find(values.begin(), values.end(), given) != values.end();
        return known ? std::string() : given + " not in " + shown;
    };
    parsed_->check(check, shown);
    return *this;
}

option& option::in_range(std::int64_t low, std::int64_t high) {
    const std::string shown = "[" + std::to_string(low) + " - " + std::to_string(high) + "]";
    const auto check = [low, high, shown](const std::string& given) {
        std::int64_t value = 0;
        const bool fits = read_number(given, value) && value >= low && value <= high;
        return fits ? std::string() : "Value " + given + " not in range " + shown;
    };
    parsed_->check(check, "INT in " + shown);
    return *this;
}

option& option::take_last() {
    parsed_->take_last();
    return *this;
}

option& option::one_value_each() {
    parsed_->allow_extra_args(false);
    return *this;
}

option& option::value_may_be_missing(const std::string& text) {
    parsed_->expected(0, 1)->default_str(text);
    return *this;
}

std::vector<std::string> option::names() const {
    std::vector<std::string> names;
    for (const std::string& each : parsed_->get_lnames()) {
        names.push_back("--" + each);
    }
    for (const std::string& each : parsed_->get_snames()) {
        names.push_back("-" + each);
    }
    return names;
}

std::string option::doc() const {
    return parsed_->get_description();
}

bool option::takes_value() const {
    return parsed_->get_items_expected_max() > 0;
}

std::string option::value_name() const {
    const std::string type = takes_value() ? parsed_->get_type_name() : std::string();
    // "INT:INT in [1 - 9]": what is checked says it all.
    return type.substr(type.find(':') + 1);
}

std::string option::default_text() const {
    return parsed_->get_expected_min() > 0 ? parsed_->get_default_str() : std::string();
}

option
command_line::add_option(const std::string& names, std::string& into, const std::string& doc) {
    CLI::Option* const added = parsed_->add_option(
        names,
        [&into](const CLI::results_t& values) {
            into = values.back();
            return true;
        },
        doc,
        false,
        [&into] { return into; }
    );
    added->type_name("TEXT");
    return option(*added);
}

option command_line::add_option(const std::string& names, int& into, const std::string& doc) {
    return add_number(*parsed_, names, into, doc);
}

option
command_line::add_option(const std::string& names, std::int64_t& into, const std::string& doc) {
    return add_number(*parsed_, names, into, doc);
}

option command_line::add_option(
    const std::string& names, std::vector<std::string>& into, const std::string& doc
) {
    CLI::Option* const added = parsed_->add_option(
        names,
        [&into](const CLI::results_t& values) {
            into = values;
            return true;
        },
        doc
    );
    added->type_name("TEXT")->expected(CLI::detail::expected_max_vector_size);
    return option(*added);
}

option command_line::add_option(
    const std::string& names,
    std::function<void(const std::string&)> on_value,
    const std::string& doc
) {
    CLI::Option* const added = parsed_->add_option(
        names,
        [on_value = std::move(on_value)](const CLI::results_t& values) {
            on_value(values.back());
            return true;
        },
        doc
    );
    added->type_name("TEXT");
    return option(*added);
}

option command_line::add_flag(const std::string& names, bool& into, const std::string& doc) {
    return add_flag(
        names, [&into] { into = true; }, doc
    );
}

option command_line::add_flag(
    const std::string& names, std::function<void()> on_given, const std::string& doc
) {
    return option(*parsed_->add_flag_callback(names, std::move(on_given), doc));
}

command_line command_line::add_command(const std::string& name, const std::string& doc) {
    return {*parsed_->add_subcommand(name, doc), *state_};
}

void command_line::require_command() {
    parsed_->require_subcommand(1);
}

void command_line::when_chosen(action run) {
    parsed_->callback([state = state_, run = std::move(run)] { state->chosen = run; });
}

void command_line::when_chosen(std::function<exit_code()> run) {
    when_chosen(action([run = std::move(run)](output& /*out*/) { return run(); }));
}

void command_line::refuse(std::span<const refused_option> rows) {
    state_->refused[parsed_] = rows;
}

std::span<const refused_option> command_line::refused() const {
    const auto found = state_->refused.find(parsed_);
    return found == state_->refused.end() ? std::span<const refused_option>{} : found->second;
}

std::string command_line::help() const {
    // Not App::help(): that prints the help of the command which was given.
    std::string path = parsed_->get_name();
    for (const CLI::App* each = parsed_->get_parent(); each != nullptr; each = each->get_parent()) {
        path = each->get_name() + " " + path;
    }
    return parsed_->get_formatter()->make_help(parsed_, path, CLI::AppFormatMode::Normal);
}

std::string command_line::name() const {
    return parsed_->get_name();
}

bool command_line::was_given() const {
    return parsed_->parsed();
}

std::string command_line::doc() const {
    return parsed_->get_description();
}

std::vector<command_line> command_line::commands() const {
    std::vector<command_line> found;
    for (CLI::App* each : parsed_->get_subcommands([](CLI::App*) { return true; })) {
        if (!each->get_name().empty()) {
            found.emplace_back(*each, *state_);
        }
    }
    return found;
}

std::vector<option> command_line::options() const {
    std::vector<option> found;
    for (CLI::Option* each : parsed_->get_options([](CLI::Option*) { return true; })) {
        found.emplace_back(*each);
    }
    return found;
}

option command_line::find_option(const std::string& name) const {
    return option(*parsed_->get_option(name));
}

namespace {

std::string suggestion(std::string_view wrong, const std::vector<std::string>& known) {
    const std::vector<std::string_view> names(known.begin(), known.end());
    const std::string nearest = nearest_name(wrong, names);
    return nearest.empty() ? std::string() : "; did you mean " + nearest + "?";
}

/// Whether `option` is among names that commas separate.
bool is_among(std::string_view names, std::string_view option) {
    while (!names.empty()) {
        const auto comma = names.find(',');
        if (names.substr(0, comma) == option) {
            return true;
        }
        names.remove_prefix(comma == std::string_view::npos ? names.size() : comma + 1);
    }
    return false;
}

/// The command that was given, and all the words that lead to it.
std::pair<command_line, std::string> given_command(const command_line& root) {
    command_line command = root;
    std::string path = root.name();
    for (bool found = true; found;) {
        found = false;
        for (const command_line& each : command.commands()) {
            if (each.was_given()) {
                command = each;
                path += " " + each.name();
                found = true;
                break;
            }
        }
    }
    return {command, path};
}

/// What is wrong with an option's value or a missing word, in the parser's words where they are
/// sentences.
std::string explain_misuse(const command_line& root, const std::string& what) {
    const auto [command, path] = given_command(root);
    const std::string name = what.substr(0, what.find(':'));
    std::string sentence = what;
    if (what.ends_with(" missing")) {
        sentence = name + " needs a value";
    } else if (what.find("At Most 1 required") != std::string::npos) {
        sentence = name + " is given more than once";
    } else if (what.find("subcommand is required") != std::string::npos) {
        std::string words;
        for (const command_line& each : command.commands()) {
            words += (words.empty() ? "" : ", ") + each.name();
        }
        sentence = "give one of " + words;
    }
    return path + ": " + sentence + "\n" + path + " --help lists what there is\n";
}

/// What is wrong with the first of the words that nobody took.
std::string explain_extra(const command_line& root, const std::vector<std::string>& extras) {
    const auto [command, path] = given_command(root);
    const auto first = std::find_if(extras.begin(), extras.end(), [](const std::string& each) {
        return each.starts_with('-');
    });
    std::vector<std::string> known;
    // Behind a word that should have been a command, options are not the program's own.
    const bool lacks_command = !command.commands().empty() && first != extras.begin();
    if (first == extras.end() || lacks_command) {
        for (const command_line& each : command.commands()) {
            known.push_back(each.name());
        }
        const std::string word = extras.empty() ? std::string() : extras.front();
        const std::string what = known.empty() ? ": what is '" : ": no command '";
        const std::string rest = known.empty() ? "'?" : "'" + suggestion(word, known);
        return path + what + word + rest + "\n" + path + " --help lists what there is\n";
    }
    const std::string name = first->substr(0, first->find('='));
    for (const refused_option& each : command.refused()) {
        if (is_among(each.names, name)) {
            return path + ": " + name + ": " + std::string(each.reason) + "\n";
        }
    }
    for (const option& each : command.options()) {
        const auto names = each.names();
        known.insert(known.end(), names.begin(), names.end());
    }
    return path + ": no option " + name + suggestion(name, known) + "\n" + path +
           " --help lists what there is\n";
}

} // namespace

program::program(const std::string& name, const std::string& doc, const std::string& version)
    : parsed_(std::make_unique<CLI::App>(doc, name)), state_(std::make_unique<program_state>()) {
    parsed_->set_version_flag("-V,--version", version);
    parsed_->require_subcommand(1);
}

program::~program() = default;

command_line program::root() {
    return {*parsed_, *state_};
}

exit_code program::run(int argc, const char* const* argv, output& out) {
    try {
        parsed_->parse(argc, argv);
        return state_->chosen ? state_->chosen(out) : exit_code::bad_usage;
    } catch (const CLI::ParseError& problem) {
        std::ostringstream text;
        std::ostringstream ignored;
        std::string wrong;
        const bool is_incomplete =
            problem.get_exit_code() == static_cast<int>(CLI::ExitCodes::ExtrasError) ||
            problem.get_exit_code() == static_cast<int>(CLI::ExitCodes::RequiredError);
        if (argc < 2) {
            wrong = parsed_->help();
        } else if (is_incomplete && !parsed_->remaining(true).empty()) {
            wrong = explain_extra(root(), parsed_->remaining(true));
        } else if (parsed_->exit(problem, text, ignored) == 0) {
            out.print(text.str());
            return exit_code::done;
        } else {
            wrong = explain_misuse(root(), problem.what());
        }
        std::fputs(without_secrets(wrong).c_str(), stderr);
        return exit_code::bad_usage;
    } catch (const std::exception& problem) {
        std::fprintf(stderr, "logboom: %s\n", without_secrets(problem.what()).c_str());
        return exit_code::failed;
    }
}

} // namespace logboom::cli
