// Codec multiline: lines that belong together become one event, as Logstash's codec joins them. A
// decoder holds the lines of the event that is not complete yet; what it holds is bounded by
// max_lines and max_bytes, and in time by auto_flush_interval, which the input keeps.
#include "base/regex.h"
#include "codecs/text/line_splitter.h"
#include "codecs/text/text_event.h"

#include <optional>

namespace logboom {
namespace {

constexpr setting multiline_table[] = {
    {.name = "pattern",
     .doc = "A regular expression; a line in which it is found belongs to the next or the previous "
            "one. Grok's %{NAME} is not there yet.",
     .required = true,
     .content = setting_content::pattern},
    {.name = "what",
     .type = setting_type::choice,
     .doc = "To which line such a line belongs.",
     .required = true,
     .choices = "previous|next"},
    {.name = "negate",
     .type = setting_type::boolean,
     .fallback = "false",
     .doc = "Lines in which the pattern is not found are meant."},
    {.name = "patterns_dir",
     .type = setting_type::array,
     .doc = "Directories with grok patterns.",
     .state = setting_state::not_yet},
    {"charset", setting_type::text, "UTF-8", "The character encoding of the input."},
    {.name = "multiline_tag",
     .fallback = "multiline",
     .doc = "The tag of an event of several lines; \"\" is none."},
    {.name = "max_lines",
     .type = setting_type::integer,
     .fallback = "500",
     .doc = "With more lines than this the event is complete, and tagged "
            "multiline_codec_max_lines_reached.",
     .min = 1},
    {.name = "max_bytes",
     .type = setting_type::byte_count,
     .fallback = "10 MiB",
     .doc = "With so many bytes the event is complete, and tagged "
            "multiline_codec_max_bytes_reached.",
     .min = 1},
    {.name = "auto_flush_interval",
     .type = setting_type::duration,
     .doc = "After so long without a further line the event is complete; default: never.",
     .min = 0.001},
};

struct multiline_options {
    text_event_options text;
    std::shared_ptr<const regex> pattern;
    bool is_negated = false;
    bool joins_previous = false;
    std::string tag;
    std::size_t lines_max = 0;
    std::size_t bytes_max = 0;
    std::optional<std::chrono::nanoseconds> hold_limit;
};

/// Lines in, events out.
class line_joiner {
  public:
    explicit line_joiner(std::shared_ptr<const multiline_options> options)
        : options_(std::move(options)) {}

    [[nodiscard]] bool is_empty() const noexcept { return line_count_ == 0; }
    [[nodiscard]] std::uint32_t first_line() const noexcept { return first_line_; }

    /// A piece of text as Ruby's split("\n") takes it apart: blank lines at its end are none. Where
    /// the input has cut it into lines already no blank line is one. `is_too_long`: it is the front
    /// of a line that could not be held any longer.
    void add(std::string_view piece, bool is_too_long, std::int64_t now_ns, event_batch& into) {
        is_long_line_ = is_too_long;
        line_number_ = 0;
        const std::size_t end = piece.find_last_not_of('\n') + 1;
        for (std::size_t begin = 0; begin < end;) {
            const std::size_t size = std::min(piece.find('\n', begin), end) - begin;
            take(piece.substr(begin, size), now_ns, into);
            begin += size + 1;
            ++line_number_;
        }
    }

    void emit(event_batch& into) {
        if (is_empty()) {
            return;
        }
        event& made =
            add_text_event(into, since_ns_, into.memory.copy(text_), options_->text.keeps_original);
        made.origin.part = first_line_;
        add_tags(made);
        text_.clear();
        line_count_ = 0;
        byte_count_ = 0;
        is_too_long_ = false;
        is_too_costly_ = false;
    }

  private:
    void take(std::string_view line, std::int64_t now_ns, event_batch& into) {
        const bool is_meant = matches(line) != options_->is_negated;
        if (options_->joins_previous && (!is_meant || is_full())) {
            emit(into);
        }
        hold(line, now_ns);
        if (!options_->joins_previous && (!is_meant || is_full())) {
            emit(into);
        }
    }
    bool matches(std::string_view line) {
        const regex_outcome outcome = options_->pattern->search(line);
        is_costly_line_ = outcome == regex_outcome::too_costly;
        return outcome == regex_outcome::matched;
    }
    void hold(std::string_view line, std::int64_t now_ns) {
        if (is_empty()) {
            since_ns_ = now_ns;
            first_line_ = line_number_;
        } else {
            text_.push_back('\n');
        }
        text_.append(line);
        ++line_count_;
        byte_count_ += line.size();
        is_too_long_ = is_too_long_ || is_long_line_;
        is_too_costly_ = is_too_costly_ || is_costly_line_;
    }
    [[nodiscard]] bool has_too_many_lines() const noexcept {
        return line_count_ > options_->lines_max;
    }
    [[nodiscard]] bool has_too_many_bytes() const noexcept {
        return byte_count_ >= options_->bytes_max;
    }
    [[nodiscard]] bool is_full() const noexcept {
        return has_too_many_lines() || has_too_many_bytes();
    }
    void add_tags(event& to) const {
        if (line_count_ > 1 && !options_->tag.empty()) {
            to.tag(options_->tag);
        }
        if (has_too_many_bytes()) {
            to.tag("multiline_codec_max_bytes_reached");
        }
        if (has_too_many_lines()) {
            to.tag("multiline_codec_max_lines_reached");
        }
        if (is_too_long_) {
            to.tag("_linetoolong");
        }
        // Whether the line belongs here is not known.
        if (is_too_costly_) {
            to.tag("_multilinepatterntoocostly");
        }
    }

