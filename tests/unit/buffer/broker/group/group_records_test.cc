// The records of __consumer_offsets, byte for byte.
#include "buffer/broker/group/errc.h"
#include "buffer/broker/group/records.h"
#include "buffer/broker/state/state_record.h"

#include <doctest/doctest.h>

TEST_SUITE_BEGIN("buffer/broker/group/records");

namespace logboom::broker {
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

TEST_CASE("the key of a committed offset has Kafka's bytes, version 1") {
    const offset_key key{"g1", {"logs", partition_id(3)}};
    const std::string golden = from_hex("0001 0002 6731 0004 6c6f6773 00000003");
    CHECK(encode_key(key).text() == golden);
    const auto back = decode_key(as_bytes(golden));
    REQUIRE(back.has_value());
    const auto* const read = std::get_if<offset_key>(&*back);
    REQUIRE(read != nullptr);
    CHECK(read->group == "g1");
    CHECK(read->at == key.at);
}

TEST_CASE("a key of version 0 names a committed offset too") {
    const std::string old = from_hex("0000 0001 67 0001 74 00000000");
    const auto key = decode_key(as_bytes(old));
    REQUIRE(key.has_value());
    CHECK(std::holds_alternative<offset_key>(*key));
}

TEST_CASE("the key of a group has Kafka's bytes, version 2") {
    const std::string golden = from_hex("0002 0002 6731");
    CHECK(encode_key(group_key{"g1"}).text() == golden);
    const auto back = decode_key(as_bytes(golden));
    REQUIRE(back.has_value());
    CHECK(std::get<group_key>(*back).group == "g1");
}

TEST_CASE("a key of a newer kind is known to be unknown, a torn one is an error") {
    const auto newer = decode_key(as_bytes(from_hex("0003 0002 6731")));
    REQUIRE(newer.has_value());
    CHECK(std::get<unknown_key>(*newer).version == 3);
    CHECK(decode_key(as_bytes(from_hex("00"))).has_error());
    CHECK(decode_key(as_bytes(from_hex("0001 0002 67"))).has_error());
    CHECK(decode_key(as_bytes(from_hex("0002 0002 6731 00"))).has_error());
}

TEST_CASE("a committed offset is written as version 3, or 1 when it says when it expires") {
    committed_offset value{
        offset(42), leader_epoch(5), "meta", timestamp_ms(1'700'000'000'000), timestamp_ms(-1)};
    CHECK(
        encode_value(value).text() ==
        from_hex("0003 000000000000002a 00000005 0004 6d657461 0000018bcfe56800")
    );
    value.expires = timestamp_ms(1'700'000'000'001);
    CHECK(
        encode_value(value).text() ==
        from_hex("0001 000000000000002a 0004 6d657461 0000018bcfe56800 0000018bcfe56801")
    );
}

TEST_CASE("a committed offset is read in every version from 0 to 4") {
    const auto check = [](std::string_view hex, std::int32_t epoch, std::int64_t expires) {
        const std::string data = from_hex(hex);
        const auto value = decode_committed_offset(as_bytes(data));
        REQUIRE(value.has_value());
        CHECK(value->at == offset(42));
        CHECK(value->epoch == leader_epoch(epoch));
        CHECK(value->metadata == "m");
        CHECK(value->committed == timestamp_ms(7));
        CHECK(value->expires == timestamp_ms(expires));
    };
    check("0000 000000000000002a 0001 6d 0000000000000007", -1, -1);
    check("0001 000000000000002a 0001 6d 0000000000000007 0000000000000009", -1, 9);
    check("0002 000000000000002a 0001 6d 0000000000000007", -1, -1);
    check("0003 000000000000002a 00000005 0001 6d 0000000000000007", 5, -1);
    check("0004 000000000000002a 00000005 02 6d 0000000000000007 00", 5, -1);
    const auto newer = decode_committed_offset(as_bytes(from_hex("0005 00")));
    REQUIRE(newer.has_error());
    CHECK(newer.error().code == group_errc::unknown_record_version);
}

group_metadata example() {
    group_metadata value;
    value.protocol_type = "consumer";
    value.generation = group_generation(3);
    value.protocol = "range";
    value.leader = "m1";
    value.state_since = timestamp_ms(7);
    value.members.push_back(
        {"m1", "i1", "c", "/h", 300000, 45000, bytes::copy_of("SS"), bytes::copy_of("AAA")}
    );
    return value;
}

TEST_CASE("group metadata has Kafka's bytes, version 3") {
    CHECK(
        encode_value(example()).text() ==
        from_hex("0003 0008 636f6e73756d6572 00000003 0005 72616e6765 0002 6d31 0000000000000007"
                 "00000001 0002 6d31 0002 6931 0001 63 0002 2f68 000493e0 0000afc8"
                 "00000002 5353 00000003 414141")
    );
}

TEST_CASE("an empty group has null protocol and leader") {
    group_metadata value;
    value.protocol_type = "consumer";
    value.generation = group_generation(4);
    value.state_since = timestamp_ms(7);
    const std::string golden =
        from_hex("0003 0008 636f6e73756d6572 00000004 ffff ffff 0000000000000007 00000000");
    CHECK(encode_value(value).text() == golden);
    const auto back = decode_group_metadata(as_bytes(golden));
    REQUIRE(back.has_value());
    CHECK_FALSE(back->protocol.has_value());
    CHECK_FALSE(back->leader.has_value());
}

TEST_CASE("group metadata is read in every version from 0 to 4") {
    const auto check = [](std::string_view hex, bool has_instance, std::int32_t rebalance_ms) {
        const std::string data = from_hex(hex);
        const auto value = decode_group_metadata(as_bytes(data));
        REQUIRE(value.has_value());
        CHECK(value->generation == group_generation(3));
        REQUIRE(value->members.size() == 1);
        CHECK(value->members[0].id == "m1");
        CHECK(value->members[0].instance_id.has_value() == has_instance);
        CHECK(value->members[0].rebalance_timeout_ms == rebalance_ms);
        CHECK(value->members[0].session_timeout_ms == 9);
        CHECK(value->members[0].subscription.text() == "S");
        CHECK(value->members[0].assignment.text() == "A");
    };
    const std::string head = "0001 70 00000003 0001 72 0002 6d31 ";
    const std::string member = "00000001 0002 6d31 ";
    const std::string client = "0001 63 0001 68 ";
    const std::string tail = "00000009 00000001 53 00000001 41";
    const std::string since = "0000000000000007 ";
    check("0000" + head + member + client + tail, false, 9);
    check("0001" + head + member + client + "00000008" + tail, false, 8);
    check("0002" + head + since + member + client + "00000008" + tail, false, 8);
    check("0003" + head + since + member + "0001 69" + client + "00000008" + tail, true, 8);
    check(
        "0004 02 70 00000003 02 72 03 6d31" + since +
            "02 03 6d31 02 69 02 63 02 68 00000008 00000009 02 53 02 41 00 00",
        true,
        8
    );
}

TEST_CASE("a member count that the value cannot hold is refused before anything is allocated") {
    const std::string data = from_hex("0000 0001 70 00000003 0001 72 0002 6d31 7fffffff 0002 6d31");
    CHECK(decode_group_metadata(as_bytes(data)).has_error());
}

TEST_CASE("the partition of a group follows Java's String.hashCode") {
    // What a JVM says; the last has the one hash code that has no absolute value.
    CHECK(partition_of_state("", 50) == partition_id(0));
    CHECK(partition_of_state("g1", 50) == partition_id(42));
    CHECK(partition_of_state("logstash", 50) == partition_id(49));
    CHECK(partition_of_state("console-consumer-12345", 50) == partition_id(6));
    CHECK(partition_of_state("my-group", 50) == partition_id(12));
    CHECK(partition_of_state("polygenelubricants", 50) == partition_id(0));
}

TEST_CASE("the hash is over UTF-16: beyond ASCII, beyond the basic plane, and not UTF-8 at all") {
    CHECK(partition_of_state("gr\xc3\xbcppe", 50) == partition_id(12));
    CHECK(partition_of_state("\xe6\x97\xa5\xe5\xbf\x97", 50) == partition_id(20));
    CHECK(partition_of_state("\xf0\x9f\x91\xa4-team", 50) == partition_id(25));
    CHECK(
        partition_of_state(
            "\xff"
            "a",
            50
        ) == partition_id(20)
    );
    CHECK(
        partition_of_state(
            "\xe2\x82"
            "a",
            50
        ) == partition_id(20)
    );
    CHECK(partition_of_state("\xf0\x9f\x91", 50) == partition_id(33));
}

} // namespace
} // namespace logboom::broker

TEST_SUITE_END();
