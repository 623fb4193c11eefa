// Turns the actions of a tail_set into system calls and tells it what became of them. Input's
// thread; blocks on the disk, never on the pipeline.
#pragma once

#include "agent/file/completed_files.h"
#include "agent/file/file_finder.h"
#include "agent/file/outbox.h"
#include "agent/file/read_buffers.h"
#include "agent/file/tail_set.h"

namespace logboom::agent {

class file_actions {
  public:
    file_actions(
        const file_options& options,
        tail_set& files,
        file_finder& finder,
        line_batcher batcher,
        outbox& out,
        clock& time,
        logger log
    );

    /// Any but tail_step::checkpoint. False when the pipeline is stopping.
    bool run(const tail_action& action);
    void set_agent_id(std::string id) { batcher_.set_agent_id(std::move(id)); }
    /// Bytes have been read since the last call.
    [[nodiscard]] bool take_has_read() noexcept { return std::exchange(has_read_, false); }

  private:
    [[nodiscard]] now_at now() const { return {time_.steady(), time_.wall_ms()}; }
    void check(followed_file& which);
    /// Compares its contents with their marker.
    void verify(followed_file& which, const file_stat& stat);
    void open(followed_file& which);
    /// False when it is not to be read (now), which has been told.
    bool is_fit(followed_file& which, file_source& archive);
    bool read(followed_file& which);
    static result<std::string> read_head(file_source& source);
    [[nodiscard]] static result<file_look> look_at(const file_source& source);
    void prove(const followed_file& which);
    void complete(followed_file& which);
    /// False when the pipeline is stopping.
    bool deliver(followed_file& from);

    const file_options& options_;
    tail_set& files_;
    file_finder& finder_;
    line_batcher batcher_;
    outbox& out_;
    clock& time_;
    logger log_;
    read_buffers buffers_;
    completed_files completed_;
    std::vector<line_batch> made_;
    bool has_read_ = false;
};

} // namespace logboom::agent
