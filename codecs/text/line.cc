#include "codecs/text/line.h"

#include "codecs/text/line_splitter.h"
#include "codecs/text/text_event.h"
#include "event/sprintf.h"

#include <array>

namespace logboom {
namespace {

constexpr std::array<setting, 3> line_table{{
    {.name = "format",
     .doc = "What to write for an event, as a sprintf template.",
     .content = setting_content::form},
    {"charset", setting_type::text, "UTF-8", "The character encoding of the input."},
    {"delimiter", setting_type::text, "\n", "What separates lines."},
}};

class line_decoder final : public decoder {
  public:
    line_decoder(text_event_options options, std::string delimiter)
        : options_(std::move(options))
        , splitter_(std::move(delimiter), stream_line_max, unit_size(options_.from.units())) {}

    void
    decode(bytes_view data, bool data_is_kept, std::int64_t now_ns, event_batch& into) override {
        splitter_.feed(as_text(data), [&](const line_splitter::piece& piece) {
            add(piece, data_is_kept, now_ns, into);
        });
    }
    void flush(std::int64_t now_ns, event_batch& into) override {
        splitter_.flush([&](const line_splitter::piece& piece) { add(piece, false, now_ns, into); }
        );
    }

  private:
    void
    add(const line_splitter::piece& piece, bool data_is_kept, std::int64_t now_ns, event_batch& into
    ) const {
        const bool is_kept = piece.is_in_data && data_is_kept;
        const std::string_view text = text_in(into.memory, piece.text, is_kept, options_.from);
        event& made = add_text_event(into, now_ns, text, options_.keeps_original);
        if (piece.is_too_long) {
            made.tag("_linetoolong");
        }
    }

    text_event_options options_;
    line_splitter splitter_;
};

class line final : public codec {
  public:
    line(text_event_options options, std::optional<sprintf_template> format, std::string delimiter)
        : options_(std::move(options))
        , format_(std::move(format))
        , delimiter_(std::move(delimiter)) {}

    [[nodiscard]] std::unique_ptr<decoder> make_decoder() const override {
        return std::make_unique<line_decoder>(options_, options_.from.encoded(delimiter_));
    }
    [[nodiscard]] std::unique_ptr<decoder> make_line_decoder() const override {
        return make_text_decoder(options_);
    }
    [[nodiscard]] text_units units() const noexcept override { return options_.from.units(); }
    void encode(const event& from, std::string& out) const override {
        if (format_) {
            format_->render(from, out);
        } else {
            from.append_summary(out);
        }
        out.append(delimiter_);
    }

  private:
    text_event_options options_;
    std::optional<sprintf_template> format_;
    std::string delimiter_;
};

result<std::unique_ptr<codec>> make_line(const codec_context& context) {
    LB_TRY(charset from, charset_option(context.options));
    std::optional<sprintf_template> format;
    if (const option_text* given = context.options.single("format")) {
        format = given->form();
    }
    text_event_options options{std::move(from), context.ecs != ecs_mode::disabled};
    return std::make_unique<line>(
        std::move(options), std::move(format), context.options.text("delimiter")
    );
}

} // namespace

const codec_row line_codec{"line", line_table, make_line};

} // namespace logboom
