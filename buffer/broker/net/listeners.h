// The network side of a broker: accepts connections, holds them, ends those that are idle or do not
// finish what they begin, and keeps the number of them in bounds. Owned by the server; on the loop.
#pragma once

#include "buffer/broker/config/broker_config.h"
#include "buffer/broker/net/connection.h"
#include "net/asio_loop.h"
#include "net/listener.h"

#include <boost/asio/ip/tcp.hpp>

#include <unordered_map>

namespace logboom::broker {

class listeners {
  public:
    struct services {
        net::asio_loop& loop;
        const broker_config& config;
        const handler_table& handlers;
        const clock& time;
        metrics& counters;
        logger messages;
    };

    explicit listeners(services with);
    ~listeners();

    /// Binds and begins to accept. Errors: cannot_listen.
    result<void> open();
    [[nodiscard]] const std::vector<std::int32_t>& ports() const noexcept { return ports_; }
    /// Takes no more connections and requests; `done` when the answers that are owed have left or
    /// `patience` is over.
    void finish(std::chrono::nanoseconds patience, std::function<void()> done);
    void close_all();

  private:
    using tcp = boost::asio::ip::tcp;
    /// One of the addresses of a configured listener.
    struct listening {
        listening(listeners& owner, const listener_config& of);

        const listener_config& config;
        net::listener socket;
    };
    struct open_connection {
        std::shared_ptr<connection> self;
        listening& from;
    };

    result<void> open_one(const listener_config& config);
    boost::system::error_code open_at(const tcp::endpoint& endpoint, const listener_config& config);
    void take(listening& from, tcp::socket socket);
    [[nodiscard]] bool has_room(const std::string& host);
    void warn_of_failure(const listener_config& on, const boost::system::error_code& code);
    void configure(tcp::socket& socket) const;
    void sweep();
    void poll_finished(clock::duration deadline);
    void forget(const connection& gone);

    services with_;
    memory_budget budget_;
    complaints grumbles_;
    std::unique_ptr<std::byte[]> scratch_;
    connection_context shared_;
    std::vector<std::unique_ptr<listening>> listening_;
    std::vector<std::int32_t> ports_;
    std::unordered_map<const connection*, open_connection> connections_;
    std::unordered_map<std::string, std::int32_t> per_host_;
    std::unique_ptr<net::loop_timer> sweep_timer_;
    std::unique_ptr<net::loop_timer> finish_timer_;
    std::function<void()> finished_;
    gauge open_connections_;
    counter accept_failures_;
};

} // namespace logboom::broker
