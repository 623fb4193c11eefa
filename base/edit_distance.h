// How far apart two words are: for "did you mean" and for names that were misspelled.
#pragma once

#include <cstddef>
#include <string_view>

namespace logboom {

/// How many letters have to be put in, left out or replaced.
std::size_t edit_distance(std::string_view left, std::string_view right);

} // namespace logboom
