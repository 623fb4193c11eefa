// What the first bytes on a port say when they are no Kafka request: for a log line that helps.
#pragma once

#include <string_view>

namespace logboom::broker {

/// "HTTP", "TLS" or "SSH", or nullptr when nothing is recognised.
const char* guess_protocol(std::string_view first_bytes) noexcept;

} // namespace logboom::broker
