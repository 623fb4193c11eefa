// What can be wrong with a certificate and its key.
#pragma once

#include "base/result.h"

namespace logboom::net {

enum class errc {
    no_keystore = 1,
    wrong_password,
    no_private_key,
    bad_certificate,
    bad_key,
};

inline const char* describe(errc value) {
    switch (value) {
    case errc::no_keystore:
        return "this is no PKCS#12 keystore; keytool -importkeystore -deststoretype PKCS12 makes "
               "one of a JKS keystore";
    case errc::wrong_password:
        return "the keystore's password is wrong";
    case errc::no_private_key:
        return "the keystore holds no private key with its certificate";
    case errc::bad_certificate:
        return "this is no certificate in PEM form";
    case errc::bad_key:
        break;
    }
    return "this is not the certificate's private key in PEM form";
}
LB_ERROR_ENUM(errc, "tls")

} // namespace logboom::net

template <>
struct std::is_error_code_enum<logboom::net::errc> : std::true_type {};
