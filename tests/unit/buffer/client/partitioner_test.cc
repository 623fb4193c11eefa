#include "buffer/client/partitioner.h"

#include <doctest/doctest.h>
#include <librdkafka/rdkafka.h>

#include <string>

using namespace logboom;
using namespace logboom::client;

TEST_SUITE("buffer/client/partitioner") {
    TEST_CASE("murmur2 gives what Kafka's Utils.murmur2 gives") {
        CHECK(murmur2(as_bytes("21")) == -973932308);
        CHECK(murmur2(as_bytes("foobar")) == -790332482);
        CHECK(murmur2(as_bytes("a-little-bit-long-string")) == -985981536);
        CHECK(murmur2(as_bytes("a-little-bit-longer-string")) == -1486304829);
        CHECK(murmur2(as_bytes("lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8")) == -58897971);
        CHECK(murmur2(as_bytes("abc")) == 479470107);
    }

    TEST_CASE("a key goes where every other client sends it") {
        for (const int partitions : {1, 3, 12, 100}) {
            for (int i = 0; i < 200; ++i) {
                const std::string key =
                    std::string(static_cast<std::size_t>(i % 7 + 1), 'k') + std::to_string(i);
                CHECK(
                    partition_of_key(as_bytes(key), partitions) ==
                    rd_kafka_msg_partitioner_murmur2(
                        nullptr, key.data(), key.size(), partitions, nullptr, nullptr
                    )
                );
            }
        }
    }

    TEST_CASE("a stream stays in its partition and streams spread over all") {
        constexpr int partitions = 8;
        int counts[partitions] = {};
        for (int i = 0; i < 8000; ++i) {
            const std::string stream = "agent/" + std::to_string(i) + "-64769/0";
            const auto at = partition_of_stream(stream_hash(stream), partitions);
            REQUIRE(at >= 0);
            REQUIRE(at < partitions);
            REQUIRE(at == partition_of_stream(stream_hash(stream), partitions));
            ++counts[at];
        }
        for (const int count : counts) {
            CHECK(count > 800);
            CHECK(count < 1200);
        }
        // Written down: a new release must not move files between partitions.
        CHECK(stream_hash("agent/1-2/0") == stream_hash("agent/1-2/0"));
    }
}
