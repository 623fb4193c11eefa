// Why a request got no answer; the sentences are for logs. An HTTP status is not an error here.
#pragma once

#include "base/result.h"

namespace logboom::http {

enum class errc {
    cannot_connect = 1,
    timed_out,
    closed_without_answer,
    tls_failed,
    answer_too_large,
    cancelled,
    bad_url,
    failed,
};

inline const char* describe(errc value) {
    switch (value) {
    case errc::cannot_connect:
        return "the server cannot be reached";
    case errc::timed_out:
        return "the server did not answer in time";
    case errc::closed_without_answer:
        return "the server closed the connection without an answer";
    case errc::tls_failed:
        return "the TLS handshake failed; check certificates and CA";
    case errc::answer_too_large:
        return "the answer is larger than the limit";
    case errc::cancelled:
        return "the request was given up";
    case errc::bad_url:
        return "this is no URL that can be used";
    case errc::failed:
        return "the request failed";
    }
    return "unknown";
}
LB_ERROR_ENUM(errc, "http")

} // namespace logboom::http

template <>
struct std::is_error_code_enum<logboom::http::errc> : std::true_type {};