    std::shared_ptr<const multiline_options> options_;
    /// In UTF-8, joined.
    std::string text_;
    std::size_t line_count_ = 0;
    std::size_t byte_count_ = 0;
    /// When the first of the lines came.
    std::int64_t since_ns_ = 0;
    /// Of the piece that is taken apart, and where the first one that is held stood in its own.
    std::uint32_t line_number_ = 0;
    std::uint32_t first_line_ = 0;
    bool is_long_line_ = false;
    bool is_too_long_ = false;
    bool is_costly_line_ = false;
    bool is_too_costly_ = false;
};

/// For an input that hands over lines, or records of some.
class joined_lines_decoder final : public decoder {
  public:
    explicit joined_lines_decoder(std::shared_ptr<const multiline_options> options)
        : options_(std::move(options)), joiner_(options_) {}

    void decode(bytes_view data, bool /*data_is_kept*/, std::int64_t now_ns, event_batch& into)
        override {
        joiner_.add(options_->text.from.convert(as_text(data), into.memory), false, now_ns, into);
    }
    void flush(std::int64_t /*now_ns*/, event_batch& into) override { joiner_.emit(into); }
    [[nodiscard]] bool is_holding() const noexcept override { return !joiner_.is_empty(); }
    [[nodiscard]] std::uint32_t held_part() const noexcept override { return joiner_.first_line(); }
    [[nodiscard]] std::optional<std::chrono::nanoseconds> hold_limit() const noexcept override {
        return options_->hold_limit;
    }

  private:
    std::shared_ptr<const multiline_options> options_;
    line_joiner joiner_;
};

/// For a stream, which is cut into lines first.
class joined_stream_decoder final : public decoder {
  public:
    explicit joined_stream_decoder(std::shared_ptr<const multiline_options> options)
        : options_(std::move(options))
        , splitter_(
              options_->text.from.encoded("\n"),
              stream_line_max,
              unit_size(options_->text.from.units())
          )
        , joiner_(options_) {}

    void decode(bytes_view data, bool /*data_is_kept*/, std::int64_t now_ns, event_batch& into)
        override {
        splitter_.feed(as_text(data), [&](const line_splitter::piece& piece) {
            add(piece, now_ns, into);
        });
    }
    void flush(std::int64_t now_ns, event_batch& into) override {
        splitter_.flush([&](const line_splitter::piece& piece) { add(piece, now_ns, into); });
        joiner_.emit(into);
    }
    [[nodiscard]] bool is_holding() const noexcept override {
        return !joiner_.is_empty() || splitter_.held() > 0;
    }
    [[nodiscard]] std::optional<std::chrono::nanoseconds> hold_limit() const noexcept override {
        return options_->hold_limit;
    }

  private:
    void add(const line_splitter::piece& piece, std::int64_t now_ns, event_batch& into) {
        const std::string_view text = options_->text.from.convert(piece.text, into.memory);
        joiner_.add(text, piece.is_too_long, now_ns, into);
    }

    std::shared_ptr<const multiline_options> options_;
    line_splitter splitter_;
    line_joiner joiner_;
};

class multiline final : public codec {
  public:
    explicit multiline(multiline_options options)
        : options_(std::make_shared<const multiline_options>(std::move(options))) {}

    [[nodiscard]] std::unique_ptr<decoder> make_decoder() const override {
        return std::make_unique<joined_stream_decoder>(options_);
    }
    [[nodiscard]] std::unique_ptr<decoder> make_line_decoder() const override {
        return std::make_unique<joined_lines_decoder>(options_);
    }
    [[nodiscard]] text_units units() const noexcept override { return options_->text.from.units(); }
    void encode(const event& from, std::string& out) const override { from.append_summary(out); }

  private:
    std::shared_ptr<const multiline_options> options_;
};

result<std::unique_ptr<codec>> make_multiline(const codec_context& context) {
    const plugin_options& given = context.options;
    LB_TRY(charset from, charset_option(given));
    multiline_options options{{std::move(from), context.ecs != ecs_mode::disabled}, {}};
    options.pattern = given.single("pattern")->pattern();
    if (!options.pattern) {
        return given.refuse(
            "pattern",
            {},
            "grok's patterns, %{...}, are not there yet; write the regular expression out"
        );
    }
    options.joins_previous = given.text("what") == "previous";
    options.is_negated = given.flag("negate");
    options.tag = given.text("multiline_tag");
    options.lines_max = static_cast<std::size_t>(given.integer("max_lines"));
    options.bytes_max = static_cast<std::size_t>(given.integer("max_bytes"));
    if (given.has("auto_flush_interval")) {
        options.hold_limit = given.duration("auto_flush_interval");
    }
    return std::make_unique<multiline>(std::move(options));
}

} // namespace

extern const codec_row multiline_codec;
const codec_row multiline_codec{"multiline", multiline_table, make_multiline};

} // namespace logboom
