// The consumer's loop over a scripted link: assignment, rewinds, commits, rebalances, and what ends
// it.
#include "buffer/client/consumer_loop.h"
#include "tests/unit/log_file.h"

#include <doctest/doctest.h>

#include <deque>

using namespace logboom;
using namespace logboom::client;
using namespace std::chrono_literals;

namespace {

constexpr auto ok = RD_KAFKA_RESP_ERR_NO_ERROR;
const topic_partition logs0{"logs", partition_id(0)};
const topic_partition logs1{"logs", partition_id(1)};

/// What the broker of one test shall do, and what it was asked. A poll takes as long as it may.
struct script {
    manual_clock time;
    /// What happens during the next polls, one each.
    std::deque<std::function<void(consumer_listener&)>> events;
    /// What happens elsewhere while the loop waits for answers to commits.
    std::function<void()> meanwhile;
    std::map<topic_partition, std::int64_t> group;
    /// Answers to commits, in order; a commit without one stays unanswered.
    std::deque<rd_kafka_resp_err_t> commit_answers;
    std::vector<std::vector<partition_offset>> commits;
    std::deque<rd_kafka_resp_err_t> seek_answers;
    std::vector<partition_offset> seeks;
    std::deque<taken_records> queue;
    std::vector<std::string> topics{"logs"};
    int topic_questions = 0;
    std::vector<std::string> asked_for;
    std::vector<std::string> calls;
    int polls = 0;
};

class fake_consumer final : public consumer_link {
  public:
    fake_consumer(script& by, consumer_listener& listener) : by_(by), listener_(listener) {}

    rd_kafka_resp_err_t subscribe(const std::vector<std::string>& /*topics*/) override {
        return ok;
    }
    void poll(std::chrono::milliseconds limit) override {
        ++by_.polls;
        by_.time.advance(limit);
        if (!by_.events.empty()) {
            const auto event = std::move(by_.events.front());
            by_.events.pop_front();
            event(listener_);
        }
    }
    std::vector<partition_answer> committed(
        std::span<const topic_partition> partitions, std::chrono::milliseconds /*limit*/
    ) override {
        std::vector<partition_answer> all;
        for (const topic_partition& at : partitions) {
            const auto found = by_.group.find(at);
            all.push_back({at, offset(found == by_.group.end() ? -1001 : found->second), ok});
        }
        return all;
    }
    void assign(std::span<const topic_partition> partitions) override {
        by_.calls.push_back(fmt::format("assign {}", partitions.size()));
    }
    void unassign(std::span<const topic_partition> partitions) override {
        by_.calls.push_back(fmt::format("unassign {}", partitions.size()));
    }
    rd_kafka_resp_err_t
    seek(const partition_offset& to, std::chrono::milliseconds /*limit*/) override {
        by_.seeks.push_back(to);
        return next(by_.seek_answers).value_or(ok);
    }
    rd_kafka_resp_err_t commit(std::span<const partition_offset> offsets) override {
        by_.calls.push_back("commit");
        by_.commits.emplace_back(offsets.begin(), offsets.end());
        under_way_.push_back(by_.commits.back());
        return ok;
    }
    void poll_commits(std::chrono::milliseconds limit) override {
        if (by_.meanwhile) {
            std::exchange(by_.meanwhile, nullptr)();
        }
        while (!under_way_.empty() && !by_.commit_answers.empty()) {
            const auto code = *next(by_.commit_answers);
            std::vector<partition_answer> answers;
            for (const partition_offset& each : under_way_.front()) {
                answers.push_back({each.at, each.offset, code});
            }
            under_way_.pop_front();
            listener_.on_commit(code, answers);
        }
        by_.time.advance(limit);
    }
    std::vector<taken_records>
    take(std::size_t /*records_max*/, std::chrono::milliseconds /*limit*/) override {
        std::vector<taken_records> all;
        if (!by_.queue.empty()) {
            all.push_back(std::move(by_.queue.front()));
            by_.queue.pop_front();
        }
        return all;
    }
    void wake() override {}
    std::optional<std::vector<std::string>>
    topic_names(std::chrono::milliseconds /*limit*/) override {
        ++by_.topic_questions;
        return by_.topics;
    }
    void ask_for(const std::string& topic, std::chrono::milliseconds /*limit*/) override {
        by_.asked_for.push_back(topic);
    }
    [[nodiscard]] std::optional<offset> known_end(const topic_partition& /*at*/) const override {
        return offset(100);
    }
    // Nobody answers: it takes all the time there is.
    void close(std::chrono::milliseconds limit) override {
        by_.calls.emplace_back("close");
        by_.time.advance(limit);
    }
    [[nodiscard]] rd_kafka_t* handle() const override { return nullptr; }

