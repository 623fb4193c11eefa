#include "event/json_writer.h"

#include "event/json_scan.h"
#include "event/time/timestamp.h"
#include "event/utf8.h"
#include "event/value_text.h"

#include <array>
#include <cmath>

namespace logboom {
namespace {

void append_escaped(char each, std::string& out) {
    switch (each) {
    case '"':
        out.append("\\\"");
        return;
    case '\\':
        out.append("\\\\");
        return;
    case '\n':
        out.append("\\n");
        return;
    case '\t':
        out.append("\\t");
        return;
    case '\r':
        out.append("\\r");
        return;
    case '\b':
        out.append("\\b");
        return;
    case '\f':
        out.append("\\f");
        return;
    default:
        break;
    }
    constexpr std::string_view hex = "0123456789ABCDEF";
    const auto number = static_cast<unsigned char>(each);
    const std::array<char, 6> text{'\\', 'u', '0', '0', hex[number >> 4U], hex[number & 0xFU]};
    out.append(text.data(), text.size());
}

/// Writes what is at the front of `text` and is not plain; returns how many bytes that was.
std::size_t append_special(std::string_view text, std::string& out) {
    if (static_cast<unsigned char>(text.front()) < 0x80) {
        append_escaped(text.front(), out);
        return 1;
    }
    const std::size_t length = utf8_length(text);
    if (length == 0) {
        out.append(utf8_replacement);
        return 1;
    }
    // Characters beyond ASCII rarely come alone.
    std::size_t end = length;
    while (end < text.size() && static_cast<unsigned char>(text[end]) >= 0x80) {
        const std::size_t next = utf8_length(text.substr(end));
        if (next == 0) {
            break;
        }
        end += next;
    }
    out.append(text.substr(0, end));
    return end;
}

void append_json_real(const value& from, std::string& out) {
    const bool is_number = std::isfinite(from.as_real());
    out.append(is_number ? "" : "\"");
    append_java_real(from, out);
    out.append(is_number ? "" : "\"");
}

} // namespace

void append_json_string(std::string_view text, std::string& out) {
    out.push_back('"');
    for (;;) {
        const std::size_t run = json_plain_run(text);
        out.append(text.data(), run);
        text.remove_prefix(run);
        if (text.empty()) {
            break;
        }
        text.remove_prefix(append_special(text, out));
    }
    out.push_back('"');
}

void append_json(const value_map& from, std::string& out) {
    char before = '{';
    for (const map_entry& entry : from) {
        out.push_back(before);
        before = ',';
        append_json_string(entry.key, out);
        out.push_back(':');
        append_json(entry.item, out);
    }
    out.append(before == '{' ? "{}" : "}");
}

void append_json(const value& from, std::string& out) {
    switch (from.kind()) {
    case value_kind::nil:
        out.append("null");
        break;
    case value_kind::boolean:
        out.append(from.as_boolean() ? "true" : "false");
        break;
    case value_kind::integer:
        append_integer(from.as_integer(), out);
        break;
    case value_kind::real:
        append_json_real(from, out);
        break;
    case value_kind::string:
        append_json_string(from.as_string(), out);
        break;
    case value_kind::timestamp:
        out.push_back('"');
        append_iso8601(from.as_timestamp(), out);
        out.push_back('"');
        break;
    case value_kind::array: {
        char before = '[';
        for (const value& item : from.as_array()) {
            out.push_back(before);
            before = ',';
            append_json(item, out);
        }
        out.append(before == '[' ? "[]" : "]");
        break;
    }
    case value_kind::map:
        append_json(from.as_map(), out);
        break;
    }
}

void append_json(const event& from, std::string& out) {
    append_json(from.fields(), out);
}

} // namespace logboom
