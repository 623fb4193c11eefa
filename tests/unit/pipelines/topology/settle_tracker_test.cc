#include "pipelines/topology/settle_tracker.h"

#include "base/metric_list.h"

#include <doctest/doctest.h>

#include <chrono>
#include <future>
#include <thread>

using namespace logboom;
using namespace logboom::pipelines;
using namespace std::chrono_literals;

namespace {

struct tracker_fixture {
    metrics registry;
    counter lost{registry, declared("logboom_pipeline_batches_lost_total")};
    gauge unsettled{registry, declared("logboom_pipeline_unsettled_batches")};
    std::shared_ptr<settle_tracker> tracker = std::make_shared<settle_tracker>(lost, unsettled);
};

} // namespace

TEST_SUITE("pipelines/topology/settle_tracker") {
    TEST_CASE_FIXTURE(tracker_fixture, "the hook runs each time the last open batch is settled") {
        int idle = 0;
        tracker->on_idle([&] { ++idle; });
        ack_token first = tracker->wrap({});
        ack_token second = tracker->wrap({});
        CHECK(tracker->open() == 2);
        CHECK(unsettled.value() == 2);
        first.delivered();
        CHECK(idle == 0);
        second.delivered();
        CHECK(idle == 1);
        CHECK(tracker->is_idle());
        tracker->wrap({}).delivered();
        CHECK(idle == 2);
        CHECK(lost.value() == 0);
    }

    TEST_CASE_FIXTURE(tracker_fixture, "a verdict reaches the wrapped token before the hook") {
        std::vector<std::string> order;
        tracker->on_idle([&] { order.emplace_back("idle"); });
        ack_token source([&](ack_verdict verdict) {
            order.emplace_back(verdict == ack_verdict::lost ? "lost" : "delivered");
        });
        { const ack_token forgotten = tracker->wrap(std::move(source)); }
        CHECK(order == std::vector<std::string>{"lost", "idle"});
        CHECK(lost.value() == 1);
    }

    TEST_CASE_FIXTURE(tracker_fixture, "a hook is taken away only when its last call is over") {
        // A token may be settled by a thread of an output that outlives the pipeline's threads: the
        // pipeline must not go while that thread is inside its hook.
        std::promise<void> entered;
        std::promise<void> replaced;
        bool is_replaced_too_early = false;
        tracker->on_idle([&, seen = replaced.get_future().share()] {
            entered.set_value();
            is_replaced_too_early = seen.wait_for(100ms) == std::future_status::ready;
        });
        std::thread output([token = tracker->wrap({})]() mutable { token.delivered(); });
        entered.get_future().wait();
        tracker->on_idle({});
        replaced.set_value();
        output.join();
        CHECK_FALSE(is_replaced_too_early);
        tracker->wrap({}).delivered();
    }
}
