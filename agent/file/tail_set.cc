// Which names stand for which files. What to do with them is in tail_set_actions.cc.
#include "agent/file/tail_set.h"

#include "base/metric_list.h"

#include <algorithm>

namespace logboom::agent {
namespace {

bool is_archive(std::string_view path) {
    return path.ends_with(".gz") || path.ends_with(".gzip");
}

} // namespace

tail_counters::tail_counters(metrics& registry, const label_values& labels)
    : files(registry, declared("logboom_agent_files"), labels)
    , open_files(registry, declared("logboom_agent_open_files"), labels)
    , truncations(registry, declared("logboom_agent_truncations_total"), labels)
    , rotations(registry, declared("logboom_agent_rotations_total"), labels)
    , rewinds(registry, declared("logboom_agent_rewinds_total"), labels)
    , bytes_lost(registry, declared("logboom_agent_lost_bytes_total"), labels)
    , lag_bytes(registry, declared("logboom_agent_lag_bytes"), labels)
    , unacked_bytes(registry, declared("logboom_agent_unacked_bytes"), labels) {}

tail_set::tail_set(tail_options options, sincedb& state, tail_counters counters, logger log)
    : options_(std::move(options)), state_(state), counters_(counters), log_(std::move(log)) {}

tail_set::entry* tail_set::lookup(file_key key) {
    const auto found = files_.find(key);
    return found == files_.end() ? nullptr : &found->second;
}

tailed_file* tail_set::find(file_key key) {
    entry* const found = lookup(key);
    return found == nullptr ? nullptr : &found->file;
}

bool tail_set::is_open(file_key key) const {
    const auto found = files_.find(key);
    return found != files_.end() && found->second.is_open;
}

bool tail_set::is_polled(file_key key) const {
    const auto found = files_.find(key);
    return found != files_.end() && found->second.is_polled && found->second.name_count > 0;
}

bool tail_set::is_compressed(file_key key) const {
    const auto found = files_.find(key);
    return found != files_.end() && found->second.is_compressed;
}

bool tail_set::is_damaged(file_key key) const {
    const auto found = files_.find(key);
    return found != files_.end() && found->second.is_damaged;
}

bool tail_set::knows(const file_identity& identity) const {
    return by_identity_.contains(identity) || state_.find(identity) != nullptr;
}

void tail_set::observe(const sighting& seen, now_at now) {
    const auto name = by_path_.find(seen.path);
    const auto known = by_identity_.find(seen.stat.identity);
    entry* which = known == by_identity_.end() ? nullptr : lookup(known->second);
    if (which == nullptr && seen.stat.is_regular) {
        which = make_entry(seen, now);
    }
    if (which == nullptr || !seen.stat.is_regular) {
        if (name != by_path_.end()) {
            detach(name, now);
        }
        return;
    }
    attach(*which, seen, now);
    update_size(*which, seen.stat, now);
}

tail_set::entry* tail_set::make_entry(const sighting& seen, now_at now) {
    const checkpoint_record* const known = state_.find(seen.stat.identity);
    const bool is_wanted =
        seen.is_matched ||
        (known == nullptr ? !seen.lineage.empty() : known->position.value() < seen.stat.size);
    if (!is_wanted) {
        return nullptr;
    }
    const bool is_exact = known != nullptr && known->identity == seen.stat.identity;
    checkpoint_record start = known != nullptr ? *known : first_record(seen, now);
    start.identity = seen.stat.identity;
    start.path = seen.path;
    if (start.lineage.empty()) {
        start.lineage = seen.lineage.empty() ? seen.path : seen.lineage;
    }

    const file_key key = next_key_++;
    tailed_file made(
        key, std::move(start), line_cutter(options_.delimiter, options_.line_size_max)
    );
    entry& which = files_.emplace(key, entry(std::move(made))).first->second;
    by_identity_.emplace(seen.stat.identity, key);
    which.active = now.steady;
    which.is_compressed = options_.read_mode && is_archive(seen.path);
    which.is_durable = is_exact;
    if (is_exact) {
        state_.revive(seen.stat.identity);
    } else {
        fresh_.push_back(key);
        mark_dirty(which);
    }
    find_predecessor(which);
    counters_.files.set(static_cast<std::int64_t>(files_.size()));
    return &which;
}

checkpoint_record tail_set::first_record(const sighting& seen, now_at now) const {
    checkpoint_record record;
    record.changed = now.wall;
    const bool from_start =
        options_.from_beginning || !is_first_discovery_ || is_new_since_last_run(seen);
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

bool tail_set::is_new_since_last_run(const sighting& seen) const {
    const auto written = state_.loaded_from();
    if (!written) {
        return false;
    }
    const auto born = std::chrono::nanoseconds(seen.stat.identity.birth_ns);
    return state_.knows_path(seen.path) ||
           born + options_.discovery_slack >= std::chrono::milliseconds(written->value());
}

void tail_set::find_predecessor(entry& of) {
    const auto [youngest, is_first] = by_lineage_.try_emplace(of.file.lineage(), of.file.key());
    if (!is_first) {
        of.predecessor = std::exchange(youngest->second, of.file.key());
    }
}

void tail_set::attach(entry& to, const sighting& seen, now_at now) {
    auto name = by_path_.find(seen.path);
    if (name != by_path_.end() && name->second.key != to.file.key()) {
        detach(name, now);
        name = by_path_.end();
    }
    if (name == by_path_.end()) {
        name =
            by_path_.emplace(seen.path, name_entry{to.file.key(), round_, seen.is_matched}).first;
        ++to.name_count;
        if (to.file.path() != seen.path && (to.name_count == 1 || !to.is_matched)) {
            counters_.rotations.add();
            to.file.rename(seen.path);
            mark_dirty(to);
        }
    }
    name->second.round = round_;
    name->second.is_matched = seen.is_matched;
    to.is_matched = to.is_matched || seen.is_matched;
    if (!to.is_matched && !to.is_orphan) {
        to.is_orphan = true;
        orphans_.push_back(to.file.key());
    }
    if (seen.is_polled && !to.is_polled) {
        to.is_polled = true;
        polled_.push_back(to.file.key());
    }
}

void tail_set::detach(std::map<std::string, name_entry>::iterator name, now_at now) {
    entry* const from = lookup(name->second.key);
    by_path_.erase(name);
    if (from == nullptr) {
        return;
    }
    LB_ASSERT(from->name_count > 0);
    --from->name_count;
    from->is_matched = false;
    if (from->name_count > 0) {
        // A hard link or a second glob: rare, so a search will do.
        for (const auto& [path, other] : by_path_) {
            if (other.key == from->file.key() && (other.is_matched || !from->is_matched)) {
                from->file.rename(path);
                from->is_matched = other.is_matched;
            }
        }
    }
    if (!from->is_matched && !from->is_orphan) {
        from->is_orphan = true;
        from->active = now.steady;
        orphans_.push_back(from->file.key());
    }
    if (from->is_open) {
        check(*from);
    }
}

void tail_set::vanished(const std::string& path, now_at now) {
    if (const auto name = by_path_.find(path); name != by_path_.end()) {
        detach(name, now);
    }
}

void tail_set::touched(const std::string& path) {
    if (const auto name = by_path_.find(path); name != by_path_.end()) {
        if (entry* const which = lookup(name->second.key)) {
            check(*which);
        }
    }
}

std::vector<std::string> tail_set::discovery_ended() {
    is_first_discovery_ = false;
    is_discovered_ = true;
    std::vector<std::string> unseen;
    for (const auto& [path, name] : by_path_) {
        if (name.round != round_) {
            unseen.push_back(path);
        }
    }
    return unseen;
}

void tail_set::check_files(bool all) {
    if (all) {
        for (auto& [key, which] : files_) {
            check(which);
        }
        return;
    }
    std::erase_if(polled_, [&](file_key key) { return lookup(key) == nullptr; });
    for (const file_key key : polled_) {
        check(*lookup(key));
    }
}

void tail_set::update_size(entry& of, const file_stat& stat, now_at now) {
    of.links = stat.links;
    if (!of.is_compressed) {
        if (stat.size < of.file.size()) {
            truncate(of, stat.size, now);
        } else if (stat.size > of.file.size()) {
            of.file.set_size(stat.size);
            of.file.set_complete(false);
            of.active = now.steady;
            of.is_finished = false;
        }
    }
    if (has_backlog(of)) {
        make_ready(of);
    } else {
        finish_if_done(of);
    }
}

void tail_set::truncate(entry& which, std::int64_t size, now_at now) {
    const std::int64_t read_to = which.file.read_position();
    const std::int64_t lost = which.file.truncate_to(size, now.wall);
    counters_.truncations.add();
    counters_.bytes_lost.add(lost);
    log_.warn(
        "A file was truncated and is read from its beginning path={} position={} size={} "
        "generation={} lost_bytes={}",
        which.file.path(),
        read_to,
        size,
        which.file.generation().value(),
        lost
    );
    which.active = now.steady;
    which.is_finished = false;
    which.at_end = false;
    which.retry_at = {};
    // No line may be named after the new generation before the checkpoint knows it: after a crash
    // the same bytes must get the same names.
    which.is_durable = false;
    is_urgent_ = true;
    fresh_.push_back(which.file.key());
    mark_dirty(which);
}

void tail_set::mark_dirty(entry& which) {
    if (!which.is_dirty) {
        which.is_dirty = true;
        dirty_.push_back(which.file.key());
    }
}

void tail_set::save_records() {
    for (const file_key key : dirty_) {
        if (entry* const which = lookup(key)) {
            which->is_dirty = false;
            state_.put(which->file.record());
        }
    }
    dirty_.clear();
}

void tail_set::drop(file_key key) {
    entry* const which = lookup(key);
    LB_ASSERT(which != nullptr && !which->is_open);
    const std::int64_t unread = which->is_compressed ? 0 : which->file.unread();
    if (unread > 0) {
        counters_.bytes_lost.add(unread);
        log_.warn(
            "A file is gone before it was read to its end path={} position={} lost_bytes={}",
            which->file.path(),
            which->file.read_position(),
            unread
        );
    }
    if (which->is_dirty) {
        state_.put(which->file.record());
    }
    const file_identity identity = which->file.identity();
    if (which->links == 0) {
        state_.remove(identity);
    } else {
        state_.retire(identity);
    }
    by_identity_.erase(identity);
    const auto youngest = by_lineage_.find(which->file.lineage());
    if (youngest != by_lineage_.end() && youngest->second == key) {
        by_lineage_.erase(youngest);
    }
    files_.erase(key);
    counters_.files.set(static_cast<std::int64_t>(files_.size()));
}

bool tail_set::is_exhausted() const {
    return is_discovered_ && std::all_of(files_.begin(), files_.end(), [](const auto& each) {
               return each.second.file.record().is_complete || !each.second.is_matched;
           });
}

} // namespace logboom::agent
