#include "buffer/log/leader_epochs.h"

#include <doctest/doctest.h>

using namespace logboom;
using namespace logboom::log;

namespace {

using entries = std::vector<epoch_start>;

epoch_start entry(std::int32_t epoch, std::int64_t start) {
    return {leader_epoch(epoch), offset(start)};
}

} // namespace

TEST_SUITE("buffer/log/leader_epochs") {
    TEST_CASE("an epoch ends where the next one begins, the newest at the end of the log") {
        const leader_epochs epochs(entries{entry(2, 0), entry(5, 30)});
        CHECK(epochs.latest() == leader_epoch(5));
        CHECK(epochs.end_of(leader_epoch(2), offset(40)) == entry(2, 30));
        CHECK(epochs.end_of(leader_epoch(4), offset(40)) == entry(2, 30));
        CHECK(epochs.end_of(leader_epoch(5), offset(40)) == entry(5, 40));
        // Unknown: before the first, and still to come.
        CHECK(epochs.end_of(leader_epoch(1), offset(40)) == entry(-1, -1));
        CHECK(epochs.end_of(leader_epoch(6), offset(40)) == entry(-1, -1));
        CHECK(epochs.at(offset(29)) == leader_epoch(2));
        CHECK(epochs.at(offset(30)) == leader_epoch(5));
    }

    TEST_CASE("an epoch that wrote nothing gives its start to the next one") {
        leader_epochs epochs;
        CHECK(epochs.assign(leader_epoch(1), offset(0)));
        CHECK(epochs.assign(leader_epoch(2), offset(10)));
        CHECK(epochs.assign(leader_epoch(3), offset(10)));
        CHECK(epochs.starts() == entries{entry(1, 0), entry(3, 10)});
        CHECK_FALSE(epochs.assign(leader_epoch(3), offset(20)));
        CHECK_FALSE(epochs.assign(leader_epoch(-1), offset(20)));
    }

    TEST_CASE("cuts at either end drop what is gone") {
        leader_epochs epochs(entries{entry(1, 0), entry(2, 10), entry(3, 20)});
        CHECK(epochs.cut_start(offset(15)));
        CHECK(epochs.starts() == entries{entry(2, 15), entry(3, 20)});
        CHECK_FALSE(epochs.cut_start(offset(15)));
        CHECK(epochs.cut_end(offset(20)));
        CHECK(epochs.starts() == entries{entry(2, 15)});
        CHECK_FALSE(epochs.cut_end(offset(20)));
    }

    TEST_CASE("entries of a file that contradict others go") {
        const leader_epochs epochs(entries{
            entry(-3, 0), entry(2, -7), entry(4, 50), entry(3, 60), entry(6, 40)});
        CHECK(epochs.starts() == entries{entry(6, 40)});
    }
}
