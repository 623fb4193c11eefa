// A value as somebody wrote it in a config file, before anyone asked what type it should have: what
// the pipeline language, logstash.yml and server.properties have in common. Plain data, owned.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <variant>
#include <vector>

namespace logboom {

/// Where something stands in a config file: for messages. line and column count from 1; 0 =
/// unknown.
struct source_position {
    std::string file;
    int line = 0;
    int column = 0;

    /// "file:line:column", without the parts that are not known.
    [[nodiscard]] std::string text() const;
};

struct plugin_config;
struct config_entry;

struct config_value {
    using array = std::vector<config_value>;
    /// In written order; keys may repeat only where the writer was allowed to repeat them.
    using hash = std::vector<config_entry>;
    /// A plugin as a value: `codec => json { ... }`.
    using plugin = std::shared_ptr<const plugin_config>;

    std::variant<std::string, std::int64_t, double, bool, array, hash, plugin> data;
    source_position where;

    /// The text form of a scalar (numbers as written in C, true/false); empty for the others.
    [[nodiscard]] std::string scalar_text() const;
    /// For messages: "string", "number", "boolean", "array", "hash" or "plugin".
    [[nodiscard]] const char* type_name() const;
};

struct config_entry {
    std::string key;
    config_value value;
    /// Of the key.
    source_position where = {};
};

struct config_attribute {
    std::string name;
    config_value value;
    source_position where;
};

/// One plugin block with its settings, `${VAR}` already replaced and repeated attributes merged.
struct plugin_config {
    std::string name;
    std::vector<config_attribute> attributes;
    source_position where;
};

} // namespace logboom
