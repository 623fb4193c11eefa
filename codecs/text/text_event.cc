#include "codecs/text/text_event.h"

namespace logboom {
namespace {

class text_decoder final : public decoder {
  public:
    explicit text_decoder(text_event_options options) : options_(std::move(options)) {}

    void
    decode(bytes_view data, bool data_is_kept, std::int64_t now_ns, event_batch& into) override {
        const std::string_view text =
            text_in(into.memory, as_text(data), data_is_kept, options_.from);
        add_text_event(into, now_ns, text, options_.keeps_original);
    }
    void flush(std::int64_t /*now_ns*/, event_batch& /*into*/) override {}

  private:
    text_event_options options_;
};

} // namespace

result<charset> charset_option(const plugin_options& from) {
    auto found = charset::find(from.text("charset"));
    if (found.has_error()) {
        return from.refuse("charset", {}, found.error().text());
    }
    return found;
}

std::string_view text_in(arena& memory, std::string_view data, bool is_kept, const charset& from) {
    const std::string_view text = from.convert(data, memory);
    return text.data() == data.data() && !is_kept ? memory.copy(text) : text;
}

void add_original(event& in, std::string_view text) {
    static const field_reference original = field_reference::of("[event][original]");
    if (in.get(original) != nullptr) {
        return;
    }
    if (in.get("event") != nullptr) {
        in.set(original, value::of(text));
        return;
    }
    const value made = value::new_map(in.memory());
    made.as_map().append(in.memory(), "original", value::of(text));
    in.fields().append(in.memory(), "event", made);
}

event&
add_text_event(event_batch& into, std::int64_t now_ns, std::string_view text, bool keeps_original) {
    event& made = into.add(now_ns);
    made.fields().append(into.memory, field::message, value::of(text));
    if (keeps_original) {
        add_original(made, text);
    }
    return made;
}

std::unique_ptr<decoder> make_text_decoder(const text_event_options& options) {
    return std::make_unique<text_decoder>(options);
}

} // namespace logboom
