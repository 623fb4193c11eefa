#include "codecs/kafka/description.h"

#include <fmt/format.h>

namespace logboom::kafka::detail {

void text_printer::quoted(std::string_view text) {
    out += '"';
    for (const char each : text) {
        if (each == '"' || each == '\\') {
            out += '\\';
            out += each;
        } else if (static_cast<unsigned char>(each) < 0x20) {
            out += fmt::format("\\u{:04x}", static_cast<unsigned>(each));
        } else {
            out += each;
        }
    }
    out += '"';
}

void text_printer::blob(std::size_t size) {
    out += fmt::format("\"{} bytes\"", size);
}

void text_printer::name(const char* field, bool first) {
    out += fmt::format("{}\"{}\":", first ? "" : ",", field);
}

void text_printer::number(std::int64_t value) {
    out += std::to_string(value);
}

void text_printer::real(double value) {
    out += fmt::format("{}", value);
}

} // namespace logboom::kafka::detail
