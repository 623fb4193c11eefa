// The system calls behind the actions: stat, open, read, delete.
#include "agent/file/file_actions.h"

#include "agent/errc.h"

#include <algorithm>
#include <array>

namespace logboom::agent {
namespace {

constexpr std::size_t read_size_min = std::size_t{4} * 1024;

/// Without NULs at their end, which may be filled yet.
std::string_view readable(const followed_file& which, std::string_view bytes) {
    const bool is_filled = which.is_compressed || !which.progress.splitter().passes_blanks();
    return is_filled ? bytes : without_blank_end(bytes);
}

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
    case tail_step::prove:
        prove(*which);
        return true;
    case tail_step::finish:
        batcher_.finish(*which, !options_.tail.read_mode || which->is_damaged, made_);
        if (!deliver(*which)) {
            return false;
        }
        files_.finished(action.key, now());
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
    const auto found = which.is_open() ? which.source->stat() : stat_path(path);
    files_.checked(key, found, now());
    followed_file* const left = files_.find(key);
    if (left == nullptr) {
        return;
    }
    if (found.has_value() && found->identity == left->progress.identity() &&
        left->is_suspect(*found)) {
        verify(*left, *found);
    }
    if (left->names.is_polled && left->has_name()) {
        finder_.look_at(path, now());
    }
}

void file_actions::verify(followed_file& which, const file_stat& stat) {
    std::unique_ptr<file_source> opened;
    if (!which.is_open()) {
        opened = file_source::open_known(which.progress.path(), which.progress.identity());
        if (!opened) {
            return;
        }
    }
    file_source& source = opened ? *opened : *which.source;
    const content_marker marker = which.progress.read_marker();
    std::array<char, content_marker::reach> bytes{};
    const std::int64_t from =
        which.progress.read_position() - static_cast<std::int64_t>(marker.size());
    const auto count = source.read(bytes.data(), marker.size(), from);
    if (count.has_value()) {
        which.verified_ns = stat.changed_ns;
        if (!marker.fits({bytes.data(), *count})) {
            files_.content_changed(which.key, stat, now());
        }
    }
}

void file_actions::open(followed_file& which) {
    const std::string& path = which.progress.path();
    auto source = file_source::open(path, which.is_compressed);
    if (source.has_error()) {
        files_.opened(which.key, source.error(), now());
        return;
    }
    if (which.is_compressed && options_.check_archives && !is_fit(which, **source)) {
        return;
    }
    const auto found = (*source)->stat();
    if (found.has_error()) {
        files_.opened(which.key, found.error(), now());
        return;
    }
    auto head = read_head(**source);
    if (which.is_compressed && head.has_error()) {
        // Reading will meet it, too.
        head = std::string();
    }
    if (head.has_error()) {
        files_.opened(which.key, head.error(), now());
        return;
    }
    files_.opened(which.key, opened_file{std::move(*source), *found, *std::move(head)}, now());
}

bool file_actions::is_fit(followed_file& which, file_source& archive) {
    constexpr std::size_t checked_at_once = std::size_t{256} * 1024;
    std::vector<char> buffer(checked_at_once);
    for (std::int64_t position = 0;;) {
        const auto count = archive.read(buffer.data(), buffer.size(), position);
        if (count.has_error()) {
            log_.error(
                "A compressed file is not read path={} error=\"{}\"",
                which.progress.path(),
                count.error().text()
            );
            files_.completed(which.key, std::nullopt, now());
            return false;
        }
        if (*count == 0) {
            break;
        }
        position += static_cast<std::int64_t>(*count);
    }
    if (archive.is_cut_off()) {
        // Not a line of it before the rest has come.
        files_.was_read(which.key, read_outcome{.is_cut_off = true}, now());
        return false;
    }
    return true;
}

result<std::string> file_actions::read_head(file_source& source) {
    std::string out(content_prefix::reach, '\0');
    LB_TRY(const std::size_t count, source.read(out.data(), out.size(), 0));
    out.resize(count);
    return out;
}

bool file_actions::read(followed_file& which) {
    if (which.lacks_head()) {
        const auto found = which.source->stat();
        const auto head = read_head(*which.source);
        if (found.has_value() && head.has_value() && !readable(which, *head).empty()) {
            files_.took_head(which, *found, *head, now());
            return true;
        }
    }
    const std::int64_t position = which.progress.read_position();
    constexpr std::size_t room = read_buffers::block_size - content_marker::reach;
    const std::size_t size_max = std::min(options_.read_size, room);
    std::size_t wanted = size_max;
    if (!which.is_compressed) {
        const auto unread = std::max<std::int64_t>(which.progress.unread(), 0);
        wanted = std::min(std::max(static_cast<std::size_t>(unread), read_size_min), size_max);
    }
    // From a little before on, to see whether the file is what it was.
    const content_marker marker = which.progress.read_marker();
    const std::size_t known = which.is_compressed ? 0 : marker.size();
    const read_buffers::space space = buffers_.get(wanted + known, wanted + known);
    auto count =
        which.source->read(space.data, space.size, position - static_cast<std::int64_t>(known));
    if (count.has_value()) {
        const std::string_view seen(space.data, *count);
        buffers_.use(*count);
        has_read_ = true;
        if (known > 0 && !marker.fits(seen.substr(0, known))) {
            if (const auto found = which.source->stat(); found.has_value()) {
                files_.content_changed(which.key, *found, now());
            }
            return true;
        }
        const std::string_view fresh = readable(which, seen.substr(known));
        if (fresh.empty() && seen.size() > known) {
            constexpr std::int64_t blank_at_once = std::int64_t{8} << 20U;
            files_.saw_blank(
                which.key, which.source->measure_blank(which.blank_end(), blank_at_once), now()
            );
            return true;
        }
        count = fresh.size();
        if (*count > 0) {
            const std::string_view text = seen.substr(0, known + *count);
            files_.saw(which, position - static_cast<std::int64_t>(known), text);
            batcher_.add(which, text, known, space.owner, made_);
            if (!deliver(which)) {
                return false;
            }
        }
    }
    if (count.has_error()) {
        files_.was_read(which.key, count.error(), now());
    } else {
        const bool is_cut_off = *count == 0 && which.source->is_cut_off();
        files_.was_read(which.key, read_outcome{*count, is_cut_off}, now());
    }
    return true;
}

result<file_look> file_actions::look_at(const file_source& source) {
    // The writers first: what they wrote before they closed it is in the size then.
    const writers who = source.find_writers();
    LB_TRY(const auto found, source.stat());
    return file_look{found, who};
}

void file_actions::prove(const followed_file& which) {
    if (which.is_open()) {
        files_.looked_for_end(which.key, look_at(*which.source), now());
        return;
    }
    const auto source = file_source::open(which.progress.path(), false);
    if (source.has_error()) {
        files_.looked_for_end(which.key, source.error(), now());
    } else {
        files_.looked_for_end(which.key, look_at(**source), now());
    }
}

void file_actions::complete(followed_file& which) {
    const std::string path = which.progress.path();
    // It stays open over the end of its name: what somebody writes just then is not lost.
    if (!which.is_open() && which.has_name()) {
        open(which);
    }
    const auto look =
        which.is_open() ? look_at(*which.source) : error(errc::not_a_regular_file, path);
    if (!files_.may_complete(which.key, look, now())) {
        return;
    }
    const auto named = stat_path(path);
    const bool is_it = named.has_value() && named->identity == which.progress.identity();
    std::optional<file_look> after;
    if (!which.is_damaged && is_it && completed_.finish(path)) {
        const auto found = look_at(*which.source);
        after = found.has_value() ? std::optional(*found) : std::nullopt;
        files_.table().vanished(path, now());
    }
    files_.completed(which.key, after, now());
}

} // namespace logboom::agent
