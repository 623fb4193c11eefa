// One entry of log.dirs: lock, identity (meta.properties), partitions, checkpoints. It owns the
// partition logs found in it or created through it. One owner thread, the one that owns its logs.
#pragma once

#include "buffer/log/partition_log.h"

#include <functional>
#include <map>

namespace logboom::log {

struct log_directory_options {
    std::string path;
    broker_id node{0};
    /// Empty: that of meta.properties, or a new one. Different from meta.properties: wrong_cluster.
    std::string cluster_id;
    /// Called when the directory is ours, before its partitions are opened. May be empty.
    std::function<result<void>()> locked;
    /// The configuration of a topic found on disk.
    std::function<log_config(std::string_view topic)> config_of;
};

/// A partition that could not be opened: its topic is offline here, its files are left alone.
struct offline_partition {
    topic_partition partition;
    error why;
};

class log_directory {
  public:
    /// Takes the lock, reads or writes meta.properties, opens every partition found and removes the
    /// clean-shutdown mark. A damaged partition goes to offline(), it is no error.
    static result<std::unique_ptr<log_directory>>
    open(log_context context, log_directory_options options);
    ~log_directory();
    log_directory(const log_directory&) = delete;
    log_directory& operator=(const log_directory&) = delete;

    [[nodiscard]] const std::string& path() const noexcept;
    [[nodiscard]] const std::string& cluster_id() const noexcept;
    [[nodiscard]] const std::string& directory_id() const noexcept;
    /// The last shutdown was clean.
    [[nodiscard]] bool was_clean() const noexcept;

    /// nullptr when there is none.
    [[nodiscard]] partition_log* find(const topic_partition& partition) noexcept;
    [[nodiscard]] const std::map<topic_partition, std::unique_ptr<partition_log>>&
    logs() const noexcept;
    [[nodiscard]] const std::vector<offline_partition>& offline() const noexcept;
    /// As partition.metadata says; zero when there is none.
    [[nodiscard]] uuid topic_id(const topic_partition& partition) const;

    /// Errors: already_exists.
    result<partition_log*>
    create(const topic_partition& partition, const uuid& topic_id, const log_config& config);
    /// Takes the partition out at once (its log is gone after the call) and renames its directory;
    /// the files go in begin_removals() after file.delete.delay.ms.
    result<void> remove(const topic_partition& partition);

    /// Writes the checkpoint files from what the logs say, those that change. Every few seconds,
    /// and after flushes of kind checkpoint.
    result<void> write_checkpoints();
    /// The same in two steps: what to write is taken now, and the function writes it, on any thread
    /// that may block, while the directory lives. One that was overtaken does nothing.
    [[nodiscard]] std::function<result<void>()> begin_checkpoints();
    /// housekeep() of every log.
    result<std::size_t> housekeep();
    /// Removes files of segments and partitions that were deleted a while ago, which may take a
    /// tenth of a second a gigabyte: on any thread that may block. Empty when there are none.
    [[nodiscard]] std::function<void()> begin_removals();
    /// Closes every log, writes checkpoints and the clean-shutdown mark, gives the lock back.
    result<void> close();

  private:
    class state;
    explicit log_directory(std::unique_ptr<state> own);

    std::unique_ptr<state> state_;
};

/// "topic-3" to its parts; nothing for directories that are no partition's.
std::optional<topic_partition> parse_partition_directory(std::string_view name);
std::string partition_directory_name(const topic_partition& partition);

} // namespace logboom::log
