#include "buffer/log/producer_state.h"
#include "tests/unit/buffer/log/log_fixture.h"

#include <limits>

using namespace logboom;
using namespace logboom::log;

namespace {

class producers_fixture : public log_fixture {
  public:
    producers_fixture() { open(); }

    result<append_result> send(int records, std::int32_t sequence, std::int16_t epoch = 0) {
        return try_append(batch(
            records,
            {.producer = producer_id(7),
             .epoch_of_producer = producer_epoch(epoch),
             .base_sequence = sequence}
        ));
    }
};

} // namespace

TEST_SUITE("buffer/log/producer_state") {
    TEST_CASE_FIXTURE(producers_fixture, "an id that leaves none to give is not the largest") {
        REQUIRE(send(1, 0).has_value());
        CHECK(log->largest_producer() == producer_id(7));
        constexpr producer_id last(std::numeric_limits<std::int64_t>::max());
        const auto sent = try_append(
            batch(1, {.producer = last, .epoch_of_producer = producer_epoch(0), .base_sequence = 0})
        );
        REQUIRE(sent.has_value());
        CHECK(log->largest_producer() == producer_id(7));
    }

    TEST_CASE_FIXTURE(producers_fixture, "a batch sent again is answered with its first offset") {
        for (int i = 0; i < 6; ++i) {
            REQUIRE(send(2, i * 2).has_value());
        }
        for (int i = 1; i < 6; ++i) {
            const auto again = send(2, i * 2);
            REQUIRE(again.has_value());
            CHECK(again->duplicate);
            CHECK(again->base_offset == offset(i * 2));
            CHECK(again->last_offset == offset(i * 2 + 1));
        }
        CHECK(log->bounds().end() == offset(12));
        // Only the last five are known.
        CHECK(send(2, 0).error().code == errc::out_of_order_sequence);
    }

    TEST_CASE_FIXTURE(
        producers_fixture, "gaps and old epochs are refused, a new epoch begins at 0"
    ) {
        CHECK(send(2, 40).has_value());
        CHECK(send(1, 43).error().code == errc::out_of_order_sequence);
        CHECK(send(1, 41).error().code == errc::out_of_order_sequence);
        CHECK(send(1, 1, 1).error().code == errc::out_of_order_sequence);
        CHECK(send(1, 0, 1).has_value());
        CHECK(send(1, 42, 0).error().code == errc::invalid_producer_epoch);
        CHECK(send(1, 1, 1).has_value());
    }

    TEST_CASE_FIXTURE(producers_fixture, "sequences wrap from the largest to 0") {
        CHECK(send(3, INT32_MAX - 1).has_value());
        CHECK(send(1, 1).has_value());
        CHECK(send(3, INT32_MAX - 1)->duplicate);
    }

    TEST_CASE_FIXTURE(producers_fixture, "what is known survives a crash and a clean stop") {
        REQUIRE(send(2, 0).has_value());
        flush();
        disk.crash();
        open();
        CHECK(send(2, 0)->duplicate);
        CHECK(send(1, 5).error().code == errc::out_of_order_sequence);
        REQUIRE(send(3, 2).has_value());
        REQUIRE(log->close());
        open(true);
        const auto again = send(3, 2);
        CHECK(again->duplicate);
        CHECK(again->base_offset == offset(2));
    }

    TEST_CASE_FIXTURE(producers_fixture, "a producer that was silent for a day is forgotten") {
        REQUIRE(send(2, 0).has_value());
        time.advance(std::chrono::hours(25));
        REQUIRE(log->housekeep().has_value());
        CHECK(send(1, 77).has_value());
    }

    TEST_CASE("an empty snapshot has ten bytes, and a damaged one is refused") {
        producer_state none;
        CHECK(none.encode().size() == 10);
        producer_state some;
        kafka::record_batch_builder builder(
            {.producer = producer_id(9), .epoch_of_producer = producer_epoch(1), .base_sequence = 4}
        );
        builder.add(timestamp_ms(5), std::nullopt, as_bytes("v"));
        const auto batch = builder.finish();
        some.update(kafka::record_batch_view(*batch));
        std::string saved = some.encode();
        CHECK(saved.size() == 56);
        producer_state back;
        REQUIRE(back.decode(as_bytes(saved)));
        CHECK(back.encode() == saved);
        for (std::size_t i = 0; i < saved.size(); ++i) {
            std::string bad = saved;
            bad[i] = static_cast<char>(bad[i] ^ 1);
            CHECK(back.decode(as_bytes(bad)).has_error());
            CHECK(back.decode(as_bytes(saved).first(i)).has_error());
        }
    }
}
