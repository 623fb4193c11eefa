// Who is who among the files of one input: sightings become files, names and sizes.
#include "agent/file/file_table.h"

#include "agent/file/rotated_name.h"

#include <algorithm>

namespace logboom::agent {
file_table::file_table(
    const tail_options& options,
    followed_files& files,
    record_book& records,
    read_schedule& schedule,
    tail_counters& counters,
    logger log
)
    : options_(options)
    , files_(files)
    , records_(records)
    , schedule_(schedule)
    , counters_(counters)
    , log_(std::move(log)) {}

followed_file* file_table::lookup(file_key key) {
    const auto found = files_.find(key);
    return found == files_.end() ? nullptr : &found->second;
}

followed_file* file_table::lookup(const std::string& path) {
    const auto* const known = names_.find(path);
    return known == nullptr ? nullptr : lookup(known->key);
}

bool file_table::knows(const file_identity& identity) const {
    return by_identity_.contains(identity) || state().find(identity) != nullptr ||
           state().find_moved(identity) != nullptr;
}

const checkpoint_record* file_table::known_record(const sighting& seen) const {
    const checkpoint_record* known = state().find(seen.stat.identity);
    if (known == nullptr) {
        known = state().find_moved(seen.stat.identity);
    }
    return known == nullptr && seen.same_as ? state().find(*seen.same_as) : known;
}

void file_table::disown(const file_identity& identity) {
    records_.state().remove(identity.without_birth());
}

void file_table::observe(const sighting& seen, now_at now) {
    followed_file* which = nullptr;
    if (seen.stat.is_regular) {
        const auto known = by_identity_.find(seen.stat.identity);
        which = known == by_identity_.end() ? make(seen, now) : lookup(known->second);
    }
    if (which == nullptr) {
        vanished(seen.path, now);
        return;
    }
    attach(*which, seen, now);
    measured(*which, seen.stat, now);
}

void file_table::found_other(const followed_file& which, const file_stat& other, now_at now) {
    const std::string path = which.progress.path();
    const name_table::name* const known = names_.find(path);
    observe({path, other, known != nullptr && known->is_matched, which.names.is_polled}, now);
}

followed_file* file_table::make(const sighting& seen, now_at now) {
    const checkpoint_record* const known = known_record(seen);
    const bool is_wanted =
        seen.is_matched ||
        (known == nullptr ? !seen.lineage.empty()
                          : !known->is_complete || known->position.value() < seen.stat.size);
    if (!is_wanted) {
        return nullptr;
    }
    const bool is_exact = known != nullptr && known->identity == seen.stat.identity;
    const bool is_anew = is_exact && seen.has_copy;
    checkpoint_record start = known != nullptr ? *known : first_record(seen, now);
    if (is_anew) {
        begin_anew(start, now);
    } else if (known != nullptr && !is_exact) {
        take_over(start, seen);
    }
    start.identity = seen.stat.identity;
    start.path = seen.path;
    if (start.lineage.empty()) {
        start.lineage = seen.lineage.empty() ? seen.path : seen.lineage;
    }

    const file_key key = next_key_++;
    line_cutter cutter(options_.delimiter, options_.longest_line);
    if (options_.units != text_units::bytes) {
        cutter.expect(
            options_.units, in_units(options_.delimiter, options_.units), options_.longest_line
        );
    }
    followed_file& which =
        files_.try_emplace(key, key, std::move(start), std::move(cutter), counters_.bytes)
            .first->second;
    by_identity_.emplace(seen.stat.identity, key);
    which.units = options_.units;
    which.active = now.steady;
    if (options_.read_mode) {
        // An old file is quiet when it is found.
        const auto age = std::chrono::milliseconds(now.wall.value()) -
                         std::chrono::nanoseconds(seen.stat.modified_ns);
        which.active -= std::clamp<clock::duration>(age, {}, options_.completed_quiet);
    }
    which.is_compressed = options_.read_mode && is_archive_name(seen.path);
    if (known == nullptr) {
        which.progress.skip_start();
    }
    if (is_exact && !is_anew) {
        which.is_durable = true;
        records_.state().revive(seen.stat.identity);
        const auto changed = std::chrono::nanoseconds(seen.stat.changed_ns);
        if (changed > std::chrono::milliseconds(which.progress.record().changed.value())) {
            // After the last position: perhaps it was written anew meanwhile.
            schedule_.want_check(which);
        }
    } else {
        records_.begin(which);
        if (known != nullptr) {
            schedule_.want_check(which);
        }
    }
    names_.join_lineage(which);
    counters_.files.set(static_cast<std::int64_t>(files_.size()));
    return &which;
}

void file_table::begin_anew(checkpoint_record& record, now_at now) {
    record.begin_generation(now.wall);
    counters_.truncations.add();
    schedule_.want_checkpoint();
    log_.info(
        "A file was copied and truncated while nobody followed it, and is read from its beginning; "
        "what it held is read from its copy path={} generation={}",
        record.path,
        record.generation.value()
    );
}

void file_table::take_over(checkpoint_record& record, const sighting& seen) {
    const file_identity now = seen.stat.identity;
    const file_identity before = record.identity;
    // What Logstash wrote has no birth time, and its lines had no names.
    if (before == now.without_birth()) {
        return;
    }
    record.origin = record.origin.value_or(before);
    if (!seen.is_copy) {
        records_.state().remove(before);
    }
    log_.info(
        "A file has another identity than when it was last seen and is read on path={} was={} "
        "is={} position={}",
        record.path,
        before.text(),
        now.text(),
        record.position.value()
    );
}

checkpoint_record file_table::first_record(const sighting& seen, now_at now) const {
    checkpoint_record record;
    record.changed = now.wall;
    const bool from_start = options_.from_beginning || is_discovered_ || seen.is_disowned ||
                            is_new_since_last_run(seen);
    const auto age = std::chrono::milliseconds(now.wall.value()) -
                     std::chrono::nanoseconds(seen.stat.modified_ns);
    const bool is_ignored =
        options_.ignore_older > clock::duration::zero() && age > options_.ignore_older;
    if (!from_start || is_ignored) {
        record.position = file_position(seen.stat.size);
        record.is_complete = options_.read_mode;
    }
    return record;
}

bool file_table::is_new_since_last_run(const sighting& seen) const {
    const auto written = state().loaded_from();
    if (!written) {
        return false;
    }
    const auto born = std::chrono::nanoseconds(seen.stat.identity.birth_ns);
    return state().knows_path(seen.path) ||
           born + options_.discovery_slack >= std::chrono::milliseconds(written->value());
}

void file_table::attach(followed_file& to, const sighting& seen, now_at now) {
    if (const auto* known = names_.find(seen.path); known != nullptr && known->key != to.key) {
        detach(seen.path, now);
    }
    const bool was_matched = to.is_matched();
    if (names_.bind(seen.path, to, seen.is_matched) && to.progress.path() != seen.path &&
        (to.names.count == 1 || !was_matched)) {
        counters_.rotations.add();
        to.progress.rename(seen.path);
        records_.mark(to);
    }
    note_if_orphan(to);
    if (seen.is_polled && !to.names.is_polled) {
        to.names.is_polled = true;
        polled_.push_back(to.key);
    }
}

void file_table::detach(const std::string& path, now_at now) {
    followed_file* const from = lookup(path);
    if (from == nullptr) {
        return;
    }
    const bool was_matched = from->is_matched();
    names_.unbind(path, *from);
    if (was_matched && !from->is_matched()) {
        from->active = now.steady;
    }
    note_if_orphan(*from);
    if (from->is_open()) {
        schedule_.want_check(*from);
    }
}

void file_table::note_if_orphan(followed_file& which) {
    if (!which.is_matched() && !which.marks.orphans) {
        which.marks.orphans = true;
        new_orphans_.push_back(which.key);
    }
}

void file_table::vanished(const std::string& path, now_at now) {
    detach(path, now);
}

void file_table::touched(const std::string& path) {
    if (followed_file* const which = lookup(path)) {
        which->end.is_closed = false;
        which->blank.is_stale = true;
        schedule_.want_check(*which);
    }
}

void file_table::closed(const std::string& path) {
    if (followed_file* const which = lookup(path)) {
        which->end.is_closed = true;
        if (which->phase == file_phase::waiting) {
            schedule_.want(tail_step::prove, *which);
        }
    }
}

std::vector<std::string> file_table::discovery_ended() {
    is_discovered_ = true;
    return names_.unseen();
}

const std::vector<file_key>& file_table::polled() {
    std::erase_if(polled_, [&](file_key key) { return lookup(key) == nullptr; });
    return polled_;
}

void file_table::measure_blank(followed_file& which, const file_stat& stat) {
    const bool has_changed = std::exchange(which.changed_ns, stat.changed_ns) != stat.changed_ns;
    if (!which.ends_blank()) {
        return;
    }
    if (stat.size < which.progress.size()) {
        // First the NULs were taken away.
        which.progress.set_size(std::max(stat.size, which.progress.read_position()));
        which.blank.run = {.holes = 0, .nuls = which.progress.unread()};
    }
    which.blank.is_end = !has_changed && !which.blank.is_stale;
}

void file_table::measured(followed_file& which, const file_stat& stat, now_at now) {
    which.names.links = stat.links;
    which.looked_at = now.steady;
    measure_blank(which, stat);
    if (which.is_compressed) {
        measure_archive(which, stat.size, now);
    } else {
        if (stat.size < which.progress.size()) {
            truncate(which, stat.size, now);
        } else if (stat.size > which.progress.size()) {
            which.progress.set_size(stat.size);
            which.progress.set_complete(false);
            which.active = now.steady;
            which.go_on();
        }
    }
    which.behind.saw(
        which.ends_blank() ? which.progress.read_position() : which.progress.size(),
        which.progress.record().position.value(),
        now.steady
    );
    if (which.has_backlog()) {
        schedule_.want_read(which);
    } else {
        schedule_.want_end(which);
    }
}

void file_table::measure_archive(followed_file& which, std::int64_t size, now_at now) {
    const std::int64_t before = std::exchange(which.archive_size, size);
    if (before < 0 || size == before) {
        return;
    }
    if (size < before) {
        if (which.is_open()) {
            schedule_.close(which);
        }
        truncate(which, 0, now);
        which.is_damaged = false;
        return;
    }
    which.at_end = which.is_damaged;
    which.progress.set_complete(false);
    which.active = now.steady;
    which.go_on();
}

void file_table::truncate(followed_file& which, std::int64_t size, now_at now) {
    const std::int64_t read_to = which.progress.read_position();
    const std::int64_t lost = which.progress.truncate_to(size, now.wall);
    counters_.truncations.add();
    log_.warn(
        "A file was truncated and is read from its beginning path={} position={} size={} "
        "generation={} lost_bytes={}",
        which.progress.path(),
        read_to,
        size,
        which.progress.generation().value(),
        lost
    );
    which.active = now.steady;
    which.behind.reset();
    which.blank = {};
    which.go_on();
    which.is_head_known = false;
    which.at_end = false;
    which.end.is_cut_off = false;
    which.retry.at = {};
    // At once: later the sizes may not tell any more.
    schedule_.want_checkpoint();
    records_.begin(which);
}

void file_table::drop(followed_file& which) {
    const std::int64_t position = which.progress.record().position.value();
    if (const std::int64_t lost = which.progress.end(which.ends_blank()); lost > 0) {
        log_.warn(
            "A file is gone before it was read to its end path={} position={} lost_bytes={}",
            which.progress.path(),
            position,
            lost
        );
    }
    records_.retire(which);
    schedule_.forget(which);
    names_.forget(which);
    names_.leave_lineage(which);
    by_identity_.erase(which.progress.identity());
    files_.erase(which.key);
    counters_.files.set(static_cast<std::int64_t>(files_.size()));
}

} // namespace logboom::agent
