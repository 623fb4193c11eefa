#include "buffer/client/assignment.h"

#include <doctest/doctest.h>

using namespace logboom;
using namespace logboom::client;

namespace {

const topic_partition logs0{"logs", partition_id(0)};
const topic_partition logs1{"logs", partition_id(1)};

hand_over begin(assignment& owned, lease of, std::int64_t first, std::int64_t end) {
    auto batch = owned.begin(of, offset(first), offset(end));
    REQUIRE(batch.has_value());
    return *batch;
}

std::vector<partition_offset> only(const topic_partition& at, std::int64_t to) {
    return {{at, offset(to)}};
}

} // namespace

TEST_SUITE("buffer/client/assignment") {
    TEST_CASE("an offset is committed only when every record before it is final") {
        assignment owned;
        const lease ours = owned.assign(logs0, offset(100));
        const auto first = begin(owned, ours, 100, 110);
        const auto second = begin(owned, ours, 110, 120);
        const auto third = begin(owned, ours, 120, 121);
        owned.finish(third);
        owned.finish(second);
        CHECK(owned.take_commits().empty());
        owned.finish(first);
        CHECK(owned.take_commits() == only(logs0, 121));
        CHECK(owned.take_commits().empty());
    }

    TEST_CASE("nothing is committed for a partition that was only read") {
        assignment owned;
        const lease ours = owned.assign(logs0, no_offset);
        begin(owned, ours, 5, 7);
        CHECK(owned.take_commits().empty());
        CHECK(owned.watermark(logs0) == offset(5));
        CHECK(owned.open_count() == 1);
    }

    TEST_CASE("the ack of a revoked partition commits nothing") {
        assignment owned;
        const auto late = begin(owned, owned.assign(logs0, offset(0)), 0, 10);
        const auto other = begin(owned, owned.assign(logs1, offset(0)), 0, 10);
        owned.revoke(logs0);
        owned.finish(late);
        owned.finish(other);
        CHECK(owned.take_commits() == only(logs1, 10));
        CHECK(owned.lease_of(logs0) == no_lease);
    }

    TEST_CASE("the ack of an earlier ownership does not count for the present one") {
        assignment owned;
        const auto late = begin(owned, owned.assign(logs0, offset(0)), 0, 10);
        owned.revoke(logs0);
        const lease again = owned.assign(logs0, offset(0));
        const auto repeated = begin(owned, again, 0, 10);
        owned.finish(late);
        CHECK(owned.take_commits().empty());
        owned.finish(repeated);
        CHECK(owned.take_commits() == only(logs0, 10));
    }

    TEST_CASE("a batch of a lease that is gone is not handed on") {
        assignment owned;
        const lease ours = owned.assign(logs0, offset(0));
        owned.revoke(logs0);
        CHECK_FALSE(owned.begin(ours, offset(0), offset(1)).has_value());
    }

    TEST_CASE("a commit that failed is given again with the newest offset") {
        assignment owned;
        const lease ours = owned.assign(logs0, offset(0));
        owned.finish(begin(owned, ours, 0, 10));
        CHECK(owned.take_commits() == only(logs0, 10));
        owned.finish(begin(owned, ours, 10, 15));
        owned.commit_failed(logs0);
        CHECK(owned.take_commits() == only(logs0, 15));
        owned.commit_failed(logs1);
        CHECK(owned.take_commits().empty());
    }

    TEST_CASE("a lost batch is read again and what followed it is not committed") {
        assignment owned;
        const lease ours = owned.assign(logs0, offset(0));
        owned.finish(begin(owned, ours, 0, 10));
        const auto lost = begin(owned, ours, 10, 20);
        const auto after = begin(owned, ours, 20, 30);
        owned.finish(after);
        owned.lose(lost);
        REQUIRE(owned.has_rewinds());
        CHECK(owned.take_rewinds() == only(logs0, 10));
        CHECK_FALSE(owned.has_rewinds());
        CHECK(owned.lease_of(logs0) != ours);
        // What was final before the loss is still to be committed.
        CHECK(owned.take_commits() == only(logs0, 10));
        owned.finish(begin(owned, owned.lease_of(logs0), 10, 30));
        CHECK(owned.take_commits() == only(logs0, 30));
    }

    TEST_CASE("while reading cannot be set back nothing is committed, and it is tried again") {
        assignment owned;
        owned.lose(begin(owned, owned.assign(logs0, offset(0)), 10, 20));
        CHECK(owned.take_rewinds() == only(logs0, 10));
        owned.rewind_failed(logs0);
        // The records that were fetched behind the lost ones still come.
        owned.finish(begin(owned, owned.lease_of(logs0), 20, 30));
        CHECK(owned.take_commits().empty());
        REQUIRE(owned.has_rewinds());
        CHECK(owned.take_rewinds() == only(logs0, 10));
        owned.finish(begin(owned, owned.lease_of(logs0), 10, 30));
        CHECK(owned.take_commits() == only(logs0, 30));
    }

    TEST_CASE("a log that begins anew is committed from its new beginning") {
        assignment owned;
        const lease before = owned.assign(logs0, offset(500));
        const auto old = begin(owned, before, 500, 600);
        const lease renewed = owned.renew(owned.lease_of(logs0));
        owned.finish(old);
        CHECK(owned.take_commits().empty());
        owned.finish(begin(owned, renewed, 0, 3));
        CHECK(owned.take_commits() == only(logs0, 3));
    }
}
