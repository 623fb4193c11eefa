// Accepting clients, the limits on their number, and ending those that idle or stall.
#include "buffer/broker/net/listeners.h"

#include "base/assertion.h"
#include "base/metric_list.h"
#include "buffer/broker/core/errc.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

namespace logboom::broker {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

/// Large enough for most frames to arrive whole, small enough to stay in the second-level cache.
constexpr std::size_t scratch_size = 256 << 10;
constexpr auto sweep_pause = std::chrono::seconds(1);
constexpr auto finish_pause = std::chrono::milliseconds(5);

/// An IPv4 client of a dual-stack socket is shown as what it is.
std::string host_text(const asio::ip::address& address) {
    if (address.is_v6() && address.to_v6().is_v4_mapped()) {
        return asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6()).to_string();
    }
    return address.to_string();
}

/// Whether this machine only does not have the address: without IPv6, say.
bool is_absent(const error_code& code) {
    return code == asio::error::address_family_not_supported ||
           code == boost::system::errc::address_not_available;
}

std::vector<std::optional<histogram>>
duration_series(const handler_table& handlers, metrics& counters) {
    std::vector<std::optional<histogram>> out;
    for (const auto& [key, each] : handlers.entries()) {
        LB_ASSERT(key >= 0);
        out.resize(std::max(out.size(), static_cast<std::size_t>(key) + 1));
        out[static_cast<std::size_t>(key)].emplace(
            counters,
            declared("logboom_broker_request_duration_seconds"),
            label_values{std::string(each.spec.name)}
        );
    }
    return out;
}

} // namespace

listeners::listening::listening(listeners& owner, const listener_config& of)
    : config(of)
    , socket(
          owner.with_.loop.io(),
          // max.connections counts those of all listeners, and refuses instead of letting wait.
          std::numeric_limits<std::size_t>::max(),
          [&owner, this](tcp::socket client) { owner.take(*this, std::move(client)); },
          [&owner, this](const error_code& code) { owner.warn_of_failure(config, code); }
      ) {}

listeners::listeners(services with)
    : with_(std::move(with)),
      budget_(with_.config.queued_max_request_bytes),
      grumbles_(with_.time, with_.messages),
      scratch_(std::make_unique_for_overwrite<std::byte[]>(scratch_size)),
      shared_{
          .handlers = with_.handlers,
          .budget = budget_,
          .grumbles = grumbles_,
          .time = with_.time,
          .messages = with_.messages,
          .scratch = {scratch_.get(), scratch_size},
          .limits = {},
          .requests = counter(with_.counters, declared("logboom_broker_requests_total")),
          .refused = counter(with_.counters, declared("logboom_broker_connections_refused_total")),
          .received_bytes = counter(with_.counters, declared("logboom_broker_received_bytes_total")),
          .sent_bytes = counter(with_.counters, declared("logboom_broker_sent_bytes_total")),
          .durations = duration_series(with_.handlers, with_.counters),
          .on_closed = [this](const connection& gone) { forget(gone); },
      },
      open_connections_(with_.counters, declared("logboom_broker_connections")),
      accept_failures_(with_.counters, declared("logboom_broker_accept_failures_total")) {
    shared_.limits.frame_size_max = static_cast<std::size_t>(with_.config.socket_request_max_bytes);
}

listeners::~listeners() {
    close_all();
}

result<void> listeners::open() {
    for (const listener_config& each : with_.config.listeners) {
        LB_CHECK(open_one(each));
    }
    sweep_timer_ = with_.loop.call_after(sweep_pause, [this] { sweep(); });
    return {};
}

result<void> listeners::open_one(const listener_config& config) {
    const std::string name = fmt::format("{}://{}:{}", config.name, config.host, config.port);
    const auto port = static_cast<asio::ip::port_type>(config.port);
    error_code code;
    std::vector<tcp::endpoint> endpoints;
    if (config.host.empty()) {
        endpoints = {{tcp::v6(), port}, {tcp::v4(), port}};
    } else {
        // All that the name stands for: a client of "localhost" may try ::1 or 127.0.0.1 first.
        tcp::resolver resolver(with_.loop.io());
        for (const auto& each :
             resolver.resolve(config.host, std::to_string(port), tcp::resolver::passive, code)) {
            endpoints.push_back(each.endpoint());
        }
        std::ranges::sort(endpoints);
        endpoints.erase(std::ranges::unique(endpoints).begin(), endpoints.end());
    }
    const std::size_t before = listening_.size();
    for (tcp::endpoint& each : endpoints) {
        if (listening_.size() > before) {
            if (each.address().is_unspecified()) {
                break; // the socket for IPv6 takes IPv4 as well
            }
            each.port(listening_.back()->socket.port());
        }
        code = open_at(each, config);
        if (code && !is_absent(code)) {
            break;
        }
    }
    if (listening_.size() == before || (code && !is_absent(code))) {
        return error(errc::cannot_listen, name + " (" + code.message() + ")");
    }
    ports_.push_back(listening_.back()->socket.port());
    return {};
}

