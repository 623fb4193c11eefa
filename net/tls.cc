#include "net/tls.h"

#include "net/errc.h"
#include "net/tls_context.h"

#include <openssl/err.h>
#include <openssl/pkcs12.h>

#include <cstdio>

namespace logboom::net {
namespace {

using certificate_handle = std::unique_ptr<X509, decltype(&X509_free)>;
using key_handle = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;

void free_chain(STACK_OF(X509) * chain) {
    sk_X509_pop_free(chain, X509_free);
}

result<void> can_be_opened(const std::string& path) {
    std::FILE* const file = std::fopen(path.c_str(), "rbe");
    if (file == nullptr) {
        return last_os_error(path);
    }
    std::fclose(file);
    return {};
}

result<void> use_keystore(SSL_CTX* into, const tls_files& from) {
    LB_CHECK(can_be_opened(from.keystore));
    const std::unique_ptr<BIO, decltype(&BIO_free)> file(
        BIO_new_file(from.keystore.c_str(), "rb"), BIO_free
    );
    const std::unique_ptr<PKCS12, decltype(&PKCS12_free)> store(
        file == nullptr ? nullptr : d2i_PKCS12_bio(file.get(), nullptr), PKCS12_free
    );
    if (store == nullptr) {
        return error(errc::no_keystore, from.keystore);
    }
    EVP_PKEY* raw_key = nullptr;
    X509* raw_certificate = nullptr;
    STACK_OF(X509)* raw_chain = nullptr;
    const char* const password = from.keystore_password.c_str();
    if (PKCS12_parse(store.get(), password, &raw_key, &raw_certificate, &raw_chain) != 1) {
        return error(errc::wrong_password, from.keystore);
    }
    const key_handle key(raw_key, EVP_PKEY_free);
    const certificate_handle certificate(raw_certificate, X509_free);
    const std::unique_ptr<STACK_OF(X509), decltype(&free_chain)> chain(raw_chain, free_chain);
    if (key == nullptr || certificate == nullptr) {
        return error(errc::no_private_key, from.keystore);
    }
    if (SSL_CTX_use_certificate(into, certificate.get()) != 1 ||
        SSL_CTX_use_PrivateKey(into, key.get()) != 1 ||
        (chain != nullptr && SSL_CTX_set1_chain(into, chain.get()) != 1)) {
        return error(errc::bad_certificate, from.keystore);
    }
    return {};
}

result<void> use_pem(SSL_CTX* into, const tls_files& from) {
    LB_CHECK(can_be_opened(from.certificate));
    LB_CHECK(can_be_opened(from.key));
    if (SSL_CTX_use_certificate_chain_file(into, from.certificate.c_str()) != 1) {
        return error(errc::bad_certificate, from.certificate);
    }
    if (SSL_CTX_use_PrivateKey_file(into, from.key.c_str(), SSL_FILETYPE_PEM) != 1) {
        return error(errc::bad_key, from.key);
    }
    return {};
}

} // namespace

result<std::shared_ptr<tls_context>> load_tls(const tls_files& from) {
    auto made = std::make_shared<tls_context>();
    SSL_CTX* const native = made->context().native_handle();
    SSL_CTX_set_min_proto_version(native, from.has_tls_1_2 ? TLS1_2_VERSION : TLS1_3_VERSION);
    SSL_CTX_set_max_proto_version(native, from.has_tls_1_3 ? TLS1_3_VERSION : TLS1_2_VERSION);
    const auto used = from.keystore.empty() ? use_pem(native, from) : use_keystore(native, from);
    // OpenSSL keeps what went wrong for whoever looks next on this thread.
    ERR_clear_error();
    if (used.has_error()) {
        return used.error();
    }
    return made;
}

} // namespace logboom::net
