#include "buffer/log/producer_recovery.h"

#include "base/assertion.h"
#include "buffer/log/errc.h"

#include <algorithm>

namespace logboom::log {
namespace {

constexpr std::size_t snapshot_size_max = 256U << 20U;

/// Counts in the batches from `begin` (a batch's start or a segment's) to the end.
result<void>
replay_headers(const segment_list& segments, offset begin, offset end, producer_state& producers) {
    for (std::size_t i = segments.index_of(begin); i < segments.size() && begin < end; ++i) {
        segment& each = segments.at(i);
        LB_TRY(const auto place, each.find(std::max(begin, each.base())));
        if (!place) {
            continue;
        }
        batch_scanner batches(*each.records(), place->position, each.size(), scan_depth::headers);
        while (true) {
            LB_TRY(const bool more, batches.next());
            if (!more) {
                break;
            }
            producers.update(batches.header());
        }
        if (!batches.at_end()) {
            return error(errc::corrupt, each.path());
        }
    }
    return {};
}

} // namespace

result<producer_state> recover_producers(
    const log_context& context, const segment_files& files, const segment_list& segments, offset end
) {
    LB_ASSERT(segments.active().end() == end);
    producer_state producers;
    LB_TRY(std::vector<offset> snapshots, files.list_snapshots());
    const offset first = segments.front().base();
    offset begin = first;
    bool removed = false;
    while (!snapshots.empty()) {
        const offset newest = snapshots.back();
        const std::string path = files.path(newest, ".snapshot");
        // One from before the first segment misses what was deleted since: knowing nothing of a
        // producer is better than knowing an old state.
        if (newest <= end && newest >= first) {
            LB_TRY(const std::string content, read_file(context.files, path, snapshot_size_max));
            if (producers.decode(as_bytes(content))) {
                begin = newest;
                break;
            }
            context.messages.warn("A damaged producer snapshot is removed. path={}", path);
        }
        LB_CHECK(context.files.remove(path));
        removed = true;
        snapshots.pop_back();
    }
    if (removed) {
        // A snapshot of records that were cut off must not come back once the log is as long again.
        LB_CHECK(files.sync_names());
    }
    // Of the others those at the base of a segment stay.
    for (std::size_t i = 0; i + 1 < snapshots.size(); ++i) {
        if (segments.at(segments.index_of(snapshots[i])).base() != snapshots[i]) {
            LB_CHECK(context.files.remove(files.path(snapshots[i], ".snapshot")));
        }
    }
    LB_ASSERT(begin >= first);
    LB_ASSERT(begin <= end);
    LB_CHECK(replay_headers(segments, begin, end, producers));
    return producers;
}

} // namespace logboom::log
