#include "net/transport.h"

#include "net/tls_context.h"

#include <boost/asio/write.hpp>

namespace logboom::net {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

asio::mutable_buffer buffer_of(mutable_bytes from) {
    return {from.data(), from.size()};
}
asio::const_buffer buffer_of(bytes_view from) {
    return {from.data(), from.size()};
}

void close_socket(tcp::socket& socket) {
    boost::system::error_code ignored;
    socket.close(ignored);
}

class plain_transport final : public transport {
  public:
    explicit plain_transport(tcp::socket socket) : socket_(std::move(socket)) {}

    void handshake(done call) override { call({}, 0); }
    void read_some(mutable_bytes into, done call) override {
        socket_.async_read_some(buffer_of(into), std::move(call));
    }
    void write(bytes_view from, done call) override {
        asio::async_write(socket_, buffer_of(from), std::move(call));
    }
    void finish(done call) override {
        boost::system::error_code code;
        socket_.shutdown(tcp::socket::shutdown_send, code);
        call(code, 0);
    }
    void close() override { close_socket(socket_); }

  private:
    tcp::socket socket_;
};

class tls_transport final : public transport {
  public:
    tls_transport(tcp::socket socket, std::shared_ptr<tls_context> tls)
        : tls_(std::move(tls)), stream_(std::move(socket), tls_->context()) {}

    void handshake(done call) override {
        stream_.async_handshake(
            asio::ssl::stream_base::server,
            [call = std::move(call)](boost::system::error_code code) { call(code, 0); }
        );
    }
    void read_some(mutable_bytes into, done call) override {
        stream_.async_read_some(buffer_of(into), std::move(call));
    }
    void write(bytes_view from, done call) override {
        asio::async_write(stream_, buffer_of(from), std::move(call));
    }
    void finish(done call) override {
        stream_.async_shutdown([call = std::move(call)](boost::system::error_code code) {
            call(code, 0);
        });
    }
    void close() override { close_socket(stream_.next_layer()); }

  private:
    /// The stream refers to it.
    std::shared_ptr<tls_context> tls_;
    asio::ssl::stream<tcp::socket> stream_;
};

} // namespace

std::unique_ptr<transport> make_transport(tcp::socket socket, std::shared_ptr<tls_context> tls) {
    if (tls == nullptr) {
        return std::make_unique<plain_transport>(std::move(socket));
    }
    return std::make_unique<tls_transport>(std::move(socket), std::move(tls));
}

} // namespace logboom::net
