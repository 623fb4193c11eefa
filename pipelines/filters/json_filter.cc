#include "pipelines/filters/json_filter.h"

#include "codecs/text/json_reader.h"
#include "event/time/timestamp.h"
#include "event/value_text.h"
#include "pipelines/filters/errc.h"

#include <algorithm>
#include <array>
#include <optional>

namespace logboom {
namespace {

constexpr std::array<setting, 4> table{{
    {.name = "source",
     .type = setting_type::text,
     .doc = "The field that holds the JSON text.",
     .required = true},
    {"target", setting_type::text, "", "The field to put the document under; default: the event."},
    {"tag_on_failure",
     setting_type::array,
     "_jsonparsefailure",
     "The tags for an event whose text is not JSON."},
    {"skip_on_invalid_json",
     setting_type::boolean,
     "false",
     "Expect text that is not JSON: no warnings about it."},
}};

struct options {
    field_reference source;
    std::optional<field_reference> target;
    std::vector<std::string> failure_tags;
    bool is_quiet = false;
};

bool is_blank(std::string_view text) noexcept {
    return std::all_of(text.begin(), text.end(), [](char each) {
        return static_cast<unsigned char>(each) <= ' ';
    });
}

/// Blank text is nil, as for Logstash's JSON loader.
result<value> load(const value& source, arena& memory) {
    if (!source.is(value_kind::string)) {
        return error(text_errc::bad_json, "the field holds no text");
    }
    return is_blank(source.as_string()) ? result<value>(value())
                                        : read_kept_json(source.as_string(), memory);
}

/// Sets the fields of one document, whose keys differ from one another.
class field_setter {
  public:
    explicit field_setter(event& in) : in_(in), fields_(in.fields()), met_(fields_.size) {}

    /// Keys are field references here, as Logstash sets them one by one.
    bool set(std::string_view key, const value& item) {
        if (key.find_first_of("[]@") == std::string_view::npos && key != field::tags) {
            set_plain(key, item);
            return true;
        }
        const auto at = field_reference::parse(key);
        const bool is_set = at && in_.set(*at, item);
        met_ = fields_.size;
        return is_set;
    }

  private:
    /// Only what was there before the document, or came by a reference, can have this key: looking
    /// through all would take a big document quadratic time.
    void set_plain(std::string_view key, const value& item) {
        map_entry* const end = fields_.begin() + met_;
        map_entry* const held = std::find_if(fields_.begin(), end, [&](const map_entry& each) {
            return each.key == key;
        });
        if (held != end) {
            held->item = item;
        } else {
            fields_.append(in_.memory(), key, item);
        }
    }

    event& in_;
    value_map& fields_;
    std::uint32_t met_;
};

void set_timestamp(event& in, const value& given, std::int64_t now_ns) {
    if (given.is_nil() || (given.is(value_kind::boolean) && !given.as_boolean())) {
        return;
    }
    const auto parsed =
        given.is(value_kind::string) ? parse_iso8601(given.as_string()) : std::nullopt;
    in.set_timestamp(parsed.value_or(now_ns));
    if (!parsed) {
        in.tag("_timestampparsefailure");
        std::string text;
        append_ruby_text(given, text);
        in.set("_@timestamp", value::of(in.memory().copy(text)));
    }
}

class json_into_event final : public filter {
  public:
    json_into_event(options given, const plugin_context& context)
        : options_(std::move(given))
        , time_(context.time)
        , log_(context.log)
        , failures_(context.counters.get(
              "logboom_filter_failures_total", "plugin=\"json\",id=\"" + context.plugin_id + "\""
          )) {}

    void apply(event_batch& batch, selection& chosen, selection& matched) override {
        for (const std::uint32_t index : chosen) {
            event& each = batch.events[index];
            if (each.is_cancelled()) {
                continue;
            }
            const value* source = each.get(options_.source);
            if (source == nullptr || source->is_nil()) {
                continue;
            }
            if (expand(*source, each)) {
                matched.push_back(index);
            } else {
                failures_.add();
                for (const std::string& tag : options_.failure_tags) {
                    each.tag(tag);
                }
            }
        }
    }

  private:
    bool expand(const value& source, event& into) const {
        const result<value> document = load(source, into.memory());
        if (document.has_error()) {
            if (!options_.is_quiet) {
                log_.debug(
                    "The json filter met text that is not JSON: {}.", document.error().text()
                );
            }
            return false;
        }
        if (options_.target) {
            return into.set(*options_.target, *document);
        }
        if (!document->is(value_kind::map)) {
            return false;
        }
        bool all_set = true;
        const value* timestamp = nullptr;
        field_setter fields(into);
        for (const map_entry& entry : document->as_map()) {
            if (entry.key == field::timestamp) {
                timestamp = &entry.item;
            } else if (!fields.set(entry.key, entry.item)) {
                all_set = false;
                break;
            }
        }
        if (all_set && timestamp != nullptr) {
            set_timestamp(into, *timestamp, time_.wall().count());
        }
        return all_set;
    }

    options options_;
    clock& time_;
    logger log_;
    counter& failures_;
};

result<std::unique_ptr<filter>> make(const plugin_context& context) {
    auto source = field_reference::parse(context.options.text("source"));
    if (!source) {
        return error(filter_errc::bad_field_reference, context.options.text("source"));
    }
    options given{*std::move(source), {}, context.options.list("tag_on_failure")};
    given.is_quiet = context.options.flag("skip_on_invalid_json");
    if (context.options.has("target")) {
        given.target = field_reference::parse(context.options.text("target"));
        if (!given.target) {
            return error(filter_errc::bad_field_reference, context.options.text("target"));
        }
    }
    return std::make_unique<json_into_event>(std::move(given), context);
}

} // namespace

const filter_row json_filter{"json", table, make};

} // namespace logboom
