#include "buffer/broker/net/wrong_protocol.h"

namespace logboom::broker {

const char* guess_protocol(std::string_view first_bytes) noexcept {
    for (const std::string_view each :
         {"GET ", "POST", "PUT ", "HEAD", "DELE", "OPTI", "PATC", "CONN", "TRAC", "PRI "}) {
        if (first_bytes.starts_with(each)) {
            return "HTTP";
        }
    }
    constexpr std::string_view tls_handshake("\x16\x03", 2);
    if (first_bytes.starts_with(tls_handshake)) {
        return "TLS (an SSL client on a PLAINTEXT listener)";
    }
    return first_bytes.starts_with("SSH-") ? "SSH" : nullptr;
}

} // namespace logboom::broker
