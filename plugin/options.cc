// Parses what plugins' options stand for; see options.h.
#include "plugin/options.h"

#include "base/assertion.h"
#include "plugin/errc.h"

#include <fmt/format.h>

#include <unistd.h>

namespace logboom {
namespace {

bool is_plain(const config_value& value) {
    return !std::holds_alternative<config_value::array>(value.data) &&
           !std::holds_alternative<config_value::hash>(value.data) &&
           !std::holds_alternative<config_value::plugin>(value.data);
}

template <class Item, class Map>
const std::vector<Item>& held_in(const Map& all, std::string_view name) {
    static const std::vector<Item> nothing;
    const auto found = all.find(name);
    return found == all.end() ? nothing : found->second;
}

/// Where an element is; a default, or what came from elsewhere, has the position of its setting.
source_position place_of(const source_position& own, const source_position& of_setting) {
    return own.line != 0 ? own : of_setting;
}

/// What is wrong with a path; empty when nothing is.
std::string check_path(const std::string& text, setting_content as) {
    if (text.find('\0') != std::string::npos) {
        return "a path holds no zero byte";
    }
    if (text == "~" || text.starts_with("~/")) {
        return "\"" + text + "\": ~ is not the home directory here; write the path out";
    }
    if (as == setting_content::absolute_path && !text.starts_with('/')) {
        return "\"" + text + "\" must be absolute; write it from the root, such as /var/log/*.log";
    }
    if (as == setting_content::readable_file && !text.empty() && access(text.c_str(), R_OK) != 0) {
        return last_os_error(text).text();
    }
    return {};
}

} // namespace

const field_reference& option_text::reference() const {
    const auto* held = std::get_if<field_reference>(&parsed_);
    LB_ASSERT(held != nullptr);
    return *held;
}
const field_name& option_text::name() const {
    const auto* held = std::get_if<field_name>(&parsed_);
    LB_ASSERT(held != nullptr);
    return *held;
}
const sprintf_template& option_text::form() const {
    const auto* held = std::get_if<sprintf_template>(&parsed_);
    LB_ASSERT(held != nullptr);
    return *held;
}
std::shared_ptr<const regex> option_text::pattern() const {
    const auto* held = std::get_if<std::shared_ptr<const regex>>(&parsed_);
    LB_ASSERT(held != nullptr || std::holds_alternative<sprintf_template>(parsed_));
    return held != nullptr ? *held : nullptr;
}

std::string option_text::parse(setting_content as) {
    switch (as) {
    case setting_content::plain:
        return {};
    case setting_content::reference: {
        auto made = field_reference::parse(text_);
        if (!made) {
            return "\"" + text_ + "\" is no legal field reference";
        }
        parsed_ = *std::move(made);
        return {};
    }
    case setting_content::field_name:
        return parsed_.emplace<field_name>(text_).problem();
    case setting_content::form:
        return parsed_.emplace<sprintf_template>(text_).problem();
    case setting_content::pattern: {
        if (text_.find("%{") != std::string::npos) {
            return parsed_.emplace<sprintf_template>(text_).problem();
        }
        auto made = regex::compile(text_);
        if (made.has_error()) {
            return made.error().text();
        }
        parsed_ = std::make_shared<const regex>(*std::move(made));
        return {};
    }
    case setting_content::path:
    case setting_content::absolute_path:
    case setting_content::readable_file:
        return check_path(text_, as);
    }
    return {};
}

void plugin_options::check(const setting& row, option_text& item, setting_content as) {
    if (const std::string wrong = item.parse(as); !wrong.empty()) {
        add_problem(
            place_of(item.where(), where(row.name)),
            fmt::format("setting '{}' of {}: {}.", row.name, owner(), wrong)
        );
    }
}

void plugin_options::parse_array(const setting& row) {
    std::vector<option_text>& into = texts_[row.name];
    const config_value* written = given(row.name);
    const auto* items =
        written != nullptr ? std::get_if<config_value::array>(&written->data) : nullptr;
    const std::vector<std::string>& texts = list(row.name);
    for (std::size_t i = 0; i < texts.size(); ++i) {
        into.emplace_back(
            texts[i], items != nullptr && i < items->size() ? (*items)[i].where : where(row.name)
        );
        const std::size_t width = row.record.size();
        check(row, into.back(), width == 0 ? row.content : row.record[i % width]);
    }
    if (!row.record.empty() && texts.size() % row.record.size() != 0) {
        add_problem(
            where(row.name),
            fmt::format(
                "setting '{}' of {} wants {} elements each time, not {} in all.",
                row.name,
                owner(),
                row.record.size(),
                texts.size()
            )
        );
    }
}

void plugin_options::parse_hash(const setting& row) {
    std::vector<option_entry>& into = entries_[row.name];
    for (const config_entry& entry : hash(row.name)) {
        option_entry made{option_text(entry.key, entry.where), {}};
        check(row, made.key, row.key_content);
        const auto add = [&](const config_value& item) {
            if (!is_plain(item)) {
                add_problem(
                    place_of(item.where, where(row.name)),
                    fmt::format(
                        "setting '{}' of {}: \"{}\" must be a string or a number.",
                        row.name,
                        owner(),
                        entry.key
                    )
                );
                return;
            }
            made.values.emplace_back(item.scalar_text(), item.where);
            check(row, made.values.back(), row.content);
        };
        if (const auto* list = std::get_if<config_value::array>(&entry.value.data)) {
            for (const config_value& each : *list) {
                add(each);
            }
        } else {
            add(entry.value);
        }
        into.push_back(std::move(made));
    }
}

void plugin_options::parse() {
    for (const setting& row : table()) {
        const bool is_parsed = row.content != setting_content::plain ||
                               row.key_content != setting_content::plain || !row.record.empty();
        if (!is_parsed || !has(row.name)) {
            continue;
        }
        if (row.type == setting_type::hash) {
            parse_hash(row);
        } else if (row.type == setting_type::array || row.type == setting_type::list) {
            parse_array(row);
        } else {
            check(row, texts_[row.name].emplace_back(text(row.name), where(row.name)), row.content);
        }
    }
}

const option_text* plugin_options::single(std::string_view name) const {
    const auto& texts = held_in<option_text>(texts_, name);
    LB_ASSERT(texts.size() <= 1);
    return texts.empty() ? nullptr : &texts.front();
}
const std::vector<option_text>& plugin_options::each(std::string_view name) const {
    return held_in<option_text>(texts_, name);
}
const std::vector<option_entry>& plugin_options::entries(std::string_view name) const {
    return held_in<option_entry>(entries_, name);
}

std::optional<field_reference> plugin_options::reference(std::string_view name) const {
    const option_text* held = single(name);
    return held != nullptr ? std::optional(held->reference()) : std::nullopt;
}

result<const option_text*>
plugin_options::only_value(std::string_view name, const option_entry& of) const {
    if (of.values.size() != 1) {
        return refuse(
            name, of.key.where(), "\"" + of.key.text() + "\" must be a string or a number"
        );
    }
    return &of.values.front();
}

error plugin_options::refuse(
    std::string_view name, const source_position& where, const std::string& what
) const {
    const source_position place = place_of(where, settings::where(name));
    refusals_.push_back({fmt::format("setting '{}' of {}: {}.", name, owner(), what), place});
    return error(plugin_errc::bad_option, what);
}

} // namespace logboom