  private:
    template <class T>
    static std::optional<T> next(std::deque<T>& from) {
        if (from.empty()) {
            return std::nullopt;
        }
        const T front = from.front();
        from.pop_front();
        return front;
    }

    script& by_;
    consumer_listener& listener_;
    std::deque<std::vector<partition_offset>> under_way_;
};

struct consumer_fixture {
    script by;
    metrics counters;
    std::unique_ptr<consumer::loop> loop;

    explicit consumer_fixture(const property_list& properties = {}) {
        consumer_options options;
        options.properties = properties;
        options.topics = {"logs"};
        options.commit_interval = 5s;
        options.labels = {"main", "kafka", "in"};
        loop = std::make_unique<consumer::loop>(
            std::move(options),
            counters,
            by.time,
            [this](const property_list&, consumer_listener& listener) {
                return result<std::unique_ptr<consumer_link>>(
                    std::make_unique<fake_consumer>(by, listener)
                );
            }
        );
        REQUIRE(loop->join().has_value());
    }
    void assign(std::vector<topic_partition> partitions) {
        by.events.emplace_back([partitions](auto& to) { to.on_assigned(partitions); });
        loop->step();
    }
    void revoke(std::vector<topic_partition> partitions, bool is_lost = false) {
        by.events.emplace_back([=](auto& to) { to.on_revoked(partitions, is_lost); });
        loop->step();
    }
    /// Records [first, end) of a partition lie in the queue and are fetched.
    fetched_records fetch(const topic_partition& at, std::int64_t first, std::int64_t end) {
        by.queue.push_back(
            {at, offset(first), std::vector<message_handle>(static_cast<std::size_t>(end - first))}
        );
        auto groups = loop->fetch(1000, 50ms);
        REQUIRE(groups.size() == 1);
        return std::move(groups.front());
    }
    /// Likewise, and handed to the pipeline.
    hand_over begin(const topic_partition& at, std::int64_t first, std::int64_t end) {
        auto records = fetch(at, first, end);
        REQUIRE_FALSE(loop->begins_anew(records));
        const auto batch = loop->begin(records.lease, offset(first), offset(end));
        REQUIRE(batch.has_value());
        return *batch;
    }
    void pass(std::chrono::nanoseconds span) {
        const auto end = by.time.steady() + span;
        while (by.time.steady() < end) {
            loop->step();
        }
    }
    [[nodiscard]] double sum(const std::string& name) const {
        return static_cast<double>(counters.sum("logboom_kafka_input_" + name));
    }
};

using offsets = std::vector<partition_offset>;

} // namespace

