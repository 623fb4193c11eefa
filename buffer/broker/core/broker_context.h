// What the parts of a broker share: handed to handlers and groups by the server, which owns it all
// and outlives them. On the loop.
#pragma once

#include "base/clock.h"
#include "base/log.h"
#include "base/metrics.h"
#include "buffer/broker/core/handler_table.h"
#include "buffer/log/partition_log.h"
#include "net/event_loop.h"

namespace logboom::broker {

struct broker_config;
class metadata_store;
class topic_catalog;

/// When an append counts as done.
enum class durability {
    /// In the page cache.
    written,
    /// On disk: waits for the group commit.
    synced,
};

/// Appends and reads of partitions by the broker itself and by handlers.
class partition_access {
  public:
    using appended = std::function<void(result<log::append_result>)>;

    virtual ~partition_access() = default;

    /// Appends `records` (batches v2, patched in place) at once and in call order, and wakes
    /// fetches that wait for them. `done` is called when `wait` is fulfilled: before append()
    /// returns when that needs no disk. Not-found and storage errors arrive through `done` too.
    virtual void append(
        const topic_partition& to,
        mutable_bytes records,
        const log::append_options& options,
        durability wait,
        appended done
    ) = 0;
};

struct broker_context {
    net::event_loop& loop;
    const clock& time;
    metrics& counters;
    logger messages;
    const broker_config& config;
    topic_catalog& topics;
    partition_access& partitions;
    metadata_store& store;
};

} // namespace logboom::broker
