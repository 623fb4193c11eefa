#include "codecs/text/plain.h"

#include "codecs/text/text_event.h"
#include "event/sprintf.h"

#include <array>

namespace logboom {
namespace {

constexpr std::array<setting, 2> plain_table{{
    {.name = "format",
     .doc = "What to write for an event, as a sprintf template.",
     .content = setting_content::form},
    {"charset", setting_type::text, "UTF-8", "The character encoding of the input."},
}};

class plain final : public codec {
  public:
    plain(text_event_options options, std::optional<sprintf_template> format)
        : options_(std::move(options)), format_(std::move(format)) {}

    [[nodiscard]] std::unique_ptr<decoder> make_decoder() const override {
        return make_text_decoder(options_);
    }
    [[nodiscard]] text_units units() const noexcept override { return options_.from.units(); }
    void encode(const event& from, std::string& out) const override {
        if (format_) {
            format_->render(from, out);
        } else {
            from.append_summary(out);
        }
    }

  private:
    text_event_options options_;
    std::optional<sprintf_template> format_;
};

result<std::unique_ptr<codec>> make_plain(const codec_context& context) {
    LB_TRY(charset from, charset_option(context.options));
    std::optional<sprintf_template> format;
    if (const option_text* given = context.options.single("format")) {
        format = given->form();
    }
    text_event_options options{std::move(from), context.ecs != ecs_mode::disabled};
    return std::make_unique<plain>(std::move(options), std::move(format));
}

} // namespace

const codec_row plain_codec{"plain", plain_table, make_plain, {.on_streams = "line"}};

} // namespace logboom
