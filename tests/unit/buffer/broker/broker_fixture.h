// A broker on port 0 with its log in a temporary directory, and a client that speaks frames over a
// blocking socket: for tests of what a Kafka client sees.
#pragma once

#include "base/env.h"
#include "buffer/broker/config/server_properties.h"
#include "buffer/broker/server.h"
#include "codecs/kafka/frame_header.h"
#include "codecs/kafka/messages/00_produce.h"
#include "codecs/kafka/messages/01_fetch.h"
#include "codecs/kafka/messages/03_metadata.h"
#include "codecs/kafka/record_batch_builder.h"

#include <doctest/doctest.h>

#include <arpa/inet.h>
#include <cstdlib>
#include <netinet/in.h>
#include <optional>
#include <sys/socket.h>
#include <sys/time.h>
#include <thread>
#include <unistd.h>

namespace logboom::broker {

class temporary_directory {
  public:
    temporary_directory() {
        char name[] = "/tmp/logboom-broker-test-XXXXXX";
        REQUIRE(::mkdtemp(name) != nullptr);
        path_ = name;
    }
    ~temporary_directory() { static_cast<void>(make_posix_env()->remove_tree(path_)); }
    temporary_directory(const temporary_directory&) = delete;
    temporary_directory& operator=(const temporary_directory&) = delete;
    [[nodiscard]] const std::string& path() const { return path_; }

  private:
    std::string path_;
};

/// Blocking; every wait ends after five seconds.
class test_client {
  public:
    explicit test_client(std::int32_t port) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
        sockaddr_in to{};
        to.sin_family = AF_INET;
        to.sin_port = htons(static_cast<std::uint16_t>(port));
        to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        const timeval patience{5, 0};
        ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
        REQUIRE(::connect(socket_, reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0);
    }
    ~test_client() { ::close(socket_); }
    test_client(const test_client&) = delete;
    test_client& operator=(const test_client&) = delete;

    void send_raw(std::string_view bytes) {
        while (!bytes.empty()) {
            const ssize_t sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (sent <= 0) {
                return;
            }
            bytes.remove_prefix(static_cast<std::size_t>(sent));
        }
    }
    template <class Api>
    std::int32_t send(std::int16_t version, const typename Api::request& body) {
        const kafka::request_header header{
            Api::spec.key, api_version(version), ++correlation_, "test"};
        send_raw(kafka::encode_request_frame<Api>(header, body));
        return correlation_;
    }
    /// The next frame without its size; nothing when the connection ended or nothing came.
    std::optional<std::string> receive() {
        std::string size(4, '\0');
        if (!read_exactly(size)) {
            return std::nullopt;
        }
        std::string frame(
            kafka::load_big_endian<std::uint32_t>(reinterpret_cast<const std::byte*>(size.data())),
            '\0'
        );
        return read_exactly(frame) ? std::optional(frame) : std::nullopt;
    }
    /// Views in the answer point to a frame that the client keeps until the next call.
    template <class Api>
    typename Api::response receive_as(std::int16_t version, std::int32_t correlation) {
        auto frame = receive();
        REQUIRE(frame.has_value());
        frame_ = *std::move(frame);
        kafka::wire_reader from(as_bytes(frame_));
        CHECK(from.integer<std::int32_t>() == correlation);
        const auto in = kafka::context_of<Api>(api_version(version));
        if (in.flexible && Api::spec.key != 18) {
            from.skip_tagged_fields();
        }
        typename Api::response body;
        kafka::decode(from, in, body);
        CHECK(from.finish().has_value());
        return body;
    }
    template <class Api>
    typename Api::response call(std::int16_t version, const typename Api::request& body) {
        const std::int32_t correlation = send<Api>(version, body);
        return receive_as<Api>(version, correlation);
    }
    /// The broker has closed the connection.
    bool is_closed() {
        char byte = 0;
        return ::recv(socket_, &byte, 1, 0) == 0 || errno == ECONNRESET;
    }

  private:
    bool read_exactly(std::string& into) {
        std::size_t have = 0;
        while (have < into.size()) {
            const ssize_t size = ::recv(socket_, into.data() + have, into.size() - have, 0);
            if (size <= 0) {
                return false;
            }
            have += static_cast<std::size_t>(size);
        }
        return true;
    }

    int socket_;
    std::int32_t correlation_ = 0;
    std::string frame_;
};

class broker_fixture {
  public:
    explicit broker_fixture(
        const std::string& directory, broker_config config = default_broker_config()
    ) {
        config.log_dirs = {directory};
        config.listeners = {listener_config{"PLAINTEXT", "127.0.0.1", 0, "", 0}};
        config.num_io_threads = 1;
        server_ = std::make_unique<server>(
            std::move(config), server_environment{*files_, time_, counters_, logger{}}
        );
        const auto started = server_->start();
        REQUIRE_MESSAGE(started.has_value(), (started.has_error() ? started.error().text() : ""));
        thread_ = std::thread([this] { server_->run(); });
    }
    ~broker_fixture() { stop(); }
    broker_fixture(const broker_fixture&) = delete;
    broker_fixture& operator=(const broker_fixture&) = delete;

    void stop() {
        if (thread_.joinable()) {
            server_->stop();
            thread_.join();
        }
    }
    [[nodiscard]] std::int32_t port() const { return server_->ports().front(); }
    metrics& counters() { return counters_; }

  private:
    std::unique_ptr<env> files_ = make_posix_env();
    real_clock time_;
    metrics counters_;
    std::unique_ptr<server> server_;
    std::thread thread_;
};

inline std::vector<std::byte> batch_of(std::initializer_list<std::string_view> values) {
    kafka::record_batch_builder builder;
    const timestamp_ms now = real_clock{}.wall_ms();
    for (const std::string_view each : values) {
        builder.add(now, std::nullopt, as_bytes(each));
    }
    return *builder.finish();
}

inline kafka::produce_api::request
produce_to(std::string_view topic, bytes_view records, std::int16_t acks = 1) {
    kafka::produce_api::request body;
    body.acks = acks;
    body.timeout_ms = 5000;
    body.topics.push_back({topic, {{partition_id(0), records}}});
    return body;
}

inline kafka::fetch_api::request
fetch_from(std::string_view topic, std::int64_t from, std::int32_t wait_ms = 0) {
    kafka::fetch_api::request body;
    body.max_wait_ms = wait_ms;
    body.min_bytes = 1;
    body.topics.resize(1);
    body.topics[0].name = topic;
    body.topics[0].partitions.resize(1);
    body.topics[0].partitions[0].fetch_offset = offset(from);
    body.topics[0].partitions[0].bytes_max = 1 << 20;
    return body;
}

/// Asking for a topic creates it.
inline void create_topic(test_client& client, std::string_view name) {
    kafka::metadata_api::request body;
    body.topics.emplace();
    body.topics->push_back({{}, name});
    const auto answer = client.call<kafka::metadata_api>(9, body);
    REQUIRE(answer.topics.size() == 1);
    REQUIRE(answer.topics[0].error == 0);
}

inline std::vector<std::string> values_in(bytes_view records) {
    std::vector<std::string> values;
    while (!records.empty()) {
        const kafka::record_batch_view batch(records);
        auto reader = kafka::record_reader::open(batch.whole(), 1 << 20);
        REQUIRE(reader.has_value());
        kafka::record each;
        while (*reader->next(each)) {
            values.emplace_back(as_text(each.value.value_or(bytes_view{})));
        }
        records = records.subspan(batch.size());
    }
    return values;
}

} // namespace logboom::broker
