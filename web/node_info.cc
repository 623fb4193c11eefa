#include "web/node_info.h"

#include <fmt/format.h>
#include <openssl/sha.h>

#include <array>

namespace logboom::web {

std::string config_hash(std::string_view config) {
    std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
    // Of bytes as they are: the library's own type for them.
    SHA256(reinterpret_cast<const unsigned char*>(config.data()), config.size(), digest.data());
    return fmt::format("{:02x}", fmt::join(digest, ""));
}

} // namespace logboom::web
