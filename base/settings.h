// Settings, declared once. A part lists what it understands as a table of `setting`; from that
// table come the parser, the defaults, the checks, the error messages and the reference page. The
// same machinery serves plugin options (names and types as in Logstash's option tables) and
// server.properties (as in Kafka's ConfigDef).
#pragma once

#include "base/config_value.h"
#include "base/quantity.h"
#include "base/result.h"

#include <chrono>
#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace logboom {

enum class setting_type {
    text,
    /// A string that is never shown.
    password,
    integer,
    real,
    boolean,
    /// "10 MiB", "64kb" or a number of bytes.
    byte_count,
    /// "250 ms", "1 hour", "2w", or a number in the unit that setting::unit names.
    duration,
    /// One of setting::choices.
    choice,
    /// A scalar counts as an array of one; elements are scalars.
    array,
    /// As array, and a string is split at commas (server.properties) or spaces (Logstash's uri
    /// lists).
    list,
    /// Also from an array of even length, [k1, v1, k2, v2]; repeated keys join into an array.
    hash,
    /// A codec by name, or a codec block with settings of its own.
    codec,
};

enum class setting_state {
    works,
    /// The peer has it and we do not act on it: accepted with a warning that names it.
    not_yet,
    /// Has no meaning here and leaving it out changes nothing: accepted with a line that says so,
    /// and why in setting::doc.
    no_effect,
    /// Old name of setting::use_instead: mapped with a one-line deprecation.
    renamed,
    /// The peer refuses it too: an error that says setting::use_instead.
    obsolete,
};

/// What the text of a setting, each element of an array and each value of a hash stands for. To
/// settings it is text; plugin/options.h parses it, once, and points at what is wrong with it.
enum class setting_content {
    plain,
    /// "[a][b]".
    reference,
    /// A reference, or a template that renders to one.
    field_name,
    /// %{field} and %{+date} are filled in for each event.
    form,
    /// A regular expression; with %{ in it a template that renders to one.
    pattern,
    /// The path of a file; a relative one begins in the working directory. "~" stands for nothing.
    path,
    /// The same, from the root.
    absolute_path,
    /// The path of a file that is there and may be read.
    readable_file,
};

struct setting {
    std::string_view name;
    setting_type type = setting_type::text;
    /// As a user would write it; empty and not required = unset.
    std::string_view fallback;
    /// One sentence for --help and the reference page.
    std::string_view doc;
    setting_state state = setting_state::works;
    bool required = false;
    double min = -std::numeric_limits<double>::infinity();
    double max = std::numeric_limits<double>::infinity();
    /// For choice: "a|b|c".
    std::string_view choices;
    /// For duration: what a bare number counts ("ms", "s", "days").
    std::string_view unit = "s";
    /// For renamed and obsolete: the name to use, or a sentence.
    std::string_view use_instead;
    setting_content content = setting_content::plain;
    /// Of the keys of a hash.
    setting_content key_content = setting_content::plain;
    /// An array of which every three elements belong together, and what they are.
    std::span<const setting_content> record = {};
};

/// What can be wrong with a value given by the user; `text` is a full sentence naming the position,
/// the setting and what to do.
struct settings_problem {
    std::string text;
    source_position where;
};

class settings {
  public:
    /// `table` must outlive the object (tables are static). `owner` is for messages: "file input",
    /// "server.properties".
    settings(std::string owner, std::span<const setting> table);

    /// Takes one given value. Adds to problems() when the name is unknown (with the nearest known
    /// name), the type does not fit or a bound is broken; adds to warnings() for not_yet,
    /// no_effect and renamed.
    void set(std::string_view name, const config_value& value);
    /// Adds a problem for each required setting that is missing. Call once, after the last set().
    void finish(const source_position& where);

    [[nodiscard]] const std::vector<settings_problem>& problems() const { return problems_; }
    [[nodiscard]] const std::vector<std::string>& warnings() const { return warnings_; }

    /// True when the user gave it (under this or a renamed name).
    [[nodiscard]] bool is_given(std::string_view name) const;
    /// True when given or defaulted.
    [[nodiscard]] bool has(std::string_view name) const;

    // Typed access; the name must be in the table with a fitting type (asserted), and have a value
    // (given or default), else the empty value of the type.
    [[nodiscard]] const std::string& text(std::string_view name) const;
    [[nodiscard]] std::int64_t integer(std::string_view name) const;
    [[nodiscard]] double real(std::string_view name) const;
    [[nodiscard]] bool flag(std::string_view name) const;
    [[nodiscard]] std::chrono::nanoseconds duration(std::string_view name) const;
    [[nodiscard]] const std::vector<std::string>& list(std::string_view name) const;
    [[nodiscard]] const config_value::hash& hash(std::string_view name) const;
    /// As the user wrote it, with the positions of what is in it; null when it was not given.
    [[nodiscard]] const config_value* given(std::string_view name) const;
    /// The codec asked for: a plugin_config with at least its name.
    [[nodiscard]] std::optional<plugin_config> codec(std::string_view name) const;
    /// Where the user wrote it.
    [[nodiscard]] source_position where(std::string_view name) const;

    [[nodiscard]] const std::string& owner() const { return owner_; }
    [[nodiscard]] std::span<const setting> table() const { return table_; }

  protected:
    void add_problem(const source_position& where, const std::string& sentence);

  private:
    struct held {
        std::string text;
        std::int64_t integer = 0;
        double real = 0;
        bool flag = false;
        std::chrono::nanoseconds duration{};
        std::vector<std::string> list;
        config_value::hash hash;
        std::optional<plugin_config> codec;
        /// Null for a default.
        std::shared_ptr<const config_value> given;
        source_position where;
    };

    [[nodiscard]] const setting* find(std::string_view name) const;
    [[nodiscard]] const held& value_of(std::string_view name) const;
    /// The sentence that says what is wrong with `value`, or empty; fills `into`.
    static std::string convert(const setting& spec, const config_value& value, held& into);
    void add_warning(const source_position& where, const std::string& sentence);

    std::string owner_;
    std::span<const setting> table_;
    std::map<std::string, held, std::less<>> values_;
    std::vector<settings_problem> problems_;
    std::vector<std::string> warnings_;
};

/// The name in `known` nearest to `name`, or empty when none is near.
std::string nearest_name(std::string_view name, std::span<const std::string_view> known);

} // namespace logboom
