// A path into an event: "message", "[a][b]", "[tags][0]", "[@metadata][kafka][topic]". Parsed once
// at load. Rules: logstash-core FieldReference.java ("foo[bar]", "[a]b[c]", "[a", "]" and "[]" are
// illegal; "[[a][b]][c]" is "[a][b][c]").
#pragma once

#include "base/result.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace logboom {

class field_reference {
  public:
    /// nullopt when `text` is no legal reference.
    static std::optional<field_reference> parse(std::string_view text);
    /// Of text known to be legal (asserted): for references written in code.
    static field_reference of(std::string_view text);

    /// From the top; without "@metadata" when in_metadata(). Empty for [@metadata] itself.
    [[nodiscard]] const std::vector<std::string>& path() const noexcept { return path_; }
    [[nodiscard]] bool in_metadata() const noexcept { return in_metadata_; }
    /// As the user wrote it.
    [[nodiscard]] const std::string& text() const noexcept { return text_; }

  private:
    std::vector<std::string> path_;
    bool in_metadata_ = false;
    std::string text_;
};

} // namespace logboom
