// Upper case, lower case and capitals for UTF-8, as Ruby's String methods do it: all of Unicode's
// simple mappings, and the German sharp s, which becomes two letters. Bytes that are no UTF-8 stay.
#pragma once

#include <string>
#include <string_view>

namespace logboom {

enum class letter_case { upper, lower, capital };

void append_in_case(std::string_view text, letter_case to, std::string& out);

} // namespace logboom
