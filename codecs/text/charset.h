// From the charset of an input to UTF-8, as Logstash's util/charset.rb does it: text that claims to
// be UTF-8 and is not becomes its Ruby-inspect form as a whole; single-byte charsets and UTF-16 are
// converted, what cannot be becomes U+FFFD. A converter is made once from the charset setting and
// is thread-safe.
#pragma once

#include "base/result.h"
#include "codecs/text/errc.h"
#include "event/arena.h"
#include "event/utf16.h"

#include <atomic>
#include <memory>
#include <string>
#include <string_view>

namespace logboom {

class charset {
  public:
    /// By any name that Ruby knows it by, in either case: "UTF-8", "ISO-8859-1", "CP1252",
    /// "BINARY".
    static result<charset> find(std::string_view name);

    /// `text` in UTF-8: itself when nothing has to change, else a copy in `memory`.
    std::string_view convert(std::string_view text, arena& memory) const;
    /// What `text`, which is ASCII, looks like in this charset: to find delimiters before
    /// converting.
    [[nodiscard]] std::string encoded(std::string_view text) const {
        return in_units(text, units());
    }
    /// With two bytes a unit a line may only be cut at even places.
    [[nodiscard]] text_units units() const noexcept;

  private:
    enum class way { utf8, binary, latin1, utf16_le, utf16_be, iconv };

    charset(way how, std::string name) : how_(how), name_(std::move(name)) {}
    std::string_view convert_with_iconv(std::string_view text, arena& memory) const;

    way how_;
    std::string name_;
};

} // namespace logboom
