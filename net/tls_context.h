// The inside of a tls_context, for transport.cc: OpenSSL's headers stay out of tls.h.
#pragma once

#include "net/tls.h"

#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>

namespace logboom::net {

class tls_context {
  public:
    tls_context() : context_(boost::asio::ssl::context::tls_server) {}
    [[nodiscard]] boost::asio::ssl::context& context() noexcept { return context_; }

  private:
    boost::asio::ssl::context context_;
};

} // namespace logboom::net
