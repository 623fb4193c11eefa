// How `logboom consume` prints a record: the console consumer's properties, or a format string as
// kcat takes it. Pure.
#pragma once

#include "base/result.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace logboom::cli {

/// Views.
struct record_view {
    std::string_view topic;
    std::int32_t partition = 0;
    std::int64_t offset = 0;
    std::int64_t timestamp_ms = -1;
    bool is_log_append_time = false;
    bool has_key = false;
    std::string_view key;
    bool has_value = false;
    std::string_view value;
    /// A value may be null: without data.
    std::vector<std::pair<std::string_view, std::string_view>> headers;
};

class record_format {
  public:
    /// --property name=value of the console consumer; false when the name is unknown.
    bool set_property(std::string_view name, std::string_view value);
    /// %s value, %S its size (-1: null), %k key, %K its size, %t topic, %p partition, %o offset, %T
    /// timestamp, %h headers, %% percent; \n \t \r \\ \0 \xHH. Fails for another letter.
    result<void> set_text(std::string_view format);

    void append(const record_view& record, std::string& out) const;

  private:
    struct piece {
        /// 0: `text` as it is.
        char letter = 0;
        std::string text;
    };

    void append_properties(const record_view& record, std::string& out) const;
    void append_pieces(const record_view& record, std::string& out) const;

    bool timestamp_ = false;
    bool partition_ = false;
    bool offset_ = false;
    bool headers_ = false;
    bool key_ = false;
    bool value_ = true;
    std::string key_separator_ = "\t";
    std::string line_separator_ = "\n";
    std::string headers_separator_ = ",";
    std::string null_literal_ = "null";
    std::vector<piece> pieces_;
};

/// \n \t \r \\ \0 \xHH replaced.
std::string unescape(std::string_view text);

} // namespace logboom::cli
