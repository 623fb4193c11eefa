// Writes docs/plugins from the tables of the plugins, or checks that what lies there is what it
// would write: plugin_pages check|write DIRECTORY. A page for each plugin and one that lists them.
#include "pipelines/topology/standard_plugins.h"
#include "plugin/common_options.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <map>

using namespace logboom;

namespace {

/// File name to text.
using pages = std::map<std::string, std::string>;

/// What people wrote about a plugin beyond its options.
struct prose {
    std::string_view plugin;
    std::string_view link;
};
constexpr prose written[] = {
    {"input_file", "[file_input.md](../file_input.md)"},
    {"input_kafka", "[kafka_plugins.md](../kafka_plugins.md)"},
    {"output_kafka", "[kafka_plugins.md](../kafka_plugins.md)"},
    {"output_elasticsearch", "[elasticsearch_output.md](../elasticsearch_output.md)"},
};

std::string type_name(const setting& row) {
    switch (row.type) {
    case setting_type::text:
        break;
    case setting_type::password:
        return "password";
    case setting_type::integer:
        return "integer";
    case setting_type::real:
        return "number";
    case setting_type::boolean:
        return "boolean";
    case setting_type::byte_count:
        return "bytes";
    case setting_type::duration:
        return fmt::format("duration ({})", row.unit);
    case setting_type::choice: {
        std::string choices(row.choices);
        std::replace(choices.begin(), choices.end(), '|', ' ');
        return "one of " + choices;
    }
    case setting_type::array:
        return "array";
    case setting_type::list:
        return "list";
    case setting_type::hash:
        return "hash";
    case setting_type::codec:
        return "codec";
    }
    return "string";
}

std::string content_name(setting_content content) {
    switch (content) {
    case setting_content::plain:
        break;
    case setting_content::reference:
        return "field reference";
    case setting_content::field_name:
        return "field reference or template";
    case setting_content::form:
        return "template";
    case setting_content::pattern:
        return "regular expression";
    case setting_content::path:
        return "path";
    case setting_content::absolute_path:
        return "absolute path";
    case setting_content::readable_file:
        return "path of a file";
    }
    return "text";
}

std::string type_text(const setting& row) {
    if (!row.record.empty()) {
        std::string parts;
        for (const setting_content each : row.record) {
            parts += (parts.empty() ? "" : ", ") + content_name(each);
        }
        return type_name(row) + " of " + parts;
    }
    if (row.type == setting_type::hash && row.key_content != setting_content::plain) {
        return fmt::format(
            "hash of {} => {}", content_name(row.key_content), content_name(row.content)
        );
    }
    if (row.content == setting_content::plain) {
        return type_name(row);
    }
    const bool is_many = row.type != setting_type::text;
    return (is_many ? type_name(row) + " of " : "") + content_name(row.content);
}

/// As it may stand in a cell of a table.
std::string cell(std::string_view text) {
    std::string out;
    for (const char each : text) {
        out += each == '|' ? "\\|" : each == '\n' ? "\\n" : std::string(1, each);
    }
    return out;
}

std::string what_it_does(const setting& row) {
    switch (row.state) {
    case setting_state::renamed:
        return fmt::format("Old name of `{}`.", row.use_instead);
    case setting_state::obsolete:
        return fmt::format("Obsolete, a mistake of the config: {}", row.use_instead);
    case setting_state::not_yet:
        return fmt::format("Accepted, without effect yet. {}", row.doc);
    case setting_state::no_effect:
        return fmt::format("Accepted, without meaning here. {}", row.doc);
    case setting_state::works:
        return std::string(row.doc);
    }
    return {};
}

std::string bounds_text(const setting& row) {
    const bool has_min = row.min != -std::numeric_limits<double>::infinity();
    const bool has_max = row.max != std::numeric_limits<double>::infinity();
    if (has_min && has_max) {
        return fmt::format(" From {} to {}.", row.min, row.max);
    }
    return has_min   ? fmt::format(" At least {}.", row.min)
           : has_max ? fmt::format(" At most {}.", row.max)
                     : "";
}

std::string table_of(std::vector<setting> rows) {
    std::sort(rows.begin(), rows.end(), [](const setting& left, const setting& right) {
        return left.name < right.name;
    });
    std::string out = "| option | type | default | what |\n|---|---|---|---|\n";
    for (const setting& row : rows) {
        const std::string fallback = row.required           ? "required"
                                     : row.fallback.empty() ? ""
                                                            : "`" + cell(row.fallback) + "`";
        out += fmt::format(
            "| `{}` | {} | {} | {}{} |\n",
            row.name,
            type_text(row),
            fallback,
            cell(what_it_does(row)),
            row.state == setting_state::works ? bounds_text(row) : ""
        );
    }
    return out;
}

template <class Row>
void add_page(plugin_kind kind, const Row& row, const std::string& notes, pages& into) {
    const std::string name = fmt::format("{}_{}", kind_name(kind), row.name);
    std::string& page = into[name + ".md"];
    page = fmt::format("# {} {}\n\n", row.name, kind_name(kind));
    for (const prose& each : written) {
        page += each.plugin == name ? fmt::format("More than the options: {}.\n\n", each.link) : "";
    }
    page += notes;
    const std::vector<setting> own(row.table.begin(), row.table.end());
    page += own.empty() ? "It has no options of its own.\n" : table_of(own);
    std::vector<setting> common = with_common_options(row.table, kind);
    common.erase(common.begin(), common.begin() + static_cast<std::ptrdiff_t>(own.size()));
    if (!common.empty()) {
        page += fmt::format("\n## As every {}\n{}", kind_name(kind), table_of(common));
    }
    page += "\nThis page is written from the plugin's table by `tests/support/plugin_pages.cc`.\n";
}

pages make_pages(const plugin_registry& plugins) {
    pages made;
    for (const input_row* each : plugins.inputs) {
        add_page(
            plugin_kind::input,
            *each,
            each->traits.is_byte_stream
                ? "Reads a byte stream: json means json_lines, plain line.\n\n"
                : "",
            made
        );
    }
    for (const filter_row* each : plugins.filters) {
        add_page(plugin_kind::filter, *each, "", made);
    }
    for (const output_row* each : plugins.outputs) {
        add_page(plugin_kind::output, *each, "", made);
    }
    for (const codec_row* each : plugins.codecs) {
        add_page(plugin_kind::codec, *each, "", made);
    }
    std::string list = "# Plugins\n\nOne page each, written from their tables. The language around "
                       "them: [pipeline_language.md](../pipeline_language.md).\n";
    for (const auto kind :
         {plugin_kind::input, plugin_kind::filter, plugin_kind::output, plugin_kind::codec}) {
        list += fmt::format("\n## {}s\n", kind_name(kind));
        std::vector<std::string_view> names = plugins.names(kind);
        std::sort(names.begin(), names.end());
        for (const std::string_view name : names) {
            list += fmt::format("- [{0}]({1}_{0}.md)\n", name, kind_name(kind));
        }
    }
    made["README.md"] = list;
    return made;
}

std::string read_text(const std::filesystem::path& path) {
    std::ifstream from(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(from), {}};
}

/// What differs, a line each.
int check(const pages& wanted, const std::filesystem::path& directory) {
    int wrong = 0;
    for (const auto& [name, text] : wanted) {
        if (read_text(directory / name) != text) {
            fmt::print("docs/plugins/{} is not what the tables say.\n", name);
            ++wrong;
        }
    }
    for (const auto& each : std::filesystem::directory_iterator(directory)) {
        if (!wanted.contains(each.path().filename())) {
            fmt::print("docs/plugins/{} is of no plugin.\n", each.path().filename().string());
            ++wrong;
        }
    }
    if (wrong != 0) {
        fmt::print("Write them anew: build/tests/support/plugin_pages write docs/plugins\n");
    }
    return wrong == 0 ? 0 : 1;
}

} // namespace

int main(int count, char** arguments) {
    const std::string_view verb = count == 3 ? arguments[1] : "";
    const pages wanted = make_pages(pipelines::standard_plugins());
    if (verb == "check") {
        return check(wanted, arguments[2]);
    }
    if (verb != "write") {
        fmt::print(stderr, "usage: plugin_pages check|write DIRECTORY\n");
        return 2;
    }
    for (const auto& [name, text] : wanted) {
        std::ofstream(std::filesystem::path(arguments[2]) / name, std::ios::binary) << text;
    }
    return 0;
}
