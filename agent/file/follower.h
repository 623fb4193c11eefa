// The thread around tail_set: turns inotify, the clock and acks into facts, and actions into system
// calls. Made by file.cc; run() and close() as plugin.h says; everything on run()'s thread but the
// ack callbacks, which go through the inbox.
#pragma once

#include "agent/file/ack_inbox.h"
#include "agent/file/file_finder.h"
#include "agent/file/file_source.h"
#include "agent/file/line_batcher.h"
#include "agent/file/read_buffers.h"
#include "agent/file/sincedb_claim.h"

#include <set>

namespace logboom::agent {

class follower final : public input {
  public:
    follower(const plugin_context& context, file_options options, std::unique_ptr<env> disk);

    [[nodiscard]] bool can_read_again() const noexcept override { return true; }
    void run(batch_sink& into, std::stop_token stop) override;
    void close() override;

  private:
    struct open_file {
        std::unique_ptr<file_source> source;
        decoding_state decoding;
        /// As it stands in flushes_.
        std::optional<clock::duration> flush_at;
    };
    using duration = clock::duration;

    [[nodiscard]] tail_set::now_at now() const { return {time_.steady(), time_.wall_ms()}; }
    /// Waits while another process keeps its positions in the same file; false when stopped.
    bool take_sincedb(const std::stop_token& stop);
    void start();
    void loop(const std::stop_token& stop);
    void take_acks();
    void take_changes();
    void run_timers();
    /// Acts until there is nothing to do or a little time has passed. True when there may be more.
    bool work(const std::stop_token& stop);
    void act(const tail_action& action);
    void check(file_key key);
    void close_file(file_key key);
    void open(file_key key);
    void read(file_key key);
    void finish(file_key key);
    /// Lines that a decoder has held for long enough, of files that have no more.
    void flush_held();
    void schedule_flush(file_key key, open_file& of, std::optional<duration> at);
    void forget(file_key key);
    void complete(file_key key);
    [[nodiscard]] bool write_completed(const std::string& path);
    void write_checkpoint();
    void wait(bool was_productive);
    [[nodiscard]] duration next_timer() const;

    clock& time_;
    logger log_;
    file_options options_;
    std::string data_directory_;
    std::unique_ptr<env> disk_;
    std::shared_ptr<ack_inbox> inbox_;
    sincedb_claim claim_;
    sincedb state_;
    tail_set files_;
    directory_watch watch_;
    file_finder finder_;
    read_buffers buffers_;
    line_batcher batcher_;
    line_counters counters_;
    counter checkpoint_failures_;
    std::unordered_map<file_key, open_file> open_;
    /// The files whose decoders must be flushed if no more lines come, by when.
    std::set<std::pair<duration, file_key>> flushes_;
    std::vector<ack_inbox::report> reports_;
    std::vector<directory_change> changes_;
    duration next_stat_{};
    duration next_discovery_{};
    duration next_checkpoint_{};
    duration last_discovery_{};
    duration discovery_cost_{};
    duration checkpoint_complained_at_ = -std::chrono::hours(1);
    bool wants_discovery_ = false;
    bool has_started_ = false;
    bool is_stopping_ = false;
    bool has_read_ = false;
};

} // namespace logboom::agent
