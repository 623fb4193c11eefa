// Listens on one address, hands out the connections that come and counts them; those above the
// limit wait in the kernel's queue. When descriptors or memory run out it pauses and tries again.
// Lives on its loop's thread, except for open() before the loop runs.
#pragma once

#include "base/result.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace logboom::net {

/// The first free port of a range is taken; 0 is any free port.
struct port_range {
    std::uint16_t first = 0;
    std::uint16_t last = 0;
};

/// "9600" or "9600-9700".
std::optional<port_range> parse_port_range(std::string_view text);

class listener {
  public:
    using taker = std::function<void(boost::asio::ip::tcp::socket)>;
    using failure_call = std::function<void(const boost::system::error_code&)>;

    /// `on_client` is called on the loop, and owes a release() for each connection. `on_failure`
    /// hears why one could not be accepted.
    listener(
        boost::asio::io_context& io,
        std::size_t connections_max,
        taker on_client,
        failure_call on_failure = {}
    );

    /// `host` may be a name; one of its addresses is taken. The error names address and ports.
    result<void> open(const std::string& host, port_range ports);
    /// At one address. The unspecified one of IPv6 takes IPv4 as well.
    boost::system::error_code open_at(const boost::asio::ip::tcp::endpoint& address);
    void close();
    /// A connection that was handed out is gone.
    void release();

    /// 0 before open().
    [[nodiscard]] std::uint16_t port() const noexcept { return port_; }
    /// Connections that were handed out and are not released.
    [[nodiscard]] std::size_t open_count() const noexcept { return open_count_; }

  private:
    void accept();
    void pause();

    boost::asio::ip::tcp::acceptor acceptor_;
    boost::asio::steady_timer pause_;
    const std::size_t connections_max_;
    taker on_client_;
    failure_call on_failure_;
    std::uint16_t port_ = 0;
    std::size_t open_count_ = 0;
    /// No accept is under way because there are as many connections as may be.
    bool is_full_ = false;
};

} // namespace logboom::net
