// What a server shows of itself over TLS: its certificate and key, read once at start. Shared by
// its connections.
#pragma once

#include "base/result.h"

#include <memory>
#include <string>

namespace logboom::net {

struct tls_files {
    /// A PKCS#12 file and its password; else certificate (with its chain) and key as PEM.
    std::string keystore;
    std::string keystore_password;
    std::string certificate;
    std::string key;
    /// Which versions clients may speak; older ones never.
    bool has_tls_1_2 = true;
    bool has_tls_1_3 = true;
};

class tls_context;

/// The error names the file and says what is wrong with it.
result<std::shared_ptr<tls_context>> load_tls(const tls_files& from);

} // namespace logboom::net
