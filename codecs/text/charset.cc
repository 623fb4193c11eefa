// Finds a character encoding by Ruby's names and converts to UTF-8: by hand where that is quick,
// else by iconv.
#include "codecs/text/charset.h"

#include "event/utf8.h"

#include <algorithm>
#include <cerrno>
#include <iconv.h>
#include <map>

namespace logboom {
namespace {

std::string upper(std::string_view text) {
    std::string out(text);
    std::transform(out.begin(), out.end(), out.begin(), [](char each) {
        return each >= 'a' && each <= 'z' ? static_cast<char>(each - 'a' + 'A') : each;
    });
    return out;
}

/// Ruby's names that iconv(3) has another name for.
std::string_view iconv_name(std::string_view name) {
    if (name == "WINDOWS-31J" || name == "CSWINDOWS31J") {
        return "CP932";
    }
    if (name == "EUCJP-MS" || name == "EUC-JP-MS") {
        return "EUC-JP-MS";
    }
    return name;
}

const auto no_conversion = reinterpret_cast<iconv_t>(-1);

/// Conversion descriptors hold state, so each thread has its own; a configuration names few.
class descriptors {
  public:
    descriptors() = default;
    descriptors(const descriptors&) = delete;
    descriptors& operator=(const descriptors&) = delete;
    ~descriptors() {
        for (const auto& [name, held] : open_) {
            if (held != no_conversion) {
                iconv_close(held);
            }
        }
    }
    iconv_t get(const std::string& name) {
        const auto [at, is_new] = open_.try_emplace(name, no_conversion);
        if (is_new) {
            at->second = iconv_open("UTF-8", name.c_str());
        }
        return at->second;
    }

  private:
    std::map<std::string, iconv_t> open_;
};

bool is_ascii(std::string_view text) noexcept {
    return std::all_of(text.begin(), text.end(), [](char each) {
        return static_cast<unsigned char>(each) < 0x80;
    });
}

std::string from_latin1(std::string_view text) {
    std::string out;
    for (const char each : text) {
        utf8_append(static_cast<unsigned char>(each), out);
    }
    return out;
}

std::string from_binary(std::string_view text) {
    std::string out;
    for (const char each : text) {
        static_cast<unsigned char>(each) < 0x80 ? out.push_back(each)
                                                : void(out.append(utf8_replacement));
    }
    return out;
}

} // namespace

result<charset> charset::find(std::string_view name) {
    const std::string wanted = upper(name);
    const auto is = [&](std::initializer_list<std::string_view> names) {
        return std::find(names.begin(), names.end(), wanted) != names.end();
    };
    if (is({"UTF-8", "UTF8", "CP65001"})) {
        return charset(way::utf8, wanted);
    }
    if (is({"ASCII-8BIT", "BINARY", "US-ASCII", "ASCII", "ANSI_X3.4-1968", "646"})) {
        return charset(way::binary, wanted);
    }
    if (is({"ISO-8859-1", "ISO8859-1", "LATIN1", "LATIN-1"})) {
        return charset(way::latin1, wanted);
    }
    // Where no mark tells, UTF-16 has the high byte first.
    if (is({"UTF-16LE", "UTF-16BE", "UCS-2BE", "UTF-16"})) {
        return charset(wanted == "UTF-16LE" ? way::utf16_le : way::utf16_be, wanted);
    }
    const std::string library_name(iconv_name(wanted));
    const iconv_t probe = iconv_open("UTF-8", library_name.c_str());
    if (probe == no_conversion) {
        return error(text_errc::unknown_charset, std::string(name));
    }
    iconv_close(probe);
    return charset(way::iconv, library_name);
}

text_units charset::units() const noexcept {
    return how_ == way::utf16_le   ? text_units::utf16_le
           : how_ == way::utf16_be ? text_units::utf16_be
                                   : text_units::bytes;
}

std::string_view charset::convert(std::string_view text, arena& memory) const {
    switch (how_) {
    case way::utf8: {
        if (is_utf8(text)) {
            return text;
        }
        std::string shown;
        append_ruby_inspect(text, shown);
        return memory.copy(shown);
    }
    case way::binary:
        return is_ascii(text) ? text : memory.copy(from_binary(text));
    case way::latin1:
        return is_ascii(text) ? text : memory.copy(from_latin1(text));
    case way::utf16_le:
    case way::utf16_be: {
        std::string shown;
        append_utf16(text, units(), shown);
        return memory.copy(shown);
    }
    case way::iconv:
        return convert_with_iconv(text, memory);
    }
    return text;
}

std::string_view charset::convert_with_iconv(std::string_view text, arena& memory) const {
    thread_local descriptors cache;
    const iconv_t with = cache.get(name_);
    if (with == no_conversion) {
        return memory.copy(from_binary(text));
    }
    iconv(with, nullptr, nullptr, nullptr, nullptr);
    std::string out;
    std::string chunk(std::max<std::size_t>(text.size() * 2, 64), '\0');
    char* in = const_cast<char*>(text.data());
    std::size_t in_left = text.size();
    while (in_left > 0) {
        char* into = chunk.data();
        std::size_t space = chunk.size();
        const std::size_t code = iconv(with, &in, &in_left, &into, &space);
        const int why = errno;
        out.append(chunk.data(), chunk.size() - space);
        if (code != static_cast<std::size_t>(-1) || why == E2BIG) {
            continue;
        }
        // EILSEQ, or EINVAL for a character that is cut off at the end.
        out.append(utf8_replacement);
        ++in;
        --in_left;
        iconv(with, nullptr, nullptr, nullptr, nullptr);
    }
    return memory.copy(out);
}

} // namespace logboom
