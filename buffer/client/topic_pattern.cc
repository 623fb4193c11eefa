#include "buffer/client/topic_pattern.h"

#include <algorithm>
#include <utility>

namespace logboom::client {

topic_pattern::topic_pattern(regex whole) : whole_(std::move(whole)) {}

result<topic_pattern> topic_pattern::parse(std::string_view text) {
    // By itself first: what is wrong with it shall not be made right by the brackets around it.
    LB_CHECK(regex::compile(text));
    LB_TRY(regex whole, regex::compile("\\A(?:" + std::string(text) + ")\\z"));
    return topic_pattern(std::move(whole));
}

bool topic_pattern::matches(std::string_view topic) const {
    return whole_.search(topic) == regex_outcome::matched;
}

std::string include_list(std::string_view text) {
    std::string alternatives(text);
    std::replace(alternatives.begin(), alternatives.end(), ',', '|');
    return alternatives;
}

} // namespace logboom::client
