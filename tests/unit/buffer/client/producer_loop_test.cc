// The producer's loop over a scripted link: what comes back is sent again, and what ends it.
#include "buffer/client/producer_loop.h"
#include "buffer/client/record_fields.h"
#include "tests/unit/log_file.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <deque>

using namespace logboom;
using namespace logboom::client;
using namespace std::chrono_literals;

namespace {

/// What the links of one test have taken and shall answer. A poll takes as long as it may.
struct script {
    struct taken_record {
        std::string payload;
        placement* place = nullptr;
        headers_handle headers;
    };
    manual_clock time;
    std::deque<taken_record> queue;
    /// One for each record that is answered; a poll gives all that there are.
    std::deque<rd_kafka_resp_err_t> answers;
    /// For the next records that are handed over.
    std::deque<rd_kafka_resp_err_t> refusals;
    std::vector<std::string> taken;
    int links = 0;
    bool listens = false;
};

class fake_link final : public producer_link {
  public:
    fake_link(script& by, link_listener& listener) : by_(by), listener_(listener) { ++by_.links; }

    rd_kafka_topic_t* topic(const std::string& /*name*/, std::size_t /*limit*/) override {
        return reinterpret_cast<rd_kafka_topic_t*>(this);
    }
    rd_kafka_resp_err_t send(record_fields& record) override {
        if (!by_.refusals.empty()) {
            const auto code = by_.refusals.front();
            by_.refusals.pop_front();
            return code;
        }
        script::taken_record made;
        for (const rd_kafka_vu_t& each : record.fields()) {
            if (each.vtype == RD_KAFKA_VTYPE_VALUE) {
                made.payload = {static_cast<const char*>(each.u.mem.ptr), each.u.mem.size};
            } else if (each.vtype == RD_KAFKA_VTYPE_OPAQUE) {
                made.place = static_cast<placement*>(each.u.ptr);
            } else if (each.vtype == RD_KAFKA_VTYPE_HEADERS) {
                made.headers.reset(each.u.headers);
            }
        }
        record.give_away_headers();
        by_.taken.push_back(made.payload);
        by_.queue.push_back(std::move(made));
        return RD_KAFKA_RESP_ERR_NO_ERROR;
    }
    [[nodiscard]] int queued() const override { return static_cast<int>(by_.queue.size()); }
    void poll(std::chrono::milliseconds limit) override {
        while (!by_.answers.empty() && !by_.queue.empty()) {
            answer(by_.answers.front());
            by_.answers.pop_front();
        }
        by_.time.advance(std::max(limit, 1ms));
    }
    void flush(std::chrono::milliseconds limit) override { poll(limit); }
    void wake() override {}
    void purge() override { by_.answers.assign(by_.queue.size(), RD_KAFKA_RESP_ERR__PURGE_QUEUE); }
    void listen_closely(bool on) override { by_.listens = on; }
    void provoke_fatal_error() override {
        listener_.on_error(RD_KAFKA_RESP_ERR__FATAL, "provoked");
    }

  private:
    void answer(rd_kafka_resp_err_t code) {
        const script::taken_record record = std::move(by_.queue.front());
        by_.queue.pop_front();
        delivery_report report;
        report.code = code;
        report.topic = "logs";
        report.topic_key = this;
        report.partition = 0;
        report.has_payload = true;
        report.payload = record.payload;
        report.headers = record.headers.get();
        report.place = record.place;
        listener_.on_report(report);
    }

    script& by_;
    link_listener& listener_;
};

struct loop_fixture {
    script by;
    metrics counters;
    std::vector<std::string> rejected;
    int delivered = 0;
    int lost = 0;
    std::unique_ptr<producer::loop> loop;

    loop_fixture() {
        producer_options options;
        options.properties = {{"linger.ms", "0"}};
        options.rejected = [this](const rejected_record& record, ack_token share) {
            rejected.push_back(fmt::format(
                "{} {} {} {}", record.topic, record.payload, record.error_name, record.origin
            ));
            share.delivered();
        };
        loop = std::make_unique<producer::loop>(
            std::move(options),
            counters,
            by.time,
            [this](const property_list&, std::chrono::milliseconds, link_listener& listener) {
                return result<std::unique_ptr<producer_link>>(
                    std::make_unique<fake_link>(by, listener)
                );
            }
        );
        REQUIRE(loop->connect().has_value());
    }
    /// A write of these payloads.
    void write(const std::vector<std::string>& payloads) {
        auto* owner = new delivery(ack_token([this](ack_verdict verdict) {
            ++(verdict == ack_verdict::delivered ? delivered : lost);
        }));
        placement& place = owner->place(1, true);
        for (const std::string& each : payloads) {
            record_fields fields(loop->live->topic("logs", 1));
            fields.payload(each);
            fields.opaque(&place);
            fields.header("logboom.origin", "agent/" + each);
            owner->hold();
            REQUIRE(loop->hand_over(fields, each.size()) == RD_KAFKA_RESP_ERR_NO_ERROR);
        }
        owner->release();
    }
    /// Steps for so long.
    void pass(std::chrono::nanoseconds span) {
        const auto end = by.time.steady() + span;
        while (by.time.steady() < end) {
            loop->step();
        }
    }
};

constexpr auto ok = RD_KAFKA_RESP_ERR_NO_ERROR;
constexpr auto later = RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS;
constexpr auto too_large = RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE;

} // namespace

