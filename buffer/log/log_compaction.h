// The owner's side of compacting one log (the steps and the job: compaction.h). Decides what may be
// compacted, and lets cleaned copies take the places of their segments. Part of partition_log, on
// its thread.
#pragma once

#include "buffer/log/compaction.h"
#include "buffer/log/condemned_files.h"
#include "buffer/log/flush_ledger.h"
#include "buffer/log/log_bounds.h"
#include "buffer/log/log_condition.h"
#include "buffer/log/producer_state.h"
#include "buffer/log/segment_list.h"

#include <string_view>

namespace logboom::log {

/// The pieces of a log that compaction works on; they outlive it.
struct compaction_site {
    const log_context& context;
    const log_config& config;
    const producer_state& producers;
    const segment_files& files;
    segment_list& segments;
    log_bounds& bounds;
    flush_ledger& ledger;
    condemned_files& condemned;
    log_condition& condition;
    /// Of the log's series: its topic.
    label_values labels;
};

class log_compaction {
  public:
    explicit log_compaction(const compaction_site& site);

    /// What could be done here; nothing while it is under way.
    [[nodiscard]] result<cleanable_size> cleanable() const;
    /// Nothing when must_compact() says no. One job at a time.
    std::optional<compaction_job> begin();
    result<void> begin_swap(compaction_outcome& outcome);
    /// Must follow each begin() unless the log is gone. A job that failed changes nothing, and its
    /// error is given back.
    result<void> finish(compaction_outcome outcome);

  private:
    [[nodiscard]] std::size_t count_compactable() const;
    result<void> drop_stale(compaction_outcome& outcome, std::string_view suffix);
    result<void> swap_group(const segment_group& group);
    result<void> condemn(const segment_span& span);

    compaction_site log_;
    counter deleted_segments_;
    bool is_under_way_ = false;
};

} // namespace logboom::log