TEST_SUITE("buffer/client/consumer_loop") {
    TEST_CASE_FIXTURE(consumer_fixture, "what is final is committed once each interval") {
        by.group[logs0] = 10;
        assign({logs0});
        auto records = fetch(logs0, 10, 15);
        CHECK_FALSE(loop->begins_anew(records));
        CHECK(records.committed == offset(10));
        const auto first = loop->begin(records.lease, offset(10), offset(15));
        const auto second = begin(logs0, 15, 20);
        loop->on_ack(second, ack_verdict::delivered);
        pass(6s);
        CHECK(by.commits.empty());
        loop->on_ack(*first, ack_verdict::delivered);
        by.commit_answers = {ok};
        pass(6s);
        REQUIRE(by.commits.size() == 1);
        CHECK(by.commits[0] == offsets{{logs0, offset(20)}});
        CHECK(sum("commits_total") == 1);
        CHECK(sum("lag_records") == 80);
        // Its new owner tells of it.
        revoke({logs0});
        CHECK(sum("lag_records") == 0);
    }

    TEST_CASE_FIXTURE(consumer_fixture, "partitions that cannot be read are told once, by name") {
        assign({logs0, logs1});
        const log_file log;
        loop->options.log = logger::named("test");
        const partition_state read{logs0, 1, "a:9092", true, 0, true};
        const partition_state offline{logs1, -1, "", false, 0, true};
        const partition_state back{logs1, 1, "a:9092", true, 0, true};
        for (int i = 0; i < 20; ++i) {
            loop->on_partitions(std::vector{read, offline});
            pass(1s);
        }
        REQUIRE(log.lines().size() == 1);
        CHECK(
            log.lines()[0] == "warn  [test] Partitions cannot be read. partitions=\"logs-1\" "
                              "cause=\"no leader: offline\""
        );
        loop->on_partitions(std::vector{read, back});
        REQUIRE(log.lines().size() == 2);
        CHECK(
            log.lines()[1] == "info  [test] These partitions are read again. partitions=\"logs-1\""
        );
    }

    TEST_CASE_FIXTURE(consumer_fixture, "while no broker is reached no partition is told of") {
        assign({logs0});
        loop->on_error(RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN, "1/1 brokers are down");
        const log_file log;
        loop->options.log = logger::named("test");
        const partition_state cut_off{logs0, 1, "a:9092", false, 0, true};
        for (int i = 0; i < 20; ++i) {
            loop->on_partitions(std::span(&cut_off, 1));
            pass(1s);
        }
        CHECK(log.lines().empty());
    }

    TEST_CASE_FIXTURE(
        consumer_fixture,
        "a broker that cannot be reached is told to a member that has no partitions yet"
    ) {
        const log_file log;
        loop->options.log = logger::named("test");
        const auto refuse = [&] {
            loop->on_error(
                RD_KAFKA_RESP_ERR__TRANSPORT,
                "b:9092/2: Connect to ipv4#10.0.0.2:9092 failed: Connection refused (after 0ms in "
                "state CONNECT)"
            );
            pass(5s);
        };
        refuse();
        REQUIRE(log.lines().size() == 1);
        CHECK(log.lines()[0].ends_with(
            "cause=\"b:9092 (broker 2): cannot connect: Connection refused\""
        ));
        // With partitions their own state says which of them wait.
        assign({logs0});
        pass(60s);
        const std::size_t before = log.lines().size();
        refuse();
        CHECK(log.lines().size() == before);
    }

    TEST_CASE_FIXTURE(consumer_fixture, "a commit that is refused is made again") {
        assign({logs0});
        loop->on_ack(begin(logs0, 0, 5), ack_verdict::delivered);
        by.commit_answers = {RD_KAFKA_RESP_ERR_NOT_COORDINATOR, ok};
        pass(11s);
        CHECK(by.commits == std::vector<offsets>{{{logs0, offset(5)}}, {{logs0, offset(5)}}});
        CHECK(sum("commit_failures_total") == 1);
        CHECK(sum("commits_total") == 1);
    }

    TEST_CASE_FIXTURE(consumer_fixture, "a revocation waits for what is in flight and commits it") {
        assign({logs0, logs1});
        const auto batch = begin(logs0, 0, 5);
        by.meanwhile = [&] { loop->on_ack(batch, ack_verdict::delivered); };
        by.commit_answers = {ok};
        const auto before = by.time.steady();
        revoke({logs0});
        CHECK(by.time.steady() - before < 1s);
        CHECK(by.calls == std::vector<std::string>{"assign 2", "commit", "unassign 1"});
        CHECK(by.commits == std::vector<offsets>{{{logs0, offset(5)}}});
        CHECK(loop->owned.lease_of(logs0) == no_lease);
        CHECK(loop->owned.lease_of(logs1) != no_lease);
    }

    TEST_CASE_FIXTURE(
        consumer_fixture,
        "a revocation waits three seconds at most, and the late ack commits nothing"
    ) {
        assign({logs0});
        const auto batch = begin(logs0, 0, 5);
        const auto before = by.time.steady();
        revoke({logs0});
        CHECK(by.time.steady() - before >= 3s);
        CHECK(by.time.steady() - before < 4s);
        loop->on_ack(batch, ack_verdict::delivered);
        CHECK(sum("late_acks_total") == 1);
        pass(10s);
        CHECK(by.commits.empty());
    }

    TEST_CASE_FIXTURE(
        consumer_fixture, "what the group has given away already is neither awaited nor committed"
    ) {
        assign({logs0});
        loop->on_ack(begin(logs0, 0, 5), ack_verdict::delivered);
        begin(logs0, 5, 9);
        const auto before = by.time.steady();
        revoke({logs0}, true);
        CHECK(by.time.steady() - before < 1s);
        CHECK(by.commits.empty());
    }

    TEST_CASE_FIXTURE(consumer_fixture, "a commit answered after the revocation changes nothing") {
        assign({logs0});
        loop->on_ack(begin(logs0, 0, 5), ack_verdict::delivered);
        pass(5s);
        REQUIRE(by.commits.size() == 1);
        revoke({logs0});
        by.commit_answers = {RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION};
        pass(10s);
        CHECK(sum("commit_failures_total") == 1);
        CHECK(by.commits.size() == 1);
    }

    TEST_CASE_FIXTURE(
        consumer_fixture, "records of a partition that has been revoked are dropped"
    ) {
        assign({logs0});
        auto records = fetch(logs0, 0, 5);
        revoke({logs0});
        assign({logs0});
        CHECK_FALSE(loop->begins_anew(records));
        CHECK_FALSE(loop->begin(records.lease, offset(0), offset(5)).has_value());
        by.queue.push_back({logs1, offset(0), std::vector<message_handle>(3)});
        CHECK(loop->fetch(1000, 50ms).empty());
    }

    TEST_CASE_FIXTURE(consumer_fixture, "lost records are read again from where all was final") {
        assign({logs0});
        const auto first = begin(logs0, 0, 5);
        const auto second = begin(logs0, 5, 9);
        loop->on_ack(first, ack_verdict::delivered);
        loop->on_ack(second, ack_verdict::lost);
        loop->step();
        CHECK(by.seeks == offsets{{logs0, offset(5)}});
        auto again = fetch(logs0, 5, 9);
        CHECK_FALSE(loop->begins_anew(again));
        CHECK(again.lease != second.lease);
        const auto repeated = loop->begin(again.lease, offset(5), offset(9));
        loop->on_ack(*repeated, ack_verdict::delivered);
        by.commit_answers = {ok};
        pass(6s);
        CHECK(by.commits == std::vector<offsets>{{{logs0, offset(9)}}});
        CHECK(sum("rewinds_total") == 1);
    }

    TEST_CASE_FIXTURE(
        consumer_fixture, "a rewind that is refused is tried again and holds the commit"
    ) {
        assign({logs0});
        loop->on_ack(begin(logs0, 0, 5), ack_verdict::lost);
        by.seek_answers = {RD_KAFKA_RESP_ERR__STATE, ok};
        loop->step();
        CHECK(by.seeks.size() == 1);
        // The fetch position has not moved: these come although those before are lost.
        loop->on_ack(begin(logs0, 5, 9), ack_verdict::delivered);
        pass(300ms);
        CHECK(by.seeks.size() == 1);
        pass(400ms);
        CHECK(by.seeks == offsets{{logs0, offset(0)}, {logs0, offset(0)}});
        pass(10s);
        CHECK(by.commits.empty());
        loop->on_ack(begin(logs0, 0, 9), ack_verdict::delivered);
        by.commit_answers = {ok};
        pass(6s);
        CHECK(by.commits == std::vector<offsets>{{{logs0, offset(9)}}});
    }

    TEST_CASE_FIXTURE(
        consumer_fixture, "a topic made anew while lost records are to be read again starts over"
    ) {
        assign({logs0});
        loop->on_ack(begin(logs0, 0, 100), ack_verdict::delivered);
        loop->on_ack(begin(logs0, 100, 110), ack_verdict::lost);
        loop->step();
        CHECK(by.seeks == offsets{{logs0, offset(100)}});
        // The offset is not in the new log: the policy takes its start.
        auto records = fetch(logs0, 0, 10);
        CHECK(loop->begins_anew(records));
        CHECK(records.committed == no_offset);
        const auto batch = loop->begin(records.lease, offset(0), offset(10));
        REQUIRE(batch.has_value());
        loop->on_ack(*batch, ack_verdict::delivered);
        by.commit_answers = {ok};
        pass(6s);
        CHECK(by.commits.back() == offsets{{logs0, offset(10)}});
    }

    TEST_CASE_FIXTURE(consumer_fixture, "acks of a log that is gone do not count for the new one") {
        assign({logs0});
        const auto before = begin(logs0, 500, 510);
        auto records = fetch(logs0, 0, 3);
        CHECK(loop->begins_anew(records));
        CHECK(records.lease != before.lease);
        loop->on_ack(before, ack_verdict::delivered);
        CHECK(sum("late_acks_total") == 1);
        const auto batch = loop->begin(records.lease, offset(0), offset(3));
        loop->on_ack(*batch, ack_verdict::delivered);
        by.commit_answers = {ok};
        pass(6s);
        CHECK(by.commits == std::vector<offsets>{{{logs0, offset(3)}}});
    }

    TEST_CASE_FIXTURE(
        consumer_fixture, "while nobody fetches the group is answered and commits go on"
    ) {
        assign({logs0});
        loop->on_ack(begin(logs0, 0, 5), ack_verdict::delivered);
        by.queue.push_back({logs0, offset(5), std::vector<message_handle>(5)});
        by.commit_answers = {ok};
        by.polls = 0;
        pass(60s);
        CHECK(by.polls >= 500);
        CHECK(by.commits.size() == 1);
        // Nothing was thrown away, and nothing read again.
        CHECK(by.seeks.empty());
        const auto next = loop->fetch(1000, 50ms);
        REQUIRE(next.size() == 1);
        CHECK(next[0].first == offset(5));
    }

    TEST_CASE_FIXTURE(consumer_fixture, "a fatal error is kept for whoever fetches") {
        assign({logs0});
        CHECK_FALSE(loop->failure.has_value());
        by.events.emplace_back([](auto& to) {
            to.on_error(RD_KAFKA_RESP_ERR__FATAL, "another member has this group.instance.id");
        });
        loop->step();
        REQUIRE(loop->failure.has_value());
        CHECK(
            loop->failure->text() == "another member has this group.instance.id: the member of the "
                                     "group cannot go on"
        );
    }

    TEST_CASE_FIXTURE(
        consumer_fixture, "no offset, and a policy that chooses none, ends the reading"
    ) {
        assign({logs0});
        by.events.emplace_back([](auto& to) {
            to.on_record_error({RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET, "logs", 3, "no offset"});
        });
        loop->step();
        REQUIRE(loop->failure.has_value());
        CHECK(loop->failure->text().starts_with("logs-3: the group has no offset in the log"));
    }

    TEST_CASE_FIXTURE(consumer_fixture, "a partition without a committed offset has none") {
        by.group[logs1] = 7;
        assign({logs0, logs1});
        CHECK(fetch(logs0, 40, 41).committed == no_offset);
        CHECK(fetch(logs1, 7, 8).committed == offset(7));
    }

    TEST_CASE("a topic that is not there is asked for more and more rarely, and made where that is "
              "allowed") {
        consumer_fixture it({{"allow.auto.create.topics", "true"}});
        it.by.topics = {"other"};
        it.by.events.emplace_back([](auto& to) {
            to.on_record_error({RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART, "logs", -1, "not there"});
        });
        it.loop->step();
        CHECK(it.by.asked_for == std::vector<std::string>{"logs"});
        it.pass(120s);
        CHECK(it.by.topic_questions >= 6);
        CHECK(it.by.topic_questions <= 12);
        it.by.topics = {"logs"};
        it.pass(31s);
        const int questions = it.by.topic_questions;
        it.pass(120s);
        CHECK(it.by.topic_questions == questions);
    }

    TEST_CASE_FIXTURE(consumer_fixture, "closing commits what is final and ends in its time") {
        assign({logs0});
        loop->on_ack(begin(logs0, 0, 5), ack_verdict::delivered);
        loop->on_ack(begin(logs0, 5, 9), ack_verdict::lost);
        loop->stopping = true;
        const auto before = by.time.steady();
        // No answer to the commit comes, none from the group.
        loop->leave();
        CHECK(by.time.steady() - before <= 3500ms);
        CHECK(by.commits == std::vector<offsets>{{{logs0, offset(5)}}});
        CHECK(by.seeks.empty());
        CHECK(loop->owned.partitions().empty());
    }

    TEST_CASE_FIXTURE(
        consumer_fixture, "what is lost after reading has ended is left for the next start"
    ) {
        assign({logs0});
        const auto batch = begin(logs0, 0, 5);
        loop->reading_ended = true;
        loop->on_ack(batch, ack_verdict::lost);
        pass(10s);
        CHECK(by.seeks.empty());
        CHECK(by.commits.empty());
        CHECK(sum("rewinds_total") == 0);
    }

    TEST_CASE_FIXTURE(consumer_fixture, "brokers that are gone are a gauge, until one answers") {
        assign({logs0});
        CHECK(counters.sum("logboom_kafka_up") == 1);
        by.events.emplace_back([](auto& to) {
            to.on_error(RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN, "1/1 brokers are down");
        });
        loop->step();
        CHECK(counters.sum("logboom_kafka_up") == 0);
        fetch(logs0, 0, 1);
        CHECK(counters.sum("logboom_kafka_up") == 1);
    }
}
