// Codecs json and json_lines: a document, or a stream of them, becomes events.
#include "codecs/text/json.h"

#include "codecs/text/json_reader.h"
#include "codecs/text/line_splitter.h"
#include "codecs/text/text_event.h"
#include "event/json_writer.h"

#include <algorithm>
#include <array>
#include <optional>

namespace logboom {
namespace {

constexpr setting target_option{
    .name = "target",
    .doc = "The field to put the document under; default: the event.",
    .content = setting_content::reference};
constexpr std::array<setting, 2> json_table{{
    {"charset", setting_type::text, "UTF-8", "The character encoding of the input."},
    target_option,
}};
constexpr std::array<setting, 4> json_lines_table{{
    {"charset", setting_type::text, "UTF-8", "The character encoding of the input."},
    {"delimiter", setting_type::text, "\n", "What separates documents."},
    target_option,
    {.name = "decode_size_limit_bytes",
     .type = setting_type::byte_count,
     .fallback = "536870912",
     .doc = "Most bytes to hold while waiting for a delimiter.",
     .min = 1},
}};

struct json_options {
    text_event_options text;
    std::optional<field_reference> target;
    std::string delimiter;
    std::size_t size_max = json_limits{}.text_size;
    logger log;
};

bool is_blank(std::string_view text) noexcept {
    return std::all_of(text.begin(), text.end(), [](char each) {
        return static_cast<unsigned char>(each) <= ' ';
    });
}

/// JSON text -> events; shared by both decoders.
class json_events {
  public:
    explicit json_events(json_options options) : options_(std::move(options)) {}

    /// `text` lives in the batch.
    void add(std::string_view text, std::int64_t now_ns, event_batch& into) const {
        if (is_blank(text)) {
            return;
        }
        const result<value> read = read_kept_json(text, into.memory);
        if (read.has_error()) {
            options_.log.debug("Text that is not JSON became a message: {}.", read.error().text());
            add_failure(text, now_ns, into);
        } else if (read->is(value_kind::map)) {
            event& made = add_document(*read, now_ns, into);
            if (options_.text.keeps_original) {
                add_original(made, text);
            }
        } else if (!is_list_of_maps(*read)) {
            options_.log.debug("JSON that is neither an object nor objects became a message.");
            add_failure(text, now_ns, into);
        } else {
            std::uint32_t part = 0;
            for (const value& item : read->as_array()) {
                add_document(item, now_ns, into).origin.part = part++;
            }
            if (part == 1 && options_.text.keeps_original) {
                add_original(into.events.back(), text);
            }
        }
    }
    [[nodiscard]] const json_options& options() const { return options_; }

  private:
    static bool is_list_of_maps(const value& item) noexcept {
        if (!item.is(value_kind::array)) {
            return false;
        }
        const value_array& list = item.as_array();
        return std::all_of(list.begin(), list.end(), [](const value& each) {
            return each.is(value_kind::map);
        });
    }
    event& add_document(const value& document, std::int64_t now_ns, event_batch& into) const {
        event& made = into.add(now_ns);
        if (options_.target) {
            made.set(*options_.target, document);
        } else {
            made.take_fields(document.as_map());
        }
        return made;
    }
    void add_failure(std::string_view text, std::int64_t now_ns, event_batch& into) const {
        add_text_event(into, now_ns, text, false).tag("_jsonparsefailure");
    }

    json_options options_;
};

class json_decoder final : public decoder {
  public:
    explicit json_decoder(std::shared_ptr<const json_events> maker) : maker_(std::move(maker)) {}

    void
    decode(bytes_view data, bool data_is_kept, std::int64_t now_ns, event_batch& into) override {
        const charset& from = maker_->options().text.from;
        maker_->add(text_in(into.memory, as_text(data), data_is_kept, from), now_ns, into);
    }
    void flush(std::int64_t /*now_ns*/, event_batch& /*into*/) override {}

  private:
    std::shared_ptr<const json_events> maker_;
};

class json_lines_decoder final : public decoder {
  public:
    explicit json_lines_decoder(std::shared_ptr<const json_events> maker)
        : maker_(std::move(maker))
        , splitter_(
              maker_->options().text.from.encoded(maker_->options().delimiter),
              maker_->options().size_max,
              unit_size(maker_->options().text.from.units())
          ) {}

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
        if (piece.is_too_long) {
            const std::string words =
                "Payload bigger than " + std::to_string(maker_->options().size_max) + " bytes";
            add_text_event(into, now_ns, into.memory.copy(words), false)
                .tag("_jsonparsetoobigfailure");
            return;
        }
        const bool is_kept = piece.is_in_data && data_is_kept;
        const charset& from = maker_->options().text.from;
        maker_->add(text_in(into.memory, piece.text, is_kept, from), now_ns, into);
    }

    std::shared_ptr<const json_events> maker_;
    line_splitter splitter_;
};

/// Both codecs: json_lines is json with a delimiter.
class json final : public codec {
  public:
    json(json_options options, bool is_lines)
        : maker_(std::make_shared<const json_events>(std::move(options))), is_lines_(is_lines) {}

    [[nodiscard]] std::unique_ptr<decoder> make_decoder() const override {
        if (is_lines_) {
            return std::make_unique<json_lines_decoder>(maker_);
        }
        return std::make_unique<json_decoder>(maker_);
    }
    [[nodiscard]] std::unique_ptr<decoder> make_line_decoder() const override {
        return std::make_unique<json_decoder>(maker_);
    }
    [[nodiscard]] text_units units() const noexcept override {
        return maker_->options().text.from.units();
    }
    void encode(const event& from, std::string& out) const override {
        append_json(from, out);
        out.append(maker_->options().delimiter);
    }

  private:
    std::shared_ptr<const json_events> maker_;
    bool is_lines_;
};

result<json_options> read_options(const codec_context& context) {
    LB_TRY(charset from, charset_option(context.options));
    json_options options{{std::move(from), context.ecs != ecs_mode::disabled}, {}, {}};
    options.log = context.log;
    options.target = context.options.reference("target");
    return options;
}

result<std::unique_ptr<codec>> make_json(const codec_context& context) {
    LB_TRY(json_options options, read_options(context));
    return std::make_unique<json>(std::move(options), false);
}

result<std::unique_ptr<codec>> make_json_lines(const codec_context& context) {
    LB_TRY(json_options options, read_options(context));
    options.delimiter = context.options.text("delimiter");
    options.size_max = static_cast<std::size_t>(context.options.integer("decode_size_limit_bytes"));
    // The lines of json_lines carry no [event][original] in Logstash either.
    options.text.keeps_original = false;
    return std::make_unique<json>(std::move(options), true);
}

} // namespace

const codec_row json_codec{"json", json_table, make_json, {.on_streams = "json_lines"}};
const codec_row json_lines_codec{"json_lines", json_lines_table, make_json_lines};

} // namespace logboom
