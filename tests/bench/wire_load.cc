// Raw load on a broker, ours or Apache Kafka: Produce v7 and Fetch v4 frames built beforehand and
// sent over one connection with a fixed number in flight, so that the client costs next to nothing
// and the broker is what is measured. Hand-encoded on purpose: it shares no code with what it
// measures.
//
//   wire_load produce HOST:PORT TOPIC records_per_batch value_size depth acks requests
//   wire_load fetch   HOST:PORT TOPIC max_bytes requests
//   wire_load wait    HOST:PORT seconds
//   wire_load follow  HOST:PORT TOPIC records seconds
//
// The first two print one line of JSON: requests, records, bytes, seconds, and latency percentiles
// in microseconds. Every answer is looked at: an error code, or a batch that does not go on where
// the one before ended, ends the program with 1. `wait` asks for metadata until a broker is named
// in the answer; `follow` asks for the end of partition 0 until it has that many records. Both
// print when, by the machine's monotonic clock.
#include "base/crc32c.h"

#include <algorithm>
#include <arpa/inet.h>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <deque>
#include <netinet/tcp.h>
#include <string>
#include <sys/socket.h>
#include <unistd.h>
#include <vector>

namespace {

using steady = std::chrono::steady_clock;

[[noreturn]] void fail(const char* what) {
    std::perror(what);
    std::exit(1);
}

class frame {
  public:
    template <class T>
    void integer(T number) {
        for (int shift = static_cast<int>(sizeof(T)) * 8 - 8; shift >= 0; shift -= 8) {
            text_.push_back(static_cast<char>(static_cast<std::uint64_t>(number) >> shift));
        }
    }
    void varint(std::int64_t number) {
        auto zigzag =
            (static_cast<std::uint64_t>(number) << 1U) ^ static_cast<std::uint64_t>(number >> 63);
        while (zigzag >= 0x80U) {
            text_.push_back(static_cast<char>(zigzag | 0x80U));
            zigzag >>= 7U;
        }
        text_.push_back(static_cast<char>(zigzag));
    }
    void short_string(const std::string& text) {
        integer(static_cast<std::int16_t>(text.size()));
        text_ += text;
    }
    void raw(const std::string& text) { text_ += text; }
    void header(std::int16_t key, std::int16_t version) {
        integer(key);
        integer(version);
        integer(std::int32_t{7});
        short_string("load");
    }
    [[nodiscard]] const std::string& text() const { return text_; }
    [[nodiscard]] std::string sized() const {
        frame out;
        out.integer(static_cast<std::int32_t>(text_.size()));
        return out.text_ + text_;
    }

  private:
    std::string text_;
};

std::string record_batch(int count, int value_size) {
    frame records;
    for (int i = 0; i < count; ++i) {
        frame record;
        record.integer(std::int8_t{0});
        record.varint(0);
        record.varint(i);
        record.varint(-1);
        record.varint(value_size);
        record.raw(std::string(static_cast<std::size_t>(value_size), 'x'));
        record.varint(0);
        records.varint(static_cast<std::int64_t>(record.text().size()));
        records.raw(record.text());
    }
    const auto now = std::chrono::duration_cast<std::chrono::milliseconds>(
                         std::chrono::system_clock::now().time_since_epoch()
    )
                         .count();
    frame checked;
    checked.integer(std::int16_t{0});
    checked.integer(static_cast<std::int32_t>(count - 1));
    checked.integer(std::int64_t{now});
    checked.integer(std::int64_t{now});
    checked.integer(std::int64_t{-1});
    checked.integer(std::int16_t{-1});
    checked.integer(std::int32_t{-1});
    checked.integer(static_cast<std::int32_t>(count));
    checked.raw(records.text());
    frame batch;
    batch.integer(std::int64_t{0});
    batch.integer(static_cast<std::int32_t>(checked.text().size() + 9));
    batch.integer(std::int32_t{-1});
    batch.integer(std::int8_t{2});
    batch.integer(logboom::crc32c(logboom::as_bytes(checked.text())));
    batch.raw(checked.text());
    return batch.text();
}

std::string produce_request(const std::string& topic, const std::string& batch, int acks) {
    frame request;
    request.header(0, 7);
    request.integer(std::int16_t{-1});
    request.integer(static_cast<std::int16_t>(acks));
    request.integer(std::int32_t{30000});
    request.integer(std::int32_t{1});
    request.short_string(topic);
    request.integer(std::int32_t{1});
    request.integer(std::int32_t{0});
    request.integer(static_cast<std::int32_t>(batch.size()));
    request.raw(batch);
    return request.sized();
}

std::string fetch_request(const std::string& topic, std::int64_t from, int max_bytes) {
    frame request;
    request.header(1, 4);
    request.integer(std::int32_t{-1});
    request.integer(std::int32_t{500});
    request.integer(std::int32_t{1});
    request.integer(static_cast<std::int32_t>(max_bytes));
    request.integer(std::int8_t{0});
    request.integer(std::int32_t{1});
    request.short_string(topic);
    request.integer(std::int32_t{1});
    request.integer(std::int32_t{0});
    request.integer(std::int64_t{from});
    request.integer(static_cast<std::int32_t>(max_bytes));
    return request.sized();
}

std::string metadata_request() {
    frame request;
    request.header(3, 1);
    request.integer(std::int32_t{-1});
    return request.sized();
}

std::string end_offset_request(const std::string& topic) {
    frame request;
    request.header(2, 1);
    request.integer(std::int32_t{-1});
    request.integer(std::int32_t{1});
    request.short_string(topic);
    request.integer(std::int32_t{1});
    request.integer(std::int32_t{0});
    request.integer(std::int64_t{-1});
    return request.sized();
}

/// A connected socket; -1 when nobody listens.
int dial(const std::string& address) {
    const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
    const auto colon = address.rfind(':');
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_port = htons(static_cast<std::uint16_t>(std::stoi(address.substr(colon + 1))));
    ::inet_pton(AF_INET, address.substr(0, colon).c_str(), &at.sin_addr);
    const int on = 1;
    ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (::connect(fd, reinterpret_cast<const sockaddr*>(&at), sizeof at) != 0) {
        ::close(fd);
        return -1;
    }
    return fd;
}

class connection {
  public:
    explicit connection(const std::string& address) : connection(dial(address)) {}
    explicit connection(int fd) : fd_(fd) {
        if (fd_ < 0) {
            fail("connect");
        }
    }
    ~connection() { ::close(fd_); }
    connection(const connection&) = delete;
    connection& operator=(const connection&) = delete;

