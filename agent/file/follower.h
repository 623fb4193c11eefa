// The thread around tail_set: turns inotify, the clock and acks into facts, and has the actions
// done. Made by file_input.cc; run() and close() as plugin/input.h says; everything on run()'s
// thread but the ack callbacks, which go through the inbox.
#pragma once

#include "agent/file/file_actions.h"
#include "agent/file/sincedb_heritage.h"
#include "agent/file/status_report.h"

namespace logboom::agent {

class follower final : public input {
  public:
    follower(const plugin_context& context, file_options options, std::unique_ptr<env> disk);

    [[nodiscard]] bool can_read_again() const noexcept override { return true; }
    void run(batch_sink& into, std::stop_token stop) override;
    void close() override;
    std::optional<files_status> describe_files(std::size_t count_max) override;

  private:
    using duration = clock::duration;

    [[nodiscard]] now_at now() const { return {time_.steady(), time_.wall_ms()}; }
    /// Waits while another process keeps its positions in the same file; false when stopped.
    bool take_sincedb(const std::stop_token& stop);
    void complain_of_sincedb(const error& why) const;
    void start();
    void loop(const std::stop_token& stop);
    void take_acks();
    void answer_questions();
    void take_changes();
    void run_timers();
    /// Acts until there is nothing to do or a little time has passed. True when there may be more.
    bool work(const std::stop_token& stop);
    void write_checkpoint();
    void note_positions();
    void wait();
    [[nodiscard]] duration next_timer() const;

    clock& time_;
    logger log_;
    file_options options_;
    std::string data_directory_;
    std::unique_ptr<env> disk_;
    std::shared_ptr<ack_inbox> inbox_;
    sincedb_claim claim_;
    sincedb state_;
    sincedb_heritage heritage_;
    tail_set files_;
    directory_watch watch_;
    file_finder finder_;
    outbox out_;
    file_actions actions_;
    status_desk desk_;
    counter checkpoint_failures_;
    std::vector<ack_inbox::report> reports_;
    std::vector<directory_change> changes_;
    duration next_stat_{};
    duration next_discovery_{};
    duration next_checkpoint_{};
    duration next_note_{};
    duration last_discovery_{};
    duration discovery_cost_{};
    duration checkpoint_complained_at_ = -std::chrono::hours(1);
    bool wants_discovery_ = false;
    bool has_started_ = false;
    bool is_stopping_ = false;
};

} // namespace logboom::agent
