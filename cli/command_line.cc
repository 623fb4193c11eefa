// Commands and options on top of CLI11. It goes through CLI11's functions that are no templates:
// values are read here.
#include "cli/command_line.h"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <exception>

namespace logboom::cli {
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
    return {*parsed_->add_subcommand(name, doc), *chosen_};
}

void command_line::require_command() {
    parsed_->require_subcommand(1);
}

void command_line::when_chosen(action run) {
    parsed_->callback([chosen = chosen_, run = std::move(run)] { *chosen = run; });
}

std::string command_line::name() const {
    return parsed_->get_name();
}

std::string command_line::doc() const {
    return parsed_->get_description();
}

std::vector<command_line> command_line::commands() const {
    std::vector<command_line> found;
    for (CLI::App* each : parsed_->get_subcommands([](CLI::App*) { return true; })) {
        if (!each->get_name().empty()) {
            found.emplace_back(*each, *chosen_);
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

program::program(const std::string& name, const std::string& doc, const std::string& version)
    : parsed_(std::make_unique<CLI::App>(doc, name)) {
    parsed_->set_version_flag("-V,--version", version);
    parsed_->require_subcommand(1);
}

program::~program() = default;

command_line program::root() {
    return {*parsed_, chosen_};
}

exit_code program::run(int argc, const char* const* argv) {
    try {
        parsed_->parse(argc, argv);
        return chosen_ ? chosen_() : exit_code::bad_usage;
    } catch (const CLI::ParseError& problem) {
        if (argc < 2) {
            std::fputs(parsed_->help().c_str(), stderr);
            return exit_code::bad_usage;
        }
        if (argv[1][0] != '-' && parsed_->get_subcommands().empty()) {
            std::fprintf(stderr, "logboom: no command '%s'; logboom --help lists them\n", argv[1]);
            return exit_code::bad_usage;
        }
        return parsed_->exit(problem) == 0 ? exit_code::done : exit_code::bad_usage;
    } catch (const std::exception& problem) {
        std::fprintf(stderr, "logboom: %s\n", problem.what());
        return exit_code::failed;
    }
}

} // namespace logboom::cli
