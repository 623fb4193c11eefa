// A filter by its row and settings as a user gives them, applied to one event given as JSON.
#pragma once

#include "codecs/text/json_reader.h"
#include "event/json_writer.h"
#include "plugin/filter.h"

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace logboom {

inline config_value config_text(std::string text) {
    return {std::move(text), {}};
}
inline config_value config_array(const std::vector<std::string>& texts) {
    config_value::array list;
    for (const std::string& each : texts) {
        list.push_back(config_text(each));
    }
    return {list, {}};
}
inline config_value config_hash(const std::vector<std::pair<std::string, std::string>>& entries) {
    config_value::hash hash;
    for (const auto& [key, text] : entries) {
        hash.push_back({key, config_text(text)});
    }
    return {hash, {}};
}

class filter_fixture {
  public:
    using given_settings = std::vector<std::pair<std::string, config_value>>;

    /// The error of make(), or empty.
    std::string make(const filter_row& type, const given_settings& given) {
        plugin_options options("test filter", type.table);
        for (const auto& [name, item] : given) {
            options.set(name, item);
        }
        options.finish({});
        options.parse();
        if (!options.problems().empty()) {
            return options.problems().front().text;
        }
        plugin_context context{options, nullptr, time, counters, {}};
        context.plugin_id = "p1";
        auto made = type.make(context);
        if (made.has_error()) {
            return made.error().text();
        }
        made_ = *std::move(made);
        return {};
    }
    void use(const filter_row& type, const given_settings& given = {}) {
        REQUIRE(make(type, given) == "");
    }
    /// The event as JSON after the filter; the one before has exactly these fields.
    std::string filtered(std::string_view json) {
        batch = std::make_unique<event_batch>();
        event& it = batch->events.emplace_back(batch->memory);
        const value fields = read_json(json, batch->memory).value();
        for (const map_entry& entry : fields.as_map()) {
            it.set(entry.key, entry.item);
        }
        selection chosen{0};
        selection matched;
        made_->apply(*batch, chosen, matched);
        was_matched = !matched.empty();
        std::string out;
        append_json(it, out);
        return out;
    }
    [[nodiscard]] filter& used() { return *made_; }

    manual_clock time;
    metrics counters;
    std::unique_ptr<event_batch> batch;
    bool was_matched = false;

  private:
    std::unique_ptr<filter> made_;
};

} // namespace logboom
