// Java's .properties syntax, as java.util.Properties reads it: comments with # and !, key and value
// parted by '=', ':' or white space, lines continued with a backslash, \t \n \r \f \uXXXX and \x
// for any other x. Pure text to entries; knows no keys.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace logboom::broker {

struct property {
    std::string key;
    std::string value;
    /// Counted from 1; where the entry begins.
    int line = 0;
};

/// In written order; keys may repeat (the last one counts in Java).
std::vector<property> parse_properties(std::string_view text);

} // namespace logboom::broker
