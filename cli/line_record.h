// How `logboom produce` makes a record of a line: by the console producer's properties. Pure.
#pragma once

#include "buffer/client/producer.h"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace logboom::cli {

struct line_rules {
    bool has_key = false;
    bool has_headers = false;
    /// What lacks its separator is sent all the same.
    bool ignores_errors = false;
    std::string key_separator = "\t";
    std::string headers_delimiter = "\t";
    std::string headers_separator = ",";
    std::string header_separator = ":";
    /// Empty: none.
    std::string null_marker;
    /// Of every record, besides those of its line.
    std::vector<std::pair<std::string, std::string>> fixed_headers;

    /// --property name=value of the console producer; false when the name is unknown.
    bool set_property(std::string_view name, std::string_view value);
    /// Which two of the separators cannot be told apart; empty: all can.
    [[nodiscard]] std::string conflict() const;
};

/// One line as a record. Owns what the record's headers point to.
class line_record {
  public:
    /// Empty when all is well, else what is wrong. `line` and `topic` must live as long as the
    /// record is used.
    std::string parse(std::string_view line, const line_rules& rules, std::string_view topic);

    /// Views; good until the next parse().
    client::outgoing_record record;

  private:
    std::string add_headers(std::string_view text, const line_rules& rules);
    std::string add_header(std::string_view text, const line_rules& rules);

    /// A header without a value is not one with an empty value.
    std::vector<std::pair<std::string, std::optional<std::string>>> texts_;
    std::vector<client::record_header> headers_;
};

} // namespace logboom::cli
