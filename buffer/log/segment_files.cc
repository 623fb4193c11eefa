#include "buffer/log/segment_files.h"

#include "base/assertion.h"

#include <algorithm>

namespace logboom::log {
namespace {

/// The records come last: their rename is what makes a swap complete.
constexpr std::string_view swapped_suffixes[] = {".index", ".timeindex", ".log"};

} // namespace

std::string segment_files::path(offset base, std::string_view suffix) const {
    return join_path(directory_, segment_file_name(base, suffix));
}

bool segment_files::exists(offset base, std::string_view suffix) const {
    return env_.exists(path(base, suffix));
}

result<void> segment_files::sync_names() const {
    return env_.sync_directory(directory_);
}

result<std::unique_ptr<segment>> segment_files::create(offset base) const {
    return segment::create(env_, directory_, base);
}

result<std::unique_ptr<segment>> segment_files::open(offset base) const {
    return segment::open(env_, directory_, base);
}

result<void> segment_files::remove(offset base) const {
    for (const std::string_view suffix : segment_suffixes) {
        if (suffix != ".snapshot" && exists(base, suffix)) {
            LB_CHECK(env_.remove(path(base, suffix)));
        }
    }
    return {};
}

result<void> segment_files::remove_unborn(offset base) const {
    for (const std::string_view suffix : {".log", ".index", ".timeindex", ".snapshot"}) {
        if (exists(base, suffix)) {
            LB_CHECK(env_.remove(path(base, suffix)));
        }
    }
    return {};
}

result<std::vector<offset>> segment_files::list_snapshots() const {
    LB_TRY(const auto names, env_.list(directory_));
    std::vector<offset> bases;
    for (const std::string& name : names) {
        if (const auto base = parse_segment_file_name(name, ".snapshot")) {
            bases.push_back(*base);
        }
    }
    std::sort(bases.begin(), bases.end());
    return bases;
}

result<std::shared_ptr<file>>
segment_files::write_snapshot(offset base, std::string_view content) const {
    LB_ASSERT(!content.empty());
    LB_TRY(std::shared_ptr<file> snapshot, env_.open(path(base, ".snapshot"), open_mode::truncate));
    LB_CHECK(snapshot->pwrite(as_bytes(content), 0));
    return snapshot;
}

result<void> segment_files::rename_copy_to_swap(offset base) const {
    for (const std::string_view suffix : swapped_suffixes) {
        const std::string name = path(base, suffix);
        LB_CHECK(env_.rename(name + ".cleaned", name + ".swap"));
    }
    return {};
}

result<void> segment_files::finish_swap(offset base) const {
    for (const std::string_view suffix : swapped_suffixes) {
        const std::string name = path(base, suffix);
        if (env_.exists(name + ".swap")) {
            LB_CHECK(env_.rename(name + ".swap", name));
        }
    }
    return {};
}

result<void> segment_files::remove_copy(offset base, std::string_view suffix) const {
    // The records first: a .log.swap that is left alone would still take its place.
    for (const std::string_view kind : {".log", ".index", ".timeindex"}) {
        LB_CHECK(env_.remove(path(base, kind) + std::string(suffix)));
    }
    return {};
}

} // namespace logboom::log
