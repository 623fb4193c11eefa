// Events and values as JSON, the way Elasticsearch gets them: one pass, appended to the caller's
// buffer. Whatever the strings hold, the output is valid UTF-8 and valid JSON: a byte that is no
// UTF-8 becomes U+FFFD. Timestamps are ISO 8601, floats the shortest text that reads back the same
// (1.0 stays a float), not-a-number and infinities are strings as Logstash writes them.
#pragma once

#include "event/event.h"

#include <string>
#include <string_view>

namespace logboom {

/// All fields but @metadata, as one object.
void append_json(const event& from, std::string& out);
void append_json(const value& from, std::string& out);
void append_json(const value_map& from, std::string& out);
/// With its quotes.
void append_json_string(std::string_view text, std::string& out);

} // namespace logboom
