// The queue against a model, call by call, and under threads: what is offered is taken, refused or
// told of, and nothing is lost, doubled or out of order.
#include "base/metric_list.h"
#include "pipelines/topology/batch_queue.h"

#include <doctest/doctest.h>

#include <condition_variable>
#include <deque>
#include <map>
#include <random>
#include <thread>

using namespace logboom;
using namespace logboom::pipelines;
using namespace std::chrono_literals;

TEST_SUITE_BEGIN("pipelines/topology/batch_queue");

namespace {

using patience = batch_queue::patience;

class counting_listener final : public room_listener {
  public:
    void on_room() noexcept override { ++told; }
    std::atomic<int> told{0};
};

/// Waits until it is told.
class waking_listener final : public room_listener {
  public:
    void on_room() noexcept override {
        const std::lock_guard lock(mutex_);
        is_told_ = true;
        changed_.notify_all();
    }
    bool wait() {
        std::unique_lock lock(mutex_);
        const bool was_told = changed_.wait_for(lock, 10s, [&] { return is_told_; });
        is_told_ = false;
        return was_told;
    }

  private:
    std::mutex mutex_;
    std::condition_variable changed_;
    bool is_told_ = false;
};

struct fixture {
    metrics registry;
    counter waited{registry, declared("logboom_pipeline_plugin_push_wait_seconds_total")};
};

/// A batch of `key` whose one event says its number.
batch_ptr numbered(std::uint64_t key, std::int64_t number) {
    auto made = std::make_unique<event_batch>();
    made->order_key = key;
    made->add(number);
    return made;
}

std::int64_t number_of(const event_batch& batch) {
    return batch.events.front().timestamp();
}

/// What the queue should hold, in a form that is plainly right.
struct model {
    static constexpr std::size_t batches_max = 5;
    std::map<std::uint64_t, std::deque<std::int64_t>> waiting;
    std::size_t batches = 0;
    /// One found no room, and half of it is not free yet.
    bool is_draining = false;
    bool is_refusing = false;
    bool is_closed = false;
    /// How often each listener must have been told, and whether it is to be told once more.
    std::vector<int> told = {0, 0};
    std::vector<bool> is_listening = {false, false};

    [[nodiscard]] offer_outcome offer(patience waits, std::size_t listener) {
        if (waits == patience::until_closed ? is_closed : is_refusing) {
            return offer_outcome::refused;
        }
        if (has_room()) {
            return offer_outcome::taken;
        }
        is_draining = true;
        is_listening[listener] = true;
        return offer_outcome::full;
    }
    [[nodiscard]] bool has_room() const {
        return batches == 0 || (batches < batches_max && !is_draining);
    }
    void left(std::size_t count) {
        batches -= count;
        is_draining = is_draining && batches > batches_max / 2;
    }
    void tell() {
        for (std::size_t i = 0; i < told.size(); ++i) {
            told[i] += is_listening[i] ? 1 : 0;
            is_listening[i] = false;
        }
    }
};

/// One lane, so that take() finds whatever waits; the model says when it would not block.
class played {
  public:
    explicit played(unsigned seed) : random_(seed) {}

    void step() {
        switch (random_() % 12) {
        case 0:
        case 1:
        case 2:
        case 3:
            offer();
            break;
        case 4:
        case 5:
            push();
            break;
        case 6:
        case 7:
        case 8:
            take();
            break;
        case 9:
            CHECK(queue_.is_idle() == (model_.batches == 0));
            break;
        case 10:
            discard();
            break;
        default:
            end();
        }
        for (std::size_t i = 0; i < listeners_.size(); ++i) {
            CHECK(listeners_[i]->told == model_.told[i]);
        }
    }

