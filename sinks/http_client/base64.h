// Base64 (RFC 4648 §4), for Authorization headers and cloud ids.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace logboom::http {

std::string base64_encode(std::string_view text);
/// nullopt when `text` is not base64; padding may be missing.
std::optional<std::string> base64_decode(std::string_view text);

} // namespace logboom::http
