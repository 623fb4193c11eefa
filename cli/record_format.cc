// One record as text: by the console consumer's properties, or by a format string.
#include "cli/record_format.h"

#include "base/ascii.h"
#include "buffer/client/errc.h"

namespace logboom::cli {

std::string unescape(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '\\' || i + 1 == text.size()) {
            out.push_back(text[i]);
            continue;
        }
        const char letter = text[++i];
        switch (letter) {
        case 'n':
            out.push_back('\n');
            break;
        case 't':
            out.push_back('\t');
            break;
        case 'r':
            out.push_back('\r');
            break;
        case '0':
            out.push_back('\0');
            break;
        case 'x':
            if (i + 2 < text.size() && hex_digit(text[i + 1]) >= 0 && hex_digit(text[i + 2]) >= 0) {
                out.push_back(
                    static_cast<char>(hex_digit(text[i + 1]) * 16 + hex_digit(text[i + 2]))
                );
                i += 2;
                break;
            }
            out.append("\\x");
            break;
        default:
            out.push_back(letter);
        }
    }
    return out;
}

bool record_format::set_property(std::string_view name, std::string_view value) {
    const bool on = value == "true";
    const std::string text = unescape(value);
    if (name == "print.timestamp") {
        timestamp_ = on;
    } else if (name == "print.partition") {
        partition_ = on;
    } else if (name == "print.offset") {
        offset_ = on;
    } else if (name == "print.headers") {
        headers_ = on;
    } else if (name == "print.key") {
        key_ = on;
    } else if (name == "print.value") {
        value_ = on;
    } else if (name == "key.separator") {
        key_separator_ = text;
    } else if (name == "line.separator") {
        line_separator_ = text;
    } else if (name == "headers.separator") {
        headers_separator_ = text;
    } else if (name == "null.literal") {
        null_literal_ = text;
    } else {
        // Java classes that turn bytes into text: ours are text.
        return name.ends_with("deserializer");
    }
    return true;
}

result<void> record_format::set_text(std::string_view format) {
    const std::string text = unescape(format);
    pieces_.clear();
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool is_field = text[i] == '%' && i + 1 < text.size() && text[i + 1] != '%';
        if (is_field) {
            constexpr std::string_view letters = "sSkKtpoTh";
            if (letters.find(text[i + 1]) == std::string_view::npos) {
                return error(
                    client::errc::bad_argument,
                    std::string("format %") + text[i + 1] +
                        " (there are %s %S %k %K %t %p %o %T %h)"
                );
            }
            pieces_.push_back({text[++i], {}});
            continue;
        }
        if (pieces_.empty() || pieces_.back().letter != 0) {
            pieces_.push_back({});
        }
        pieces_.back().text.push_back(text[i]);
        i += text[i] == '%' && i + 1 < text.size() ? 1 : 0;
    }
    if (pieces_.empty()) {
        pieces_.push_back({});
    }
    return {};
}

void record_format::append(const record_view& record, std::string& out) const {
    if (pieces_.empty()) {
        append_properties(record, out);
    } else {
        append_pieces(record, out);
    }
}

void record_format::append_properties(const record_view& record, std::string& out) const {
    const auto separate = [&, first = true]() mutable {
        if (!first) {
            out += key_separator_;
        }
        first = false;
    };
    auto next = separate;
    if (timestamp_) {
        next();
        out += record.timestamp_ms < 0
                   ? "NO_TIMESTAMP"
                   : (record.is_log_append_time ? "LogAppendTime:" : "CreateTime:") +
                         std::to_string(record.timestamp_ms);
    }
    if (partition_) {
        next();
        out += "Partition:" + std::to_string(record.partition);
    }
    if (offset_) {
        next();
        out += "Offset:" + std::to_string(record.offset);
    }
    if (headers_) {
        next();
        out += record.headers.empty() ? "NO_HEADERS" : "";
        for (std::size_t i = 0; i < record.headers.size(); ++i) {
            out += i == 0 ? "" : headers_separator_;
            const auto& [name, value] = record.headers[i];
            out.append(name).append(":");
            out.append(value.data() == nullptr ? std::string_view(null_literal_) : value);
        }
    }
    if (key_) {
        next();
        out.append(record.has_key ? record.key : std::string_view(null_literal_));
    }
    if (value_) {
        next();
        out.append(record.has_value ? record.value : std::string_view(null_literal_));
    }
    out += line_separator_;
}

void record_format::append_pieces(const record_view& record, std::string& out) const {
    for (const piece& each : pieces_) {
        switch (each.letter) {
        case 0:
            out += each.text;
            break;
        case 's':
            out.append(record.value);
            break;
        case 'S':
            out += record.has_value ? std::to_string(record.value.size()) : "-1";
            break;
        case 'k':
            out.append(record.key);
            break;
        case 'K':
            out += record.has_key ? std::to_string(record.key.size()) : "-1";
            break;
        case 't':
            out.append(record.topic);
            break;
        case 'p':
            out += std::to_string(record.partition);
            break;
        case 'o':
            out += std::to_string(record.offset);
            break;
        case 'T':
            out += std::to_string(record.timestamp_ms);
            break;
        case 'h':
            for (std::size_t i = 0; i < record.headers.size(); ++i) {
                out += i == 0 ? "" : ",";
                const auto& [name, value] = record.headers[i];
                out.append(name).append("=");
                out.append(value.data() == nullptr ? "NULL" : value);
            }
            break;
        default:
            break;
        }
    }
}

} // namespace logboom::cli
