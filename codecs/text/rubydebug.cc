// Codec rubydebug: an event as amazing_print shows it, to the byte.
#include "codecs/text/rubydebug.h"

#include "codecs/text/text_event.h"
#include "event/utf8.h"
#include "event/value_text.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <unistd.h>

namespace logboom {
namespace {

constexpr std::size_t indent_width = 4;

constexpr std::array<setting, 1> rubydebug_table{{
    {"metadata", setting_type::boolean, "false", "Show @metadata too."},
}};

/// Characters, as Ruby counts them: bytes that begin one, and bytes that belong to none.
std::size_t width_of(std::string_view text) noexcept {
    std::size_t count = 0;
    while (!text.empty()) {
        text.remove_prefix(std::max<std::size_t>(utf8_length(text), 1));
        ++count;
    }
    return count;
}

std::string inspected(std::string_view text) {
    std::string out(1, '"');
    append_ruby_inspect(text, out);
    out.push_back('"');
    return out;
}

class printer {
  public:
    printer(bool colours, std::string& out) : colours_(colours), out_(out) {}

    void print_map(const value_map& map, std::size_t depth, const value* metadata = nullptr) {
        if (map.size == 0 && metadata == nullptr) {
            out_.append("{}");
            return;
        }
        std::vector<std::pair<std::string, const value*>> lines;
        for (const map_entry& entry : map) {
            lines.emplace_back(inspected(entry.key), &entry.item);
        }
        if (metadata != nullptr) {
            lines.emplace_back(inspected(field::metadata), metadata);
        }
        std::size_t widest = 0;
        for (const auto& [key, item] : lines) {
            widest = std::max(widest, width_of(key));
        }
        out_.append("{\n");
        bool first = true;
        for (const auto& [key, item] : lines) {
            out_.append(first ? "" : ",\n");
            first = false;
            out_.append(widest + indent_width * depth - width_of(key), ' ');
            out_.append(key);
            coloured("0;37", " => ");
            print(*item, depth + 1);
        }
        close(depth, '}');
    }

  private:
    void print(const value& item, std::size_t depth) {
        switch (item.kind()) {
        case value_kind::nil:
            coloured("1;31", "nil");
            break;
        case value_kind::boolean:
            item.as_boolean() ? coloured("1;32", "true") : coloured("1;31", "false");
            break;
        case value_kind::string:
            coloured("0;33", inspected(item.as_string()));
            break;
        case value_kind::integer:
        case value_kind::real: {
            std::string text;
            append_ruby_text(item, text);
            coloured("1;34", text);
            break;
        }
        case value_kind::timestamp:
            append_ruby_text(item, out_);
            break;
        case value_kind::array:
            print_array(item.as_array(), depth);
            break;
        case value_kind::map:
            print_map(item.as_map(), depth);
            break;
        }
    }
    void print_array(const value_array& list, std::size_t depth) {
        if (list.size == 0) {
            out_.append("[]");
            return;
        }
        const std::size_t widest = std::to_string(list.size - 1).size();
        out_.append("[\n");
        for (std::uint32_t i = 0; i < list.size; ++i) {
            out_.append(i == 0 ? "" : ",\n");
            out_.append(indent_width * depth, ' ');
            const std::string index = std::to_string(i);
            coloured("1;37", "[" + std::string(widest - index.size(), ' ') + index + "] ");
            print(list.items[i], depth + 1);
        }
        close(depth, ']');
    }
    void close(std::size_t depth, char bracket) {
        out_.push_back('\n');
        out_.append(indent_width * (depth - 1), ' ');
        out_.push_back(bracket);
    }
    void coloured(std::string_view code, std::string_view text) {
        if (colours_) {
            out_.append("\x1b[").append(code).append("m");
        }
        out_.append(text);
        if (colours_) {
            out_.append("\x1b[0m");
        }
    }

    bool colours_;
    std::string& out_;
};

class rubydebug final : public codec {
  public:
    rubydebug(text_event_options options, const rubydebug_style& style)
        : options_(std::move(options)), style_(style) {}

    [[nodiscard]] std::unique_ptr<decoder> make_decoder() const override {
        return make_text_decoder(options_);
    }
    void encode(const event& from, std::string& out) const override {
        append_rubydebug(from, style_, out);
    }

  private:
    text_event_options options_;
    rubydebug_style style_;
};

bool wants_colours() {
    const char* const terminal = std::getenv("TERM");
    return terminal != nullptr && std::string_view(terminal) != "dumb" &&
           isatty(STDOUT_FILENO) == 1;
}

result<std::unique_ptr<codec>> make_rubydebug(const codec_context& context) {
    LB_TRY(charset from, charset::find("UTF-8"));
    return std::make_unique<rubydebug>(
        text_event_options{std::move(from), context.ecs != ecs_mode::disabled},
        rubydebug_style{context.options.flag("metadata"), wants_colours()}
    );
}

} // namespace

void append_rubydebug(const event& from, const rubydebug_style& style, std::string& out) {
    printer with(style.colours, out);
    if (style.metadata) {
        with.print_map(from.fields(), 1, &from.metadata_value());
    } else {
        with.print_map(from.fields(), 1);
    }
    out.push_back('\n');
}

const codec_row rubydebug_codec{"rubydebug", rubydebug_table, make_rubydebug};

} // namespace logboom
