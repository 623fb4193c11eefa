// A value as text, in the three manners Logstash has: Java's (sprintf and the JSON of floats),
// Ruby's (mutate convert => string, rubydebug) and Java's toString() of whole collections (codec
// plain's default line). They differ for floats and collections only.
#pragma once

#include "event/value.h"

#include <string>

namespace logboom {

void append_integer(std::int64_t number, std::string& out);
/// Shortest that reads back the same: "1.0", "1.0E-5", "1.2345678E7".
void append_java_float(double number, std::string& out);
/// Shortest that reads back the same: "1.0", "1.0e-05", "12345678.0", "1.0e+16".
void append_ruby_float(double number, std::string& out);

/// append_java_float or append_ruby_float of a float, the digits of one that is_unsigned().
void append_java_real(const value& from, std::string& out);
void append_ruby_real(const value& from, std::string& out);

/// Java's toString(): arrays "[a, b]", maps "{k=v}", nil "null" (inside a collection).
void append_java_text(const value& from, std::string& out);
/// Ruby's to_s of a scalar (nil is ""); arrays and maps as inspect prints them.
void append_ruby_text(const value& from, std::string& out);
/// Ruby's inspect: strings quoted, `["a", 1]`, `{"k"=>"v"}`, nil.
void append_ruby_value_inspect(const value& from, std::string& out);

} // namespace logboom