    void send(const std::string& text) const {
        std::size_t done = 0;
        while (done < text.size()) {
            const auto count = ::send(fd_, text.data() + done, text.size() - done, 0);
            if (count <= 0) {
                fail("send");
            }
            done += static_cast<std::size_t>(count);
        }
    }
    /// The response without its size; good until the next call.
    const std::vector<char>& receive() {
        std::uint32_t size = 0;
        read(reinterpret_cast<char*>(&size), sizeof size);
        response_.resize(ntohl(size));
        read(response_.data(), response_.size());
        return response_;
    }

  private:
    void read(char* into, std::size_t size) const {
        while (size > 0) {
            const auto count = ::recv(fd_, into, size, 0);
            if (count <= 0) {
                fail("recv");
            }
            into += count;
            size -= static_cast<std::size_t>(count);
        }
    }
    int fd_;
    std::vector<char> response_;
};

template <class T>
T integer_at(const std::vector<char>& from, std::size_t at) {
    std::uint64_t number = 0;
    for (std::size_t i = 0; i < sizeof(T); ++i) {
        number = (number << 8U) | static_cast<unsigned char>(from.at(at + i));
    }
    return static_cast<T>(number);
}

void report(
    std::int64_t requests,
    std::int64_t records,
    std::int64_t byte_count,
    double seconds,
    std::vector<double> latencies
) {
    std::sort(latencies.begin(), latencies.end());
    const auto percentile = [&](double share) {
        return latencies.at(
            static_cast<std::size_t>(share * static_cast<double>(latencies.size() - 1))
        );
    };
    std::printf(
        "{\"requests\":%lld,\"records\":%lld,\"bytes\":%lld,\"seconds\":%.4f,\"p50_us\":%.1f,"
        "\"p99_us\":%.1f,\"p999_us\":%.1f}\n",
        static_cast<long long>(requests),
        static_cast<long long>(records),
        static_cast<long long>(byte_count),
        seconds,
        percentile(0.5),
        percentile(0.99),
        percentile(0.999)
    );
}

double microseconds_since(steady::time_point start) {
    return std::chrono::duration<double, std::micro>(steady::now() - start).count();
}

void produce(char** arguments) {
    connection broker(arguments[0]);
    const std::string topic = arguments[1];
    const int count = std::atoi(arguments[2]);
    const int value_size = std::atoi(arguments[3]);
    const auto depth = static_cast<std::size_t>(std::atoi(arguments[4]));
    const std::string batch = record_batch(count, value_size);
    const std::string request = produce_request(topic, batch, std::atoi(arguments[5]));
    const std::int64_t requests = std::atoll(arguments[6]);
    const std::size_t error_at = 4 + 4 + 2 + topic.size() + 4 + 4;
    std::deque<steady::time_point> in_flight;
    std::vector<double> latencies;
    const auto take = [&] {
        const auto error = integer_at<std::int16_t>(broker.receive(), error_at);
        if (error != 0) {
            std::fprintf(stderr, "wire_load: the broker answered error %d\n", error);
            std::exit(1);
        }
        latencies.push_back(microseconds_since(in_flight.front()));
        in_flight.pop_front();
    };
    const auto start = steady::now();
    for (std::int64_t sent = 0; sent < requests; ++sent) {
        if (in_flight.size() == depth) {
            take();
        }
        in_flight.push_back(steady::now());
        broker.send(request);
    }
    while (!in_flight.empty()) {
        take();
    }
    const double seconds = microseconds_since(start) / 1e6;
    const auto total = static_cast<std::int64_t>(batch.size()) * requests;
    report(requests, requests * count, total, seconds, latencies);
}

/// The offset after the last record of partition 0; negative when the broker knows no such topic.
std::int64_t end_offset(connection& broker, const std::string& topic) {
    broker.send(end_offset_request(topic));
    const auto& response = broker.receive();
    // correlation, topics, name, partitions, partition; then error, timestamp, offset
    const std::size_t error_at = 4 + 4 + 2 + topic.size() + 4 + 4;
    const auto error = integer_at<std::int16_t>(response, error_at);
    return error != 0 ? -error : integer_at<std::int64_t>(response, error_at + 2 + 8);
}

void pause_briefly() {
    constexpr timespec pause{0, 2'000'000};
    ::nanosleep(&pause, nullptr);
}

double monotonic_seconds() {
    return std::chrono::duration<double>(steady::now().time_since_epoch()).count();
}

void wait(char** arguments) {
    const double deadline = monotonic_seconds() + std::atof(arguments[1]);
    while (monotonic_seconds() < deadline) {
        const int fd = dial(arguments[0]);
        if (fd < 0) {
            pause_briefly();
            continue;
        }
        connection broker(fd);
        broker.send(metadata_request());
        if (integer_at<std::int32_t>(broker.receive(), 4) > 0) {
            std::printf("{\"at\":%.6f}\n", monotonic_seconds());
            return;
        }
        pause_briefly();
    }
    std::fprintf(stderr, "wire_load: no broker answered in time\n");
    std::exit(1);
}

void follow(char** arguments) {
    connection broker(arguments[0]);
    const std::string topic = arguments[1];
    const std::int64_t target = std::atoll(arguments[2]);
    const double deadline = monotonic_seconds() + std::atof(arguments[3]);
    double first = 0;
    std::int64_t end = 0;
    while (end < target && monotonic_seconds() < deadline) {
        pause_briefly();
        end = end_offset(broker, topic);
        if (first == 0 && end > 0) {
            first = monotonic_seconds();
        }
    }
    std::printf(
        "{\"first_at\":%.6f,\"at\":%.6f,\"records\":%lld}\n",
        first,
        monotonic_seconds(),
        static_cast<long long>(end)
    );
}

void fetch(char** arguments) {
    connection broker(arguments[0]);
    const std::string topic = arguments[1];
    const int max_bytes = std::atoi(arguments[2]);
    const std::int64_t requests = std::atoll(arguments[3]);
    // correlation, throttle, topics, name, partitions, partition, error, hw, lso, aborted, size
    const std::size_t size_at = 4 + 4 + 4 + 2 + topic.size() + 4 + 4 + 2 + 8 + 8 + 4;
    const std::int64_t end = end_offset(broker, topic);
    std::int64_t from = 0;
    std::int64_t records = 0;
    std::int64_t byte_count = 0;
    std::vector<double> latencies;
    const auto start = steady::now();
    for (std::int64_t sent = 0; sent < requests; ++sent) {
        const auto began = steady::now();
        broker.send(fetch_request(topic, from, max_bytes));
        const auto& response = broker.receive();
        latencies.push_back(microseconds_since(began));
        const auto size = integer_at<std::int32_t>(response, size_at);
        byte_count += size;
        const auto error = integer_at<std::int16_t>(response, size_at - 4 - 8 - 8 - 2);
        if (error != 0 || size <= 0) {
            std::fprintf(stderr, "wire_load: fetch: error %d, %d bytes\n", error, size);
            std::exit(1);
        }
        // walk the batches that came whole, to know where to go on
        std::size_t at = size_at + 4;
        while (at + 61 <= response.size()) {
            const auto length = integer_at<std::int32_t>(response, at + 8);
            if (at + 12 + static_cast<std::size_t>(length) > response.size()) {
                break;
            }
            const auto last = integer_at<std::int32_t>(response, at + 23);
            if (integer_at<std::int64_t>(response, at) != from) {
                std::fprintf(stderr, "wire_load: fetch: a batch does not follow the last one\n");
                std::exit(1);
            }
            from = integer_at<std::int64_t>(response, at) + last + 1;
            records += last + 1;
            at += 12 + static_cast<std::size_t>(length);
        }
        from = from < end ? from : 0; // never wait for what is not there
    }
    report(requests, records, byte_count, microseconds_since(start) / 1e6, latencies);
}

} // namespace

int main(int argc, char** argv) {
    const std::string what = argc > 1 ? argv[1] : "";
    if (what == "produce" && argc == 9) {
        produce(argv + 2);
    } else if (what == "fetch" && argc == 6) {
        fetch(argv + 2);
    } else if (what == "wait" && argc == 4) {
        wait(argv + 2);
    } else if (what == "follow" && argc == 6) {
        follow(argv + 2);
    } else {
        std::fprintf(stderr, "wire_load: see the comment at the top of wire_load.cc\n");
        return 2;
    }
}
