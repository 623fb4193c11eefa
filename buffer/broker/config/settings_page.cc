// docs/server_properties.md: the tables of keys as a page.
#include "buffer/broker/config/server_properties.h"

#include <fmt/format.h>

#include <cmath>

namespace logboom::broker {
namespace {

std::string_view name_of(config_type type) {
    switch (type) {
    case config_type::boolean:
        return "boolean";
    case config_type::text:
        return "string";
    case config_type::integer:
        return "int";
    case config_type::short_integer:
        return "short";
    case config_type::long_integer:
        return "long";
    case config_type::real:
        return "double";
    case config_type::list:
        return "list";
    case config_type::class_name:
        return "class";
    case config_type::password:
        return "password";
    }
    return "";
}

std::string quoted(std::string_view text) {
    return text.empty() ? std::string() : fmt::format("`{}`", text);
}

std::string bounds_of(const config_key& key) {
    if (!key.choices.empty()) {
        std::string text;
        for (const char each : key.choices) {
            text += each == '|' ? std::string(", ") : std::string(1, each);
        }
        return text;
    }
    if (std::isfinite(key.max)) {
        return fmt::format("{} to {}", key.min, key.max);
    }
    return std::isfinite(key.min) ? fmt::format("from {}", key.min) : std::string();
}

/// Key, type, default, bounds and text of each.
std::string table_of(std::span<const config_key> keys) {
    std::string table = "| key | type | default | allowed | |\n|---|---|---|---|---|\n";
    for (const config_key& each : keys) {
        table += fmt::format(
            "| `{}` | {} | {} | {} | {} |\n",
            each.name,
            name_of(each.type),
            quoted(each.fallback),
            bounds_of(each),
            each.text()
        );
    }
    return table;
}

std::string table_of_topics() {
    std::string table = "| topic | server.properties | type | default | allowed | |\n"
                        "|---|---|---|---|---|---|\n";
    for (const config_key& each : topic_keys()) {
        table += fmt::format(
            "| {} | {} | {} | {} | {} | {} |\n",
            quoted(each.topic_name),
            quoted(each.name),
            name_of(each.type),
            quoted(each.fallback),
            bounds_of(each),
            each.text()
        );
    }
    return table;
}

std::string table_of_refused() {
    std::string table = "| key | asks for | not refused |\n|---|---|---|\n";
    for (const config_key& each : refused_keys()) {
        table += fmt::format("| `{}` | {} | {} |\n", each.name, each.doc, quoted(each.harmless));
    }
    return table;
}

} // namespace

std::string server_settings_page() {
    return R"(# server.properties

Written by the program from its own tables of keys; a test holds the two together. Syntax is that of
Java's .properties files. `--override key=value` wins over the file. Types are Kafka's, defaults too
where nothing else is said.

## What the broker acts on
)" + table_of(broker_keys()) +
           R"(
## Topics
A topic's own value wins over that of server.properties.

)" + table_of_topics() +
           R"(
## What is refused
A key of these that asks for something ends the start with exit code 78: its owner would believe that
clients are kept out or in bounds. So it is with a listener that is not PLAINTEXT. They are also seen as
`listener.name.LISTENER.KEY` and `listener.name.LISTENER.MECHANISM.KEY`. A key that is not known and nearly has one
of these names, or begins with `authorizer.`, `sasl.`, `security.`, `ssl.` or `super.`, is refused, too.

)" + table_of_refused() +
           R"(
## Without effect
Kafka's other keys, so that its file works as it is. Those that only tune something are accepted silently;
the others are explained at start.

)" + table_of(idle_keys());
}

} // namespace logboom::broker