  private:
    void entered(std::uint64_t key, std::int64_t number) {
        model_.waiting[key].push_back(number);
        order_.push_back(key);
        ++model_.batches;
    }
    void offer() {
        const std::uint64_t key = random_() % 3;
        const auto waits = random_() % 2 == 0 ? patience::until_refused : patience::until_closed;
        const std::size_t listener = random_() % 2;
        const offer_outcome wanted = model_.offer(waits, listener);
        batch_ptr batch = numbered(key, ++last_);
        CHECK(queue_.offer(batch, waits, listeners_[listener]) == wanted);
        CHECK((batch == nullptr) == (wanted == offer_outcome::taken));
        if (wanted == offer_outcome::taken) {
            entered(key, last_);
        }
    }
    void push() {
        const bool is_over = model_.is_refusing;
        if (!is_over && !model_.has_room()) {
            return; // It would block.
        }
        const std::uint64_t key = random_() % 3;
        CHECK(
            queue_.push(numbered(key, ++last_), patience::until_refused, with_.waited) != is_over
        );
        if (!is_over) {
            entered(key, last_);
        }
    }
    void take() {
        if (order_.empty()) {
            return;
        }
        batch_queue::receipt paper;
        const batch_ptr got = queue_.take(0, paper);
        REQUIRE(got != nullptr);
        auto& of_key = model_.waiting[got->order_key];
        REQUIRE_FALSE(of_key.empty());
        CHECK(number_of(*got) == of_key.front());
        of_key.pop_front();
        order_.pop_front();
        queue_.done(0, paper);
        model_.left(1);
        if (!model_.is_draining) {
            model_.tell();
        }
    }
    void discard() {
        if (random_() % 8 != 0) {
            return;
        }
        CHECK(queue_.discard() == order_.size());
        order_.clear();
        model_.waiting.clear();
        model_.left(model_.batches);
        model_.tell();
    }
    void end() {
        if (random_() % 32 != 0) {
            return;
        }
        if (random_() % 2 == 0) {
            queue_.refuse();
        } else {
            queue_.close();
            model_.is_closed = true;
        }
        model_.is_refusing = true;
        model_.tell();
    }

    std::minstd_rand random_;
    fixture with_;
    model model_;
    batch_queue queue_{1, {model::batches_max, std::size_t{1} << 30U}};
    std::vector<std::shared_ptr<counting_listener>> listeners_ = {
        std::make_shared<counting_listener>(), std::make_shared<counting_listener>()};
    std::deque<std::uint64_t> order_;
    std::int64_t last_ = 0;
};

} // namespace

TEST_CASE("offers, pushes, takes and ends in any order do what a model says") {
    for (unsigned seed = 1; seed <= 200; ++seed) {
        CAPTURE(seed);
        played one(seed);
        for (int i = 0; i < 300; ++i) {
            one.step();
        }
    }
}

TEST_CASE_FIXTURE(fixture, "a batch that is larger than all the room is taken when it is alone") {
    batch_queue queue(1, {10, 1});
    const auto listener = std::make_shared<counting_listener>();
    batch_ptr first = numbered(0, 1);
    CHECK(queue.offer(first, patience::until_refused, listener) == offer_outcome::taken);
    batch_ptr second = numbered(0, 2);
    CHECK(queue.offer(second, patience::until_refused, listener) == offer_outcome::full);
    batch_queue::receipt paper;
    CHECK(queue.take(0, paper) != nullptr);
    CHECK(listener->told == 0);
    queue.done(0, paper);
    CHECK(listener->told == 1);
    CHECK(queue.offer(second, patience::until_refused, listener) == offer_outcome::taken);
}

TEST_CASE_FIXTURE(fixture, "what is discarded is lost, but a flush, in which nothing is") {
    batch_queue queue(1, {10, std::size_t{1} << 30U});
    std::vector<ack_verdict> batches;
    std::vector<ack_verdict> flushes;
    batch_ptr batch = numbered(0, 1);
    batch->ack = ack_token([&](ack_verdict verdict) { batches.push_back(verdict); });
    CHECK(queue.push(std::move(batch), patience::until_refused, waited));
    auto flush = std::make_unique<event_batch>();
    flush->ack = ack_token([&](ack_verdict verdict) { flushes.push_back(verdict); });
    CHECK(queue.push_flush(flush_call::last, flush));
    CHECK(queue.discard() == 1);
    CHECK(batches == std::vector{ack_verdict::lost});
    CHECK(flushes == std::vector{ack_verdict::delivered});
    CHECK(queue.is_idle());
}

