// A regular expression for whole topic names, as Kafka's tools take them (--include,
// --topic-partitions).
#pragma once

#include "base/regex.h"
#include "base/result.h"

#include <string>
#include <string_view>

namespace logboom::client {

/// Immutable and thread-safe once made.
class topic_pattern {
  public:
    /// Fails with regex_errc::bad_pattern and the engine's word on what is wrong.
    static result<topic_pattern> parse(std::string_view text);

    /// False, too, for a pattern that backtracks without end.
    [[nodiscard]] bool matches(std::string_view topic) const;

  private:
    explicit topic_pattern(regex whole);
    regex whole_;
};

/// The expression of a list, in which commas separate alternatives (Kafka's IncludeList).
std::string include_list(std::string_view text);

} // namespace logboom::client
