// The system calls behind the actions: stat, open, read, delete.
#include "agent/file/file_actions.h"

#include <algorithm>

namespace logboom::agent {
namespace {

constexpr std::size_t read_size_min = std::size_t{4} * 1024;

} // namespace

file_actions::file_actions(
    const file_options& options,
    tail_set& files,
    file_finder& finder,
    line_batcher batcher,
    outbox& out,
    clock& time,
    logger log
)
    : options_(options)
    , files_(files)
    , finder_(finder)
    , batcher_(std::move(batcher))
    , out_(out)
    , time_(time)
    , log_(std::move(log))
    , completed_(options.when_completed, options.completed_log_path, log_) {}

bool file_actions::run(const tail_action& action) {
    followed_file* const which = files_.find(action.key);
    LB_ASSERT(which != nullptr);
    switch (action.step) {
    case tail_step::check:
        check(*which);
        return true;
    case tail_step::open:
        open(*which);
        return true;
    case tail_step::read:
        return read(*which);
    case tail_step::flush:
        batcher_.flush(*which, made_);
        return deliver(*which);
    case tail_step::finish:
        batcher_.finish(*which, !options_.tail.read_mode || which->is_damaged, made_);
        if (!deliver(*which)) {
            return false;
        }
        files_.finished(action.key);
        return true;
    case tail_step::complete:
        complete(*which);
        return true;
    case tail_step::checkpoint:
        break;
    }
    LB_ASSERT(false);
    return false;
}

bool file_actions::deliver(followed_file& from) {
    bool is_going = true;
    for (line_batch& each : made_) {
        files_.handed_on(each.range);
        if (!each.events) {
            files_.settled(each.range, ack_verdict::delivered, now());
        } else if (!out_.put(std::move(each))) {
            is_going = false;
        }
    }
    made_.clear();
    files_.plan_flush(from);
    return is_going;
}

void file_actions::check(followed_file& which) {
    const std::string path = which.progress.path();
    const file_key key = which.key;
    files_.checked(key, which.is_open() ? which.source->stat() : stat_path(path), now());
    if (const auto* const left = files_.find(key);
        left != nullptr && left->names.is_polled && left->has_name()) {
        finder_.look_at(path, now());
    }
}

void file_actions::open(const followed_file& which) {
    const std::string& path = which.progress.path();
    if (which.is_compressed && options_.check_archives && !is_archive_valid(path)) {
        log_.error("A compressed file is damaged and is not read path={}", path);
        files_.completed(which.key, true);
        return;
    }
    auto source = file_source::open(path, which.is_compressed);
    if (source.has_error()) {
        files_.opened(which.key, source.error(), now());
        return;
    }
    const auto found = (*source)->stat();
    if (found.has_error()) {
        files_.opened(which.key, found.error(), now());
        return;
    }
    files_.opened(which.key, opened_file{std::move(*source), *found}, now());
}

bool file_actions::read(followed_file& which) {
    const std::int64_t position = which.progress.read_position();
    const std::size_t size_max = std::min(options_.read_size, read_buffers::block_size);
    std::size_t wanted = size_max;
    if (!which.is_compressed) {
        const auto unread = std::max<std::int64_t>(which.progress.unread(), 0);
        wanted = std::min(std::max(static_cast<std::size_t>(unread), read_size_min), size_max);
    }
    const read_buffers::space space = buffers_.get(wanted, wanted);
    const auto count = which.source->read(space.data, space.size, position);
    if (count.has_value()) {
        buffers_.use(*count);
        has_read_ = true;
        if (*count > 0) {
            batcher_.add(which, {space.data, *count}, space.owner, made_);
            if (!deliver(which)) {
                return false;
            }
        }
    }
    files_.was_read(which.key, count, now());
    return true;
}

void file_actions::complete(followed_file& which) {
    if (which.is_damaged) {
        files_.completed(which.key, true);
        return;
    }
    const std::string path = which.progress.path();
    const auto found = stat_path(path);
    const bool is_it = found.has_value() && found->identity == which.progress.identity();
    if (is_it && !which.is_compressed && found->size > which.progress.read_position()) {
        files_.completed(which.key, false);
        return;
    }
    if (is_it && completed_.finish(path) && which.is_open()) {
        // That it has no name any more lets the sincedb forget it.
        files_.checked(which.key, which.source->stat(), now());
    }
    files_.completed(which.key, true);
}

} // namespace logboom::agent