TEST_CASE_FIXTURE(fixture, "the time that a push waits is counted, and only that") {
    batch_queue queue(1, {1, std::size_t{1} << 30U});
    CHECK(queue.push(numbered(0, 1), patience::until_refused, waited));
    CHECK(waited.value() == 0);
    std::thread pusher([&] { CHECK(queue.push(numbered(0, 2), patience::until_refused, waited)); });
    batch_queue::receipt paper;
    CHECK(queue.take(0, paper) != nullptr);
    // Whether the push has begun by now cannot be seen from here: with every round it is likelier.
    std::this_thread::yield();
    queue.done(0, paper);
    pusher.join();
    CHECK(queue.take(0, paper) != nullptr);
    queue.done(0, paper);

    CHECK(queue.push(numbered(0, 3), patience::until_refused, waited));
    const std::int64_t before = waited.value();
    std::thread refused([&] {
        CHECK_FALSE(queue.push(numbered(0, 4), patience::until_refused, waited));
    });
    while (waited.value() == before) {
        // It says so while it waits.
        std::this_thread::yield();
    }
    queue.refuse();
    refused.join();
}

TEST_CASE_FIXTURE(fixture, "threads that offer and push bring everything, each key in order") {
    constexpr std::int64_t each_sends = 400;
    constexpr std::size_t workers = 2;
    batch_queue queue(workers, {4, std::size_t{1} << 30U});
    std::mutex mutex;
    std::map<std::uint64_t, std::vector<std::int64_t>> got;
    std::vector<std::thread> takers;
    for (std::size_t worker = 0; worker < workers; ++worker) {
        takers.emplace_back([&, worker] {
            batch_queue::receipt paper;
            while (const batch_ptr batch = queue.take(worker, paper)) {
                {
                    const std::lock_guard lock(mutex);
                    got[batch->order_key].push_back(number_of(*batch));
                }
                queue.done(worker, paper);
            }
        });
    }
    std::vector<std::thread> sources;
    for (std::uint64_t key = 0; key < 4; ++key) {
        sources.emplace_back([&, key] {
            const auto listener = std::make_shared<waking_listener>();
            for (std::int64_t i = 1; i <= each_sends; ++i) {
                batch_ptr batch = numbered(key, i);
                if (key % 2 == 0) {
                    CHECK(queue.push(std::move(batch), patience::until_refused, waited));
                    continue;
                }
                while (queue.offer(batch, patience::until_refused, listener) == offer_outcome::full
                ) {
                    REQUIRE(listener->wait());
                }
                CHECK(batch == nullptr);
            }
        });
    }
    for (std::thread& each : sources) {
        each.join();
    }
    queue.close();
    for (std::thread& each : takers) {
        each.join();
    }
    for (std::uint64_t key = 0; key < 4; ++key) {
        REQUIRE(got[key].size() == each_sends);
        CHECK(std::is_sorted(got[key].begin(), got[key].end()));
    }
}

TEST_CASE_FIXTURE(fixture, "whoever waits for room hears of the end") {
    for (const bool closes : {false, true}) {
        batch_queue queue(1, {1, std::size_t{1} << 30U});
        const auto listener = std::make_shared<waking_listener>();
        batch_ptr first = numbered(0, 1);
        REQUIRE(queue.offer(first, patience::until_closed, listener) == offer_outcome::taken);
        std::thread waiter([&] {
            batch_ptr batch = numbered(0, 2);
            while (queue.offer(batch, patience::until_refused, listener) == offer_outcome::full) {
                REQUIRE(listener->wait());
            }
            CHECK(batch != nullptr);
        });
        closes ? queue.close() : queue.refuse();
        waiter.join();
    }
}

TEST_SUITE_END();
