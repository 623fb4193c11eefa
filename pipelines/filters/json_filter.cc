// Filter json: reads the text in a field and sets the document in the event, as Logstash does key
// by key.
#include "pipelines/filters/json_filter.h"

#include "codecs/text/json_reader.h"
#include "event/time/timestamp.h"
#include "event/value_text.h"
#include "plugin/event_filter.h"

#include <algorithm>
#include <optional>

namespace logboom {
namespace {

constexpr setting json_table[] = {
    {.name = "source",
     .doc = "The field that holds the JSON text.",
     .required = true,
     .content = setting_content::reference},
    {.name = "target",
     .doc = "The field to put the document under; default: the event.",
     .content = setting_content::reference},
    tag_on_failure("_jsonparsefailure"),
    {"skip_on_invalid_json",
     setting_type::boolean,
     "false",
     "Text that is not JSON is none of the filter's business: no tag, no warning."},
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

class json_into_event final : public event_filter {
  public:
    explicit json_into_event(const plugin_context& context)
        : event_filter(context)
        , source_(context.options.single("source")->reference())
        , target_(context.options.reference("target"))
        , skips_(context.options.flag("skip_on_invalid_json"))
        , time_(context.time) {}

  private:
    verdict work_on(event& each) override {
        const value* source = each.get(source_);
        if (source == nullptr || source->is_nil()) {
            return verdict::unmatched();
        }
        const result<value> document = load(*source, each.memory());
        if (document.has_error()) {
            return skips_ ? verdict::unmatched() : verdict::failed(document.error().text());
        }
        if (target_) {
            return each.set(*target_, *document)
                       ? verdict::matched()
                       : verdict::failed("the document cannot be set at " + target_->text());
        }
        return document->is(value_kind::map) ? spread(document->as_map(), each)
                                             : verdict::failed("the JSON is no object");
    }

    /// Sets the fields of the document in the event.
    verdict spread(const value_map& document, event& into) const {
        const value* timestamp = nullptr;
        field_setter fields(into);
        for (const map_entry& entry : document) {
            if (entry.key == field::timestamp) {
                timestamp = &entry.item;
            } else if (!fields.set(entry.key, entry.item)) {
                return verdict::failed("the field " + std::string(entry.key) + " cannot be set");
            }
        }
        if (timestamp != nullptr) {
            set_timestamp(into, *timestamp, time_.wall().count());
        }
        return verdict::matched();
    }

    field_reference source_;
    std::optional<field_reference> target_;
    bool skips_;
    clock& time_;
};

result<std::unique_ptr<filter>> make_json(const plugin_context& context) {
    return std::make_unique<json_into_event>(context);
}

} // namespace

const filter_row json_filter{"json", json_table, make_json};

} // namespace logboom
