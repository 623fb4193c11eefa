#include "base/ids.h"

#include <doctest/doctest.h>

#include <set>
#include <unordered_set>

using namespace logboom;

namespace {

template <class Left, class Right>
concept can_mix = requires(Left left, Right right) { left == right; } ||
                  requires(Left left, Right right) { left - right; } ||
                  std::is_convertible_v<Left, Right> || std::is_assignable_v<Left&, Right>;

} // namespace

TEST_SUITE("base/ids") {
    TEST_CASE("two kinds of number never mix, nor a kind with a plain number by accident") {
        static_assert(!can_mix<offset, file_position>);
        static_assert(!can_mix<partition_id, leader_epoch>);
        static_assert(!std::is_convertible_v<std::int64_t, offset>);
        static_assert(!std::is_convertible_v<offset, std::int64_t>);
        static_assert(can_mix<offset, offset>);
        static_assert(sizeof(offset) == sizeof(std::int64_t));
        static_assert(sizeof(producer_epoch) == sizeof(std::int16_t));
        CHECK(offset().value() == 0);
    }

    TEST_CASE("a kind is counted, moved, measured and ordered") {
        offset at(41);
        CHECK((++at).value() == 42);
        CHECK((at + 8).value() == 50);
        CHECK((at - 2).value() == 40);
        CHECK(offset(50) - at == 8);
        CHECK(at - offset(50) == -8);
        CHECK(no_offset < offset(0));
        CHECK(offset(7) == offset(7));
        CHECK(offset(7) != offset(8));
    }

    TEST_CASE("ids are keys of hashed containers") {
        std::unordered_set<topic_partition> seen;
        for (int i = 0; i < 100; ++i) {
            seen.insert({"logs", partition_id(i)});
            seen.insert({"logs", partition_id(i)});
            seen.insert({"metrics", partition_id(i)});
        }
        CHECK(seen.size() == 200);
        CHECK(seen.contains({"metrics", partition_id(99)}));
        CHECK_FALSE(seen.contains({"metrics", partition_id(100)}));
        const std::unordered_set<offset> offsets{offset(1), offset(1), offset(2)};
        CHECK(offsets.size() == 2);
    }

    TEST_CASE("partitions are ordered by topic, then by number") {
        const topic_partition a9{"a", partition_id(9)};
        const topic_partition a10{"a", partition_id(10)};
        const topic_partition b0{"b", partition_id(0)};
        CHECK(a9 < a10);
        CHECK(a10 < b0);
    }
}

TEST_SUITE("base/uuid") {
    TEST_CASE("text is what Kafka's Uuid prints") {
        uuid one;
        one.octets[15] = 1;
        // Kafka's Uuid.ONE_UUID, the id of the metadata topic.
        CHECK(one.text() == "AAAAAAAAAAAAAAAAAAAAAQ");
        uuid full;
        full.octets.fill(0xFF);
        CHECK(full.text() == "_____________________w");
        CHECK(uuid{}.text() == "AAAAAAAAAAAAAAAAAAAAAA");
        uuid counting;
        for (std::size_t i = 0; i < counting.octets.size(); ++i) {
            counting.octets[i] = static_cast<std::uint8_t>(i);
        }
        CHECK(counting.text() == "AAECAwQFBgcICQoLDA0ODw");
    }

    TEST_CASE("random ids survive their text form, are version 4, differ and begin with no '-'") {
        std::set<std::string> seen;
        for (int i = 0; i < 1000; ++i) {
            const uuid id = uuid::random();
            const std::string text = id.text();
            REQUIRE(text.size() == 22);
            REQUIRE(text.front() != '-');
            REQUIRE((id.octets[6] >> 4U) == 4);
            REQUIRE((id.octets[8] >> 6U) == 2);
            uuid back;
            REQUIRE(uuid::parse(text, back));
            REQUIRE(back == id);
            REQUIRE_FALSE(back.is_zero());
            seen.insert(text);
        }
        CHECK(seen.size() == 1000);
    }

    TEST_CASE("what is no id is refused and changes nothing") {
        uuid kept;
        kept.octets[0] = 7;
        const uuid before = kept;
        for (const std::string_view text :
             {"",
              "AAAAAAAAAAAAAAAAAAAAA",
              "AAAAAAAAAAAAAAAAAAAAAAA",
              "AAAAAAAAAAAAAAAAAAAA==",
              "AAAAAAAAAA+AAAAAAAAAAA",
              "AAAAAAAAAA/AAAAAAAAAAA",
              "AAAAAAAAAA AAAAAAAAAAA"}) {
            CAPTURE(text);
            CHECK_FALSE(uuid::parse(text, kept));
            CHECK(kept == before);
        }
    }
}
