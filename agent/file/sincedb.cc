// The checkpoint file: loaded with what is damaged put aside, appended to, written anew when it
// got long.
#include "agent/file/sincedb.h"

#include <algorithm>
#include <tuple>

namespace logboom::agent {
namespace {

constexpr std::uint64_t growth_before_rewrite = 1U << 20U;

} // namespace

sincedb::sincedb(env& disk, std::string path, std::chrono::nanoseconds clean_after, logger log)
    : disk_(disk), path_(std::move(path)), clean_after_(clean_after), log_(std::move(log)) {}

void sincedb::load(timestamp_ms now, std::optional<timestamp_ms> written) {
    if (path_.empty() || !disk_.exists(path_)) {
        return;
    }
    auto text = read_file(disk_, path_, sincedb_size_max);
    if (text.has_error()) {
        log_.error(
            "The sincedb cannot be read; all files are read from their beginning and positions are "
            "not kept until that is repaired path={} error=\"{}\"",
            path_,
            text.error().text()
        );
        is_read_only_ = true;
        loaded_from_ = timestamp_ms(0);
        return;
    }
    const auto copy = read_file(disk_, path_ + std::string(copy_suffix), sincedb_size_max);
    const bool has_copy = copy.has_value() && !copy->empty();
    parsed_sincedb parsed = parse_sincedb(*text);
    loaded_from_ = timestamp_ms(0);
    bool is_damaged = parsed.bad_lines > 0;
    switch (parsed.from) {
    case parsed_sincedb::origin::empty:
        // Who made it for the first start has no copy.
        is_damaged = has_copy;
        if (!is_damaged) {
            loaded_from_.reset();
            say_empty();
        }
        break;
    case parsed_sincedb::origin::own:
        break;
    case parsed_sincedb::origin::logstash:
        loaded_from_ = written.value_or(now);
        put_aside(".logstash", *text);
        log_.info("Took over a Logstash sincedb path={} files={}", path_, parsed.entries.size());
        break;
    case parsed_sincedb::origin::newer_version:
        log_.error(
            "The sincedb was written by a newer version; positions are not kept path={}", path_
        );
        is_read_only_ = true;
        break;
    case parsed_sincedb::origin::damaged:
        is_damaged = true;
        break;
    }
    if (is_damaged) {
        mend(parsed, *text, has_copy ? std::string_view(*copy) : std::string_view());
    }
    for (checkpoint_entry& each : parsed.entries) {
        auto* const record = std::get_if<checkpoint_record>(&each);
        if (record != nullptr && record->changed == timestamp_ms(0)) {
            record->changed = written.value_or(now);
        }
        take(std::move(each));
    }
    if (is_damaged) {
        // Nobody knows what it said of a file that it does not have: that is read, not skipped.
        loaded_from_ = timestamp_ms(0);
    }
    has_loaded_ = loaded_from_.has_value();
    for (const auto& [identity, held] : records_) {
        index(held.record);
    }
}

void sincedb::index(const checkpoint_record& record) {
    loaded_by_inode_.emplace(record.identity.inode, record.identity);
    if (!record.path.empty()) {
        loaded_by_path_.emplace(record.path, record.identity);
    }
    if (!record.lineage.empty() && record.lineage != record.path) {
        loaded_by_path_.emplace(record.lineage, record.identity);
    }
}

void sincedb::say_empty() const {
    log_.warn(
        "The sincedb is empty and has no copy: this counts as the first start, and start_position "
        "says where to begin. path={}",
        path_
    );
}

void sincedb::mend(const parsed_sincedb& found, std::string_view text, std::string_view copy) {
    put_aside(".damaged", text);
    parsed_sincedb before = parse_sincedb(copy);
    const std::size_t records_before = before.entries.size();
    for (checkpoint_entry& each : before.entries) {
        take(std::move(each));
    }
    log_.error(
        "The sincedb is damaged. Older positions are taken from its copy where it has them, and "
        "files without one are read from their beginning; lines that are read again keep their "
        "names. path={} kept={} entries={} bad_lines={} entries_of_copy={}",
        path_,
        text.empty() ? "nothing" : path_ + ".damaged",
        found.entries.size(),
        found.bad_lines,
        records_before
    );
}

void sincedb::take(checkpoint_entry entry) {
    if (auto* record = std::get_if<checkpoint_record>(&entry)) {
        const file_identity identity = record->identity;
        records_.insert_or_assign(identity, held_record{std::move(*record), false});
    } else if (const auto* removal = std::get_if<checkpoint_removal>(&entry)) {
        records_.erase(removal->identity);
    } else {
        loaded_from_ = std::get<checkpoint_time>(entry).at;
    }
}

void sincedb::put_aside(std::string_view suffix, std::string_view text) {
    aside_path_ = path_ + std::string(suffix);
    aside_ = text;
    if (const auto done = keep_aside(); done.has_error()) {
        log_.error(
            "Cannot keep a copy of the sincedb; it is left as it is until that can be done path={} "
            "error=\"{}\"",
            aside_path_,
            done.error().text()
        );
    }
}

result<void> sincedb::keep_aside() {
    if (!aside_.empty()) {
        LB_CHECK(replace_file(disk_, aside_path_, aside_));
        aside_ = {};
    }
    return {};
}

const checkpoint_record* sincedb::find(const file_identity& identity) const {
    const auto exact = records_.find(identity);
    return exact != records_.end() ? &exact->second.record : find_foreign(identity);
}

const checkpoint_record* sincedb::find_foreign(const file_identity& identity) const {
    const auto nameless = records_.find(identity.without_birth());
    if (nameless == records_.end() || nameless->second.is_live) {
        return nullptr;
    }
    const checkpoint_record& record = nameless->second.record;
    // On a file system that does not tell birth times ours have none either, but say what the file
    // holds.
    return record.prefix.size() == 0 && record.marker.size() == 0 ? &record : nullptr;
}

bool sincedb::knows_path(const std::string& path) const {
    return loaded_by_path_.contains(path);
}

const checkpoint_record* sincedb::find_missing(const file_identity& identity) const {
    const auto found = records_.find(identity);
    return found == records_.end() || found->second.is_live ? nullptr : &found->second.record;
}

const checkpoint_record* sincedb::find_moved(const file_identity& identity) const {
    if (identity.birth_ns == 0) {
        return nullptr;
    }
    // Of several the one that is further: others are left over.
    const checkpoint_record* out = nullptr;
    const auto [begin, end] = loaded_by_inode_.equal_range(identity.inode);
    for (auto each = begin; each != end; ++each) {
        const checkpoint_record* const found = find_missing(each->second);
        if (found != nullptr && found->identity.birth_ns == identity.birth_ns &&
            (out == nullptr || std::tie(out->generation, out->position) <
                                   std::tie(found->generation, found->position))) {
            out = found;
        }
    }
    return out;
}

std::vector<const checkpoint_record*> sincedb::missing_at(const std::string& path) const {
    std::vector<const checkpoint_record*> out;
    const auto [begin, end] = loaded_by_path_.equal_range(path);
    for (auto each = begin; each != end; ++each) {
        if (const checkpoint_record* const found = find_missing(each->second)) {
            out.push_back(found);
        }
    }
    return out;
}

bool sincedb::inherit(const checkpoint_record& record) {
    // What cannot be kept here stays where it is.
    if (path_.empty() || is_read_only_ ||
        !records_.try_emplace(record.identity, held_record{record, false}).second) {
        return false;
    }
    changed_[record.identity] = true;
    index(record);
    return true;
}

void sincedb::inherit_time(std::optional<timestamp_ms> written) {
    if (!has_loaded_ && written) {
        loaded_from_ = std::min(loaded_from_.value_or(*written), *written);
    }
}

void sincedb::forget_expired(timestamp_ms now) {
    std::erase_if(records_, [&](const auto& each) { return has_expired(each.second, now); });
}

void sincedb::put(checkpoint_record record) {
    const file_identity identity = record.identity;
    const auto nameless = identity.without_birth();
    if (identity != nameless && records_.erase(nameless) > 0) {
        changed_[nameless] = false;
    }
    changed_[identity] = true;
    records_.insert_or_assign(identity, held_record{std::move(record), true});
}

void sincedb::revive(const file_identity& identity) {
    if (const auto found = records_.find(identity); found != records_.end()) {
        found->second.is_live = true;
    }
}

void sincedb::retire(const file_identity& identity) {
    if (const auto found = records_.find(identity); found != records_.end()) {
        found->second.is_live = false;
    }
}

void sincedb::remove(const file_identity& identity) {
    if (records_.erase(identity) > 0) {
        changed_[identity] = false;
    }
}

bool sincedb::has_expired(const held_record& held, timestamp_ms now) const {
    const auto age_ms = now - held.record.changed;
    return !held.is_live &&
           age_ms > std::chrono::duration_cast<std::chrono::milliseconds>(clean_after_).count();
}

result<void> sincedb::write(timestamp_ms now) {
    if (appending_ && !disk_.exists(path_)) {
        // Somebody has cleaned up. What is known is not in the file that is written next otherwise.
        appending_.reset();
    } else if (!has_changes()) {
        return {};
    }
    if (!path_.empty() && !is_read_only_) {
        const bool is_long = file_size_ > 2 * size_after_rewrite_ + growth_before_rewrite;
        auto done = appending_ && !is_long ? append(now) : rewrite(now);
        if (done.has_value() && appending_) {
            done = appending_->sync();
        }
        if (done.has_error()) {
            // What lies behind the last good line is unknown now: only a whole new file is.
            appending_.reset();
            return done;
        }
    }
    changed_.clear();
    is_unsynced_ = false;
    return {};
}

result<std::size_t> sincedb::note(timestamp_ms now) {
    const std::size_t count = changed_.size();
    if (!appending_ || count == 0) {
        return 0;
    }
    if (const auto done = append(now); done.has_error()) {
        appending_.reset();
        return done.error();
    }
    changed_.clear();
    is_unsynced_ = true;
    return count;
}

result<void> sincedb::append(timestamp_ms now) {
    std::string text;
    for (const auto& [identity, is_present] : changed_) {
        const auto found = records_.find(identity);
        if (is_present && found != records_.end()) {
            append_entry(text, found->second.record);
        } else {
            append_entry(text, checkpoint_removal{identity});
        }
    }
    append_entry(text, checkpoint_time{now});
    LB_CHECK(appending_->pwrite(as_bytes(text), file_size_));
    file_size_ += text.size();
    return {};
}

result<void> sincedb::rewrite(timestamp_ms now) {
    appending_.reset();
    forget_expired(now);
    std::string text(sincedb_header);
    append_entry(text, checkpoint_time{now});
    for (const auto& [identity, held] : records_) {
        append_entry(text, held.record);
    }
    LB_CHECK(disk_.make_directories(parent_path(path_)));
    LB_CHECK(keep_aside());
    LB_CHECK(replace_file(disk_, path_ + std::string(copy_suffix), text));
    LB_CHECK(replace_file(disk_, path_, text));
    file_size_ = text.size();
    size_after_rewrite_ = text.size();
    if (auto opened = disk_.open(path_, open_mode::read_write); opened.has_value()) {
        appending_ = std::move(*opened);
    }
    return {};
}

} // namespace logboom::agent
