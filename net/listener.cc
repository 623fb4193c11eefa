#include "net/listener.h"

#include "base/assertion.h"

#include <boost/asio/ip/v6_only.hpp>

#include <charconv>
#include <utility>

namespace logboom::net {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

/// Until there may be descriptors and memory again (EMFILE, ENFILE, ENOBUFS).
constexpr std::chrono::milliseconds accept_pause{50};

} // namespace

std::optional<port_range> parse_port_range(std::string_view text) {
    const char* const end = text.data() + text.size();
    port_range out;
    const auto [first_end, first_code] = std::from_chars(text.data(), end, out.first);
    if (first_code != std::errc{}) {
        return std::nullopt;
    }
    out.last = out.first;
    if (first_end == end) {
        return out;
    }
    if (*first_end != '-') {
        return std::nullopt;
    }
    const auto [last_end, last_code] = std::from_chars(first_end + 1, end, out.last);
    if (last_code != std::errc{} || last_end != end || out.last < out.first) {
        return std::nullopt;
    }
    return out;
}

listener::listener(
    asio::io_context& io, std::size_t connections_max, taker on_client, failure_call on_failure
)
    : acceptor_(io)
    , pause_(io)
    , connections_max_(connections_max)
    , on_client_(std::move(on_client))
    , on_failure_(std::move(on_failure)) {
    LB_ASSERT(connections_max_ > 0);
}

boost::system::error_code listener::open_at(const tcp::endpoint& address) {
    LB_ASSERT(!acceptor_.is_open());
    boost::system::error_code code;
    acceptor_.open(address.protocol(), code);
    if (!code && address.protocol() == tcp::v6()) {
        acceptor_.set_option(asio::ip::v6_only(!address.address().is_unspecified()), code);
    }
    if (!code) {
        acceptor_.set_option(tcp::acceptor::reuse_address(true), code);
        acceptor_.bind(address, code);
    }
    if (!code) {
        acceptor_.listen(tcp::acceptor::max_listen_connections, code);
    }
    if (!code) {
        port_ = acceptor_.local_endpoint().port();
        accept();
    } else {
        boost::system::error_code ignored;
        acceptor_.close(ignored);
    }
    return code;
}

result<void> listener::open(const std::string& host, port_range ports) {
    boost::system::error_code code;
    tcp::resolver resolver(acceptor_.get_executor());
    const auto found = resolver.resolve(host, "", tcp::resolver::passive, code);
    if (code) {
        return error(code, "address " + host);
    }
    auto address = found.begin()->endpoint().address();
    for (const auto& each : found) {
        // "localhost" is 127.0.0.1 for who asks, where it is ::1 as well.
        if (each.endpoint().protocol() == tcp::v4()) {
            address = each.endpoint().address();
            break;
        }
    }
    for (unsigned port = ports.first; port <= ports.last; ++port) {
        code = open_at({address, static_cast<std::uint16_t>(port)});
        if (!code) {
            return {};
        }
    }
    std::string where = host + ":" + std::to_string(ports.first);
    if (ports.last != ports.first) {
        where += "-" + std::to_string(ports.last);
    }
    return error(code, where);
}

void listener::close() {
    boost::system::error_code ignored;
    acceptor_.close(ignored);
    pause_.cancel();
}

void listener::accept() {
    acceptor_.async_accept([this](boost::system::error_code code, tcp::socket socket) {
        // close() may come between the accept and this.
        if (code == asio::error::operation_aborted || !acceptor_.is_open()) {
            return;
        }
        if (code) {
            if (on_failure_) {
                on_failure_(code);
            }
            return pause();
        }
        ++open_count_;
        is_full_ = open_count_ >= connections_max_;
        on_client_(std::move(socket));
        if (!is_full_) {
            accept();
        }
    });
}

void listener::pause() {
    pause_.expires_after(accept_pause);
    pause_.async_wait([this](boost::system::error_code code) {
        if (!code && acceptor_.is_open()) {
            accept();
        }
    });
}

void listener::release() {
    LB_ASSERT(open_count_ > 0);
    --open_count_;
    if (std::exchange(is_full_, false) && acceptor_.is_open()) {
        accept();
    }
}

} // namespace logboom::net