TEST_SUITE("buffer/client/producer_loop") {
    TEST_CASE_FIXTURE(loop_fixture, "what comes back is sent again half a second later, in order") {
        write({"a", "b", "c"});
        by.answers = {ok, later, later};
        loop->step();
        CHECK(loop->must_wait());
        pass(400ms);
        CHECK(by.taken == std::vector<std::string>{"a", "b", "c"});
        pass(200ms);
        CHECK(by.taken == std::vector<std::string>{"a", "b", "c", "b", "c"});
        CHECK_FALSE(loop->must_wait());
        CHECK(delivered == 0);
        by.answers = {ok, ok};
        loop->step();
        CHECK(delivered == 1);
        CHECK(counters.sum("logboom_kafka_output_records_retried_total") == 2);
    }

    TEST_CASE_FIXTURE(loop_fixture, "of a batch that is too large each record is sent alone") {
        write({"a", "b"});
        by.answers = {too_large, too_large};
        loop->step();
        CHECK(by.queue.size() == 1);
        loop->step();
        CHECK(by.queue.size() == 1);
        by.answers = {too_large};
        loop->step();
        CHECK(rejected == std::vector<std::string>{"logs a MSG_SIZE_TOO_LARGE agent/a"});
        CHECK(by.queue.size() == 1);
        by.answers = {ok};
        loop->step();
        CHECK(by.taken == std::vector<std::string>{"a", "b", "a", "b"});
        CHECK(delivered == 1);
        CHECK_FALSE(loop->must_wait());
    }

    TEST_CASE_FIXTURE(
        loop_fixture, "a record refused when it is sent again is told with its origin"
    ) {
        write({"a"});
        by.answers = {later};
        by.refusals = {RD_KAFKA_RESP_ERR__QUEUE_FULL, RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC};
        pass(700ms);
        CHECK(rejected == std::vector<std::string>{"logs a _UNKNOWN_TOPIC agent/a"});
        CHECK(delivered == 1);
        CHECK_FALSE(loop->must_wait());
    }

    TEST_CASE_FIXTURE(loop_fixture, "a dead client is replaced and sends what it had not") {
        write({"a", "b"});
        by.answers = {ok};
        loop->step();
        loop->live->provoke_fatal_error();
        loop->step();
        CHECK(by.links == 2);
        CHECK(by.taken == std::vector<std::string>{"a", "b", "b"});
        by.answers = {ok};
        loop->step();
        CHECK(delivered == 1);
        CHECK(counters.sum("logboom_kafka_output_clients_replaced_total") == 1);
    }

    TEST_CASE_FIXTURE(loop_fixture, "the debug log is listened to only while nothing moves") {
        pass(20s);
        CHECK_FALSE(by.listens);
        write({"a"});
        pass(4s);
        CHECK_FALSE(by.listens);
        pass(2s);
        CHECK(by.listens);
        by.answers = {ok};
        pass(200ms);
        CHECK_FALSE(by.listens);
        CHECK(delivered == 1);
    }

    TEST_CASE_FIXTURE(loop_fixture, "a partition that stands still while others move is told") {
        const log_file log;
        loop->options.log = logger::named("test");
        const partition_state offline{{"logs", partition_id(1)}, -1, "", false, 7, false};
        // Partition 0 answers each second; 1 never does.
        const auto seconds = [&](int count) {
            for (int i = 0; i < count; ++i) {
                write({"a"});
                by.answers = {ok};
                pass(1s);
                loop->on_partitions(std::span(&offline, 1));
            }
        };
        seconds(10);
        CHECK(log.lines().empty());
        CHECK(by.listens);
        seconds(20);
        REQUIRE(log.lines().size() == 1);
        CHECK(
            log.lines()[0] ==
            "warn  [test] Records of some partitions wait; others move. partitions=\"logs-1\" "
            "records=7 cause=\"no leader: offline\""
        );
        loop->on_partitions({});
        REQUIRE(log.lines().size() == 2);
        CHECK(
            log.lines()[1] ==
            "info  [test] Records of these partitions move again. partitions=\"logs-1\""
        );
    }

    TEST_CASE_FIXTURE(loop_fixture, "where nothing moves at all that is told, and its cause once") {
        const log_file log;
        loop->options.log = logger::named("test");
        write({"a"});
        const partition_state waiting{{"logs", partition_id(0)}, 3, "c:9092", false, 1, false};
        for (int i = 0; i < 30; ++i) {
            pass(1s);
            loop->on_partitions(std::span(&waiting, 1));
        }
        REQUIRE(log.lines().size() == 1);
        CHECK(
            log.lines()[0] == "warn  [test] Records wait for the broker. records=1 seconds=10 "
                              "cause=\"logs-0: c:9092 (broker 3): not connected\""
        );
        by.answers = {ok};
        pass(1s);
        REQUIRE(log.lines().size() == 2);
        CHECK(log.lines()[1] == "info  [test] The broker takes records again.");
    }

    TEST_CASE_FIXTURE(loop_fixture, "closing waits as long as it may, then what is left is lost") {
        write({"a"});
        write({"b"});
        by.answers = {ok};
        loop->close_by_ns = (by.time.steady() + 3s).count();
        loop->closing = true;
        const auto begin = by.time.steady();
        loop->run();
        CHECK(by.time.steady() - begin >= 3s);
        CHECK(by.time.steady() - begin < 4s);
        CHECK(delivered == 1);
        CHECK(lost == 1);
        CHECK(counters.sum("logboom_kafka_output_records_lost_total") == 1);
    }
}
