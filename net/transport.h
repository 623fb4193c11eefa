// A connection's bytes, whether they go in the clear or through TLS: what a server speaks its
// protocol over. Lives on its loop's thread. One read and one write may be under way at a time;
// buffers stay with the caller until `done` has been called. Destroying a transport, or close(),
// ends what is under way with an error.
#pragma once

#include "base/bytes.h"
#include "net/tls.h"

#include <boost/asio/ip/tcp.hpp>

#include <functional>
#include <memory>

namespace logboom::net {

class transport {
  public:
    using done = std::function<void(boost::system::error_code code, std::size_t size)>;

    virtual ~transport() = default;
    /// Before anything else is read or written; done at once in the clear.
    virtual void handshake(done call) = 0;
    /// At least one byte, or an error.
    virtual void read_some(mutable_bytes into, done call) = 0;
    /// All of it, or an error.
    virtual void write(bytes_view from, done call) = 0;
    /// Tells the other side that no more comes. What it still sends may be read.
    virtual void finish(done call) = 0;
    virtual void close() = 0;
};

/// In the clear when `tls` is null.
std::unique_ptr<transport>
make_transport(boost::asio::ip::tcp::socket socket, std::shared_ptr<tls_context> tls);

} // namespace logboom::net
