// Filter urldecode: %XX becomes the byte it stands for, in a field or in all of them.
#include "base/ascii.h"
#include "codecs/text/text_event.h"
#include "plugin/event_filter.h"

namespace logboom {
namespace {

constexpr setting urldecode_table[] = {
    {.name = "field",
     .fallback = "message",
     .doc = "The field to decode; in an array or a map all that is in it.",
     .content = setting_content::reference},
    {"all_fields", setting_type::boolean, "false", "Decode every field, not only this one."},
    {"charset", setting_type::text, "UTF-8", "The character encoding of what comes out."},
    tag_on_failure("_urldecodefailure"),
};

/// A % without two hexadecimal digits stays, and so does a +.
std::string decoded(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool is_escape = text[i] == '%' && text.size() - i > 2 &&
                               hex_digit(text[i + 1]) >= 0 && hex_digit(text[i + 2]) >= 0;
        out.push_back(
            is_escape ? static_cast<char>(hex_digit(text[i + 1]) * 16 + hex_digit(text[i + 2]))
                      : text[i]
        );
        i += is_escape ? 2 : 0;
    }
    return out;
}

class urldecode final : public event_filter {
  public:
    urldecode(const plugin_context& context, charset from)
        : event_filter(context)
        , field_(context.options.single("field")->reference())
        , decodes_all_(context.options.flag("all_fields"))
        , from_(std::move(from)) {}

  private:
    verdict work_on(event& each) override {
        if (decodes_all_) {
            for (map_entry& entry : each.fields()) {
                entry.item = decode(entry.item, each.memory());
            }
        } else if (const value* held = each.get(field_)) {
            const value made = decode(*held, each.memory());
            if (!each.set(field_, made)) {
                return verdict::failed(field_.text() + " cannot be set");
            }
        }
        return verdict::matched();
    }

    [[nodiscard]] value decode(const value& item, arena& memory) const {
        if (item.is(value_kind::string)) {
            const std::string text = decoded(item.as_string());
            return value::of(memory.copy(from_.convert(text, memory)));
        }
        if (item.is(value_kind::array)) {
            const value list = value::new_array(memory);
            for (const value& each : item.as_array()) {
                list.as_array().push_back(memory, decode(each, memory));
            }
            return list;
        }
        if (item.is(value_kind::map)) {
            const value map = value::new_map(memory);
            for (const map_entry& entry : item.as_map()) {
                map.as_map().append(memory, entry.key, decode(entry.item, memory));
            }
            return map;
        }
        return item;
    }

    field_reference field_;
    bool decodes_all_;
    charset from_;
};

result<std::unique_ptr<filter>> make_urldecode(const plugin_context& context) {
    LB_TRY(charset from, charset_option(context.options));
    return std::make_unique<urldecode>(context, std::move(from));
}

} // namespace

extern const filter_row urldecode_filter;
const filter_row urldecode_filter{"urldecode", urldecode_table, make_urldecode};

} // namespace logboom
