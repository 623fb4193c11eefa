#include "codecs/kafka/frame_header.h"
#include "codecs/kafka/messages/all.h"
#include "tests/unit/codecs/kafka/round_trip.h"

#include <doctest/doctest.h>

TEST_SUITE_BEGIN("codecs/kafka/messages");

namespace logboom::kafka {
namespace {

std::string from_hex(std::string_view hex) {
    std::string out;
    std::string digits;
    for (const char each : hex) {
        if (each == ' ') {
            continue;
        }
        digits += each;
        if (digits.size() == 2) {
            out += static_cast<char>(std::stoi(digits, nullptr, 16));
            digits.clear();
        }
    }
    return out;
}

template <described T>
std::string encoded(const T& value, const api_spec& spec, std::int16_t version) {
    wire_writer to;
    encode(value, {version, spec.flexible(api_version(version))}, to);
    return to.buffer();
}

TEST_CASE("every version of every message survives encode, decode, encode") {
    for_each_api([]<class Api>() { check_every_version<Api>(); });
}

TEST_CASE("apis are listed by key, each once") {
    std::int16_t last = -1;
    for_each_api([&]<class Api>() {
        CAPTURE(Api::spec.name);
        CHECK(Api::spec.key > last);
        last = Api::spec.key;
    });
}

TEST_CASE("a produce request of version 3 has the bytes that Kafka documents") {
    produce_api::request request;
    request.acks = -1;
    request.timeout_ms = 1500;
    const std::string records = "RRR";
    request.topics.push_back({"t", {{partition_id(7), as_bytes(records)}}});
    CHECK(
        encoded(request, produce_api::spec, 3) ==
        from_hex("ffff ffff 000005dc 00000001 0001 74 00000001 00000007 00000003 525252")
    );
    CHECK(
        encoded(request, produce_api::spec, 9) ==
        from_hex("00 ffff 000005dc 02 02 74 02 00000007 04 525252 00 00 00")
    );
}

TEST_CASE("an empty ApiVersions answer has the fields of its version and no default tags") {
    api_versions_api::response answer;
    answer.error = 35;
    answer.ranges.push_back({18, 0, 4});
    CHECK(encoded(answer, api_versions_api::spec, 0) == from_hex("0023 00000001 0012 0000 0004"));
    CHECK(
        encoded(answer, api_versions_api::spec, 3) ==
        from_hex("0023 02 0012 0000 0004 00 00000000 00")
    );
}

TEST_CASE("a tagged field is written when it differs from its default, unknown ones are skipped") {
    produce_api::response answer;
    answer.topics.push_back({"t", {{}}});
    answer.topics[0].partitions[0].current_leader = {broker_id(3), leader_epoch(4)};
    const std::string bytes = encoded(answer, produce_api::spec, 10);
    const std::string tag = from_hex("01 00 09 00000003 00000004 00");
    const auto at = bytes.find(tag);
    REQUIRE(at != std::string::npos);
    std::string with_unknown = bytes;
    with_unknown.replace(at, 1, from_hex("02"));
    with_unknown.insert(at + tag.size(), from_hex("05 02 abcd"));
    const auto read = decode<produce_api::response>(as_bytes(with_unknown), {10, true});
    REQUIRE(read.has_value());
    CHECK(read->topics[0].partitions[0].current_leader.id == broker_id(3));
    with_unknown[at + 2] = 8;
    CHECK(decode<produce_api::response>(as_bytes(with_unknown), {10, true}).has_error());
}

TEST_CASE("the headers keep the exceptions that clients rely on") {
    request_header header{0, api_version(9), 77, "me"};
    wire_writer flexible;
    write_request_header(header, true, flexible);
    CHECK(flexible.buffer() == from_hex("0000 0009 0000004d 0002 6d65 00"));
    header.client_id.reset();
    wire_writer anonymous;
    write_request_header(header, false, anonymous);
    CHECK(anonymous.buffer() == from_hex("0000 0009 0000004d ffff"));

    wire_reader reader(flexible.view());
    request_header read = read_header_start(reader);
    read_header_rest(reader, true, read);
    CHECK(reader.finish().has_value());
    CHECK(read.correlation_id == 77);
    CHECK(read.client_id == "me");

    wire_writer produce;
    write_response_header(5, 0, true, produce);
    CHECK(produce.buffer() == from_hex("00000005 00"));
    wire_writer versions;
    write_response_header(5, 18, true, versions);
    CHECK(versions.buffer() == from_hex("00000005"));
}

TEST_CASE("a message as text names its fields and not its payload") {
    produce_api::request request;
    request.topics.push_back({"a\"b", {{partition_id(1), as_bytes("secret")}}});
    CHECK(
        to_text(request, api_version(3)) ==
        R"({"transactional_id":null,"acks":0,"timeout_ms":0,"topic_data":[{"name":"a\"b",)"
        R"("partition_data":[{"index":1,"records":"6 bytes"}]}]})"
    );
}

} // namespace
} // namespace logboom::kafka

TEST_SUITE_END();