error_code listeners::open_at(const tcp::endpoint& endpoint, const listener_config& config) {
    auto made = std::make_unique<listening>(*this, config);
    if (const error_code code = made->socket.open_at(endpoint)) {
        return code;
    }
    with_.messages.info(
        "Listening for Kafka clients. listener={} address={} port={}",
        config.name,
        endpoint.address().to_string(),
        made->socket.port()
    );
    listening_.push_back(std::move(made));
    return {};
}

void listeners::warn_of_failure(const listener_config& on, const error_code& code) {
    accept_failures_.add();
    grumbles_.warn(on.name, "A connection cannot be accepted. error=" + code.message());
}

void listeners::take(listening& from, tcp::socket socket) {
    error_code code;
    const tcp::endpoint peer = socket.remote_endpoint(code);
    const tcp::endpoint local = socket.local_endpoint(code);
    if (code) {
        from.socket.release();
        return;
    }
    client_info client;
    client.host = host_text(peer.address());
    client.port = peer.port();
    client.name = fmt::format("{}:{}", client.host, client.port);
    const listener_config& config = from.config;
    client.advertised.host =
        config.advertised_host.empty() ? host_text(local.address()) : config.advertised_host;
    client.advertised.port =
        config.advertised_port == 0 ? from.socket.port() : config.advertised_port;
    if (!has_room(client.host)) {
        from.socket.release();
        return;
    }
    configure(socket);
    auto made = std::make_shared<connection>(shared_, std::move(socket), std::move(client));
    ++per_host_[made->client().host];
    connections_.emplace(made.get(), open_connection{made, from});
    open_connections_.set(static_cast<std::int64_t>(connections_.size()));
    made->start();
}

bool listeners::has_room(const std::string& host) {
    const auto mine = per_host_.find(host);
    const std::int32_t from_host = mine == per_host_.end() ? 0 : mine->second;
    const bool all = static_cast<std::int64_t>(connections_.size()) >= with_.config.max_connections;
    if (!all && from_host < with_.config.max_connections_per_ip) {
        return true;
    }
    shared_.refused.add();
    grumbles_.warn(
        host,
        fmt::format(
            "Refused a connection: {} is reached. client={}",
            all ? "max.connections" : "max.connections.per.ip",
            host
        )
    );
    return false;
}

void listeners::configure(tcp::socket& socket) const {
    error_code ignored;
    if (with_.config.socket_send_buffer_bytes > 0) {
        socket.set_option(
            asio::socket_base::send_buffer_size(with_.config.socket_send_buffer_bytes), ignored
        );
    }
    if (with_.config.socket_receive_buffer_bytes > 0) {
        socket.set_option(
            asio::socket_base::receive_buffer_size(with_.config.socket_receive_buffer_bytes),
            ignored
        );
    }
    socket.set_option(asio::socket_base::keep_alive(true), ignored);
}

void listeners::forget(const connection& gone) {
    if (const auto host = per_host_.find(gone.client().host);
        host != per_host_.end() && --host->second == 0) {
        per_host_.erase(host);
    }
    const auto found = connections_.find(&gone);
    if (found != connections_.end()) {
        found->second.from.socket.release();
        connections_.erase(found);
    }
    open_connections_.set(static_cast<std::int64_t>(connections_.size()));
}

void listeners::sweep() {
    const auto now = with_.time.steady();
    std::vector<std::pair<std::shared_ptr<connection>, const char*>> doomed;
    for (const auto& [key, held] : connections_) {
        const auto& each = held.self;
        const auto began = each->frame_began();
        if (began && now - *began > with_.config.frame_timeout) {
            doomed.emplace_back(each, "a request did not arrive whole in time");
        } else if (with_.config.connections_max_idle.count() >= 0 && each->is_idle() &&
                   now - each->last_activity() > with_.config.connections_max_idle) {
            doomed.emplace_back(each, "it was idle for connections.max.idle.ms");
        }
    }
    for (const auto& [each, reason] : doomed) {
        each->close(reason);
    }
    sweep_timer_ = with_.loop.call_after(sweep_pause, [this] { sweep(); });
}

void listeners::finish(std::chrono::nanoseconds patience, std::function<void()> done) {
    for (const auto& each : listening_) {
        each->socket.close();
    }
    sweep_timer_.reset();
    finished_ = std::move(done);
    const auto all = connections_;
    for (const auto& [key, each] : all) {
        each.self->finish();
    }
    poll_finished(with_.time.steady() + patience);
}

void listeners::poll_finished(clock::duration deadline) {
    if (connections_.empty() || with_.time.steady() >= deadline) {
        close_all();
        std::exchange(finished_, nullptr)();
        return;
    }
    finish_timer_ =
        with_.loop.call_after(finish_pause, [this, deadline] { poll_finished(deadline); });
}

void listeners::close_all() {
    const auto all = connections_;
    for (const auto& [key, each] : all) {
        each.self->close("the broker is stopping");
    }
}

} // namespace logboom::broker
