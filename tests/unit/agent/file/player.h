// A directory in memory whose files tests change, and an agent that follows them: plays the actions
// of a tail_set against it. Nothing is random and nothing takes time; everything is told at once
// unless a test wants it told late, or never.
#pragma once

#include "agent/file/foreign_record.h"
#include "agent/file/same_content.h"
#include "agent/file/sincedb_heritage.h"
#include "agent/file/tail_set.h"
#include "base/memory_env.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <functional>
#include <limits>
#include <map>
#include <set>

namespace logboom::agent::test {

using namespace std::chrono_literals;

struct fake_file {
    file_identity identity;
    std::string content;
    std::uint32_t links = 1;
    clock::duration modified{};
    clock::duration changed{};
    writers who = writers::none;
};
using fake = std::shared_ptr<fake_file>;

inline file_stat stat_of_file(const fake_file& file) {
    file_stat out;
    out.identity = file.identity;
    out.size = static_cast<std::int64_t>(file.content.size());
    out.modified_ns = file.modified.count();
    out.changed_ns = file.changed.count();
    out.links = file.links;
    out.is_regular = true;
    return out;
}

class fake_source final : public file_source {
  public:
    explicit fake_source(fake file) : file_(std::move(file)) {}

    result<std::size_t> read(char* into, std::size_t size, std::int64_t at) override {
        const auto from = std::min(static_cast<std::size_t>(at), file_->content.size());
        return file_->content.copy(into, size, from);
    }
    result<blank_run> measure_blank(std::int64_t at, std::int64_t /*size_max*/) override {
        const std::string_view rest =
            std::string_view(file_->content)
                .substr(std::min(static_cast<std::size_t>(at), file_->content.size()));
        const std::size_t text = rest.find_first_not_of('\0');
        blank_run out;
        out.is_last = text == std::string_view::npos;
        out.is_over = !out.is_last;
        out.nuls = static_cast<std::int64_t>(std::min(text, rest.size()));
        return out;
    }
    [[nodiscard]] result<file_stat> stat() const override { return stat_of_file(*file_); }
    [[nodiscard]] writers find_writers() const override { return file_->who; }

  private:
    fake file_;
};

/// A directory whose names tests change; plays the actions of a tail_set against it.
class player {
  public:
    explicit player(tail_options options = beginning()) : options_(std::move(options)) { start(); }
    /// Logstash has been there, and left this sincedb.
    player(tail_options options, std::string_view foreign) : options_(std::move(options)) {
        REQUIRE(disk.make_directories(parent_path(place().path)).has_value());
        REQUIRE(replace_file(disk, place().path, foreign).has_value());
        start();
    }

    static tail_options beginning() {
        tail_options out;
        out.from_beginning = true;
        return out;
    }

    // What happens on the disk, and is told to the agent as inotify would.
    fake create(const std::string& path, std::string content = {}, bool is_matched = true) {
        auto made = std::make_shared<fake_file>();
        made->identity = {8, device_, ++last_inode_, time.wall().count()};
        made->content = std::move(content);
        made->modified = time.wall();
        mark_change(*made);
        if (const auto before = names_.find(path); before != names_.end()) {
            --before->second->links;
        }
        names_[path] = made;
        if (is_matched) {
            unmatched_.erase(path);
        } else {
            unmatched_.insert(path);
        }
        tell([this, path] { look_at(path); });
        return made;
    }
    void append(const std::string& path, std::string_view text) {
        names_.at(path)->content += text;
        names_.at(path)->modified = time.wall();
        mark_change(*names_.at(path));
        tell([this, path] { files->table().touched(path); });
    }
    /// In the place of NULs at its end, as far as there are any.
    void fill(const std::string& path, std::string_view text) {
        std::string& content = names_.at(path)->content;
        const std::size_t end = content.find_last_not_of('\0') + 1;
        content.resize(std::max(content.size(), end + text.size()));
        content.replace(end, text.size(), text);
        append(path, {});
    }
    /// By a writer whose file has no name any more: nothing is told.
    static void append(const fake& to, std::string_view text) { to->content += text; }
    /// By the one who wrote it.
    void close(const std::string& path) {
        names_.at(path)->who = writers::none;
        tell([this, path] { files->table().closed(path); });
    }
    void truncate(const std::string& path, std::string content = {}) {
        names_.at(path)->content = std::move(content);
        mark_change(*names_.at(path));
        tell([this, path] { files->table().touched(path); });
    }
    void rename(const std::string& from, const std::string& to, bool is_matched = true) {
        const bool was_matched = !unmatched_.contains(from);
        fake moved = names_.at(from);
        names_.erase(from);
        if (const auto before = names_.find(to); before != names_.end()) {
            --before->second->links;
        }
        names_[to] = moved;
        if (is_matched) {
            unmatched_.erase(to);
        } else {
            unmatched_.insert(to);
        }
        tell([=, this] {
            auto earlier = lineages_.extract(from);
            lineages_.erase(to);
            if (!is_matched && was_matched) {
                lineages_[to] = from;
            } else if (!is_matched && !earlier.empty()) {
                lineages_[to] = earlier.mapped();
            }
            files->table().vanished(from, now());
            look_at(to);
        });
    }
    /// To a directory that nobody watches.
    fake move_away(const std::string& path) {
        fake moved = names_.at(path);
        names_.erase(path);
        tell([this, path] { files->table().vanished(path, now()); });
        return moved;
    }
    fake remove(const std::string& path) {
        --names_.at(path)->links;
        return move_away(path);
    }
    void link(const std::string& from, const std::string& to) {
        names_[to] = names_.at(from);
        ++names_[to]->links;
        tell([this, to] { look_at(to); });
    }
    /// Another file with the same bytes takes the name; nobody is there to hear of it.
    fake replace(const std::string& path) {
        LB_ASSERT(!files);
        return create(path, std::string(names_.at(path)->content));
    }
    /// After a reboot the device has another number.
    void remount() {
        LB_ASSERT(!files);
        ++device_;
        for (const auto& [path, file] : names_) {
            file->identity.device_minor = device_;
        }
    }
    [[nodiscard]] fake at(const std::string& path) const {
        const auto found = names_.find(path);
        return found == names_.end() ? nullptr : found->second;
    }
    /// The agent hears what has happened; for players that do not tell at once.
    void hear() {
        for (const auto& each : std::exchange(untold_, {})) {
            each();
        }
    }
    /// The kernel's queue was full.
    void overflow() {
        untold_.clear();
        if (files) {
            untold_.emplace_back([this] {
                files->check_files(true);
                discover();
            });
        }
    }
    void wait(clock::duration span) {
        for (clock::duration left = span; left > 0ns; left -= 1s) {
            time.advance(std::min<clock::duration>(left, 1s));
            if (files) {
                files->tick(now());
                run();
            }
        }
    }

    /// Those outside the glob.
    [[nodiscard]] std::vector<fake> outside() const {
        std::vector<fake> out;
        for (const std::string& path : unmatched_) {
            if (const fake found = at(path)) {
                out.push_back(found);
            }
        }
        return out;
    }

    // What happens to the agent.
    /// It has the file open.
    [[nodiscard]] bool holds(const fake_file& which) {
        return files && std::any_of(
                            files->schedule().open_files().begin(),
                            files->schedule().open_files().end(),
                            [&](file_key key) {
                                return files->find(key)->progress.identity() == which.identity;
                            }
                        );
    }
    /// It knows of the file, or would after a start.
    [[nodiscard]] bool knows(const fake_file& which) {
        if (files) {
            return files->table().knows(which.identity);
        }
        sincedb left(disk, place().path, 24h * 14, logger());
        sincedb_heritage others(disk, 24h * 14, logger());
        load(left, others);
        return left.records().contains(which.identity) ||
               left.find_moved(which.identity) != nullptr;
    }
    /// It would know a copy of the file, after a start.
    [[nodiscard]] bool would_know_copy(const fake& which) {
        LB_ASSERT(!files);
        sincedb left(disk, place().path, 24h * 14, logger());
        sincedb_heritage others(disk, 24h * 14, logger());
        load(left, others);
        const checkpoint_record* const record = left.find(which->identity);
        fake_source source(which);
        return record != nullptr && find_same({record}, source).has_value();
    }
    /// It has read all but the NULs at its end, and knows that these are all that is left.
    [[nodiscard]] bool has_read_up_to_blank(const fake_file& which) {
        for (const auto& [key, each] : files->files()) {
            if (each.progress.identity() == which.identity) {
                return each.ends_blank();
            }
        }
        return false;
    }
    /// It would see that the file's contents are others, also after a kill.
    [[nodiscard]] bool knows_content(const fake_file& which) {
        for (const auto& [key, each] : files->files()) {
            if (each.progress.identity() == which.identity) {
                return each.progress.record().prefix.size() > 0 &&
                       each.progress.read_marker().size() > 0 && each.is_durable;
            }
        }
        return false;
    }
    void checkpoint() {
        files->records().save();
        if (!disk_is_full) {
            REQUIRE(state->write(time.wall_ms()).has_value());
            heritage->settle(time.wall_ms());
        }
        files->records().saved();
    }
    void note() {
        files->records().save();
        static_cast<void>(state->note(time.wall_ms()));
    }
    void stop() {
        files->records().save();
        REQUIRE(state->write(time.wall_ms()).has_value());
        heritage->settle(time.wall_ms());
        kill();
    }
    void kill() {
        untold_.clear();
        lineages_.clear();
        files.reset();
        heritage.reset();
        state.reset();
        claim.reset();
    }
    /// It has another id in the config from the next start on.
    void reconfigure(std::string id) {
        LB_ASSERT(!files);
        id_ = std::move(id);
    }
    void start() {
        claim.emplace(disk, place());
        REQUIRE(claim->try_lock().has_value());
        state.emplace(disk, claim->path(), 24h * 14, logger());
        heritage.emplace(disk, 24h * 14, logger());
        load(*state, *heritage);
        files.emplace(options_, *state, tail_counters(counters, {}), logger());
        checkpoint();
        discover();
        run();
    }
    void discover() {
        files->table().discovery_begins();
        std::vector<sighting> known;
        std::vector<sighting> unknown;
        for (const auto& [path, file] : names_) {
            sighting seen{path, stat_of_file(*file), !unmatched_.contains(path)};
            doubt(seen, file);
            if (seen.is_matched && !files->table().knows(file->identity)) {
                fake_source source(file);
                seen.same_as = find_same(files->table().state().missing_at(path), source);
            }
            if (files->table().knows(file->identity)) {
                known.push_back(seen);
            } else if (seen.is_matched) {
                unknown.push_back(seen);
            }
        }
        std::sort(known.begin(), known.end(), [](const sighting& left, const sighting& right) {
            return left.stat.modified_ns < right.stat.modified_ns;
        });
        for (const auto& group : {known, unknown}) {
            for (const sighting& each : group) {
                files->table().observe(each, now());
            }
        }
        for (const std::string& path : files->table().discovery_ended()) {
            look_at(path);
        }
    }
    void acknowledge_all() {
        for (const handed_range& each : std::exchange(pending, {})) {
            files->settled(each, ack_verdict::delivered, now());
        }
        run();
    }
    void lose_all() {
        for (const handed_range& each : std::exchange(pending, {})) {
            files->settled(each, ack_verdict::lost, now());
        }
        run();
    }
    void run() { run(std::numeric_limits<int>::max()); }
    void run(int actions) {
        while (const auto action =
                   files ? files->next_action(time.steady(), is_full) : std::nullopt) {
            act(*action);
            if (--actions <= 0) {
                return;
            }
        }
    }
    /// All that is there has been read and acknowledged.
    [[nodiscard]] bool is_caught_up() const {
        return std::all_of(files->files().begin(), files->files().end(), [](const auto& each) {
            return !each.second.has_backlog() && !each.second.progress.has_open_ranges();
        });
    }
    [[nodiscard]] bool has_files() const { return !names_.empty(); }
    /// A file that the agent has deleted.
    [[nodiscard]] fake removed(const fake_file& which) const {
        LB_ASSERT(removed_.contains(&which));
        return removed_.at(&which);
    }
    [[nodiscard]] bool has(const std::string& path) const { return names_.contains(path); }
    std::vector<std::string> take() {
        ranges.clear();
        return std::exchange(lines, {});
    }
    now_at now() const { return {time.steady(), time.wall_ms()}; }

    manual_clock time;
    memory_env disk;
    metrics counters;
    std::optional<sincedb_claim> claim;
    std::optional<sincedb> state;
    std::optional<sincedb_heritage> heritage;
    std::optional<tail_set> files;
    std::vector<std::string> lines;
    std::vector<std::string> origins;
    std::vector<std::string> completed;
    std::vector<handed_range> ranges;
    std::vector<handed_range> pending;
    bool acknowledges = true;
    /// What happens on the disk is heard and acted upon before the next thing happens.
    bool tells_at_once = true;
    bool is_full = false;
    /// What happens between the last look at a file and the end of its name.
    std::function<void(fake_file&)> before_removal;
    bool disk_is_full = false;
    bool removes_completed = false;
    std::map<std::string, std::errc> open_errors;
    std::size_t descriptors = 1000;

  private:
    [[nodiscard]] sincedb_place place() const {
        return sincedb_place::beneath("/data", "main", id_);
    }
    void load(sincedb& into, sincedb_heritage& from) {
        const auto all = [](const checkpoint_record&) { return true; };
        into.load(time.wall_ms(), foreign_written_);
        from.take(into, place().family, all, time.wall_ms());
    }
    result<file_stat> stat_of(const std::string& path) const {
        if (const auto error_code = open_errors.find(path); error_code != open_errors.end()) {
            return error(std::make_error_code(error_code->second), path);
        }
        const auto found = names_.find(path);
        if (found == names_.end()) {
            return error(std::make_error_code(std::errc::no_such_file_or_directory), path);
        }
        return stat_of_file(*found->second);
    }
    void tell(std::function<void()> what) {
        if (!files) {
            return;
        }
        untold_.push_back(std::move(what));
        if (tells_at_once) {
            hear();
            run();
        }
    }
    void look_at(const std::string& path) {
        const auto found = names_.find(path);
        if (found == names_.end()) {
            files->table().vanished(path, now());
            return;
        }
        const auto lineage = lineages_.find(path);
        sighting seen{
            .path = path,
            .stat = stat_of_file(*found->second),
            .is_matched = !unmatched_.contains(path),
            .lineage = lineage == lineages_.end() ? std::string() : lineage->second};
        doubt(seen, found->second);
        files->table().observe(seen, now());
    }
    void doubt(sighting& seen, const fake& file) {
        const auto* const known = files->table().state().find_foreign(seen.stat.identity);
        fake_source content(file);
        if (known != nullptr &&
            !foreign_doubt{options_.delimiter}.of(*known, seen.path, seen.stat, &content).empty()) {
            seen.is_disowned = true;
            files->table().disown(seen.stat.identity);
        }
    }
    void take_line(followed_file& file, const line& each, const content_marker& marker) {
        if (each.is_left_out) {
            const handed_range range = file.progress.hand_on(each.end, marker);
            files->handed_on(range);
            files->settled(range, ack_verdict::delivered, now());
            return;
        }
        lines.emplace_back(std::string(each.text) + (each.is_partial ? "~" : ""));
        const file_identity& origin = file.progress.origin();
        origins.push_back(
            (origin.device_minor == 1 ? "" : std::to_string(origin.device_minor) + ":") +
            std::to_string(origin.inode) + "/" +
            std::to_string(file.progress.generation().value()) + "/" + std::to_string(each.position)
        );
        const handed_range range = file.progress.hand_on(each.end, marker);
        files->handed_on(range);
        ranges.push_back(range);
        if (acknowledges) {
            files->settled(range, ack_verdict::delivered, now());
        } else {
            pending.push_back(range);
        }
    }
    void mark_change(fake_file& which) {
        which.changed = time.wall() + clock::duration(++changes_);
    }
    void check(followed_file& file) {
        const std::string path = file.progress.path();
        const file_key key = file.key;
        const auto found = file.is_open() ? file.source->stat() : stat_of(path);
        files->checked(key, found, now());
        followed_file* const left = files->find(key);
        if (left == nullptr || found.has_error() || found->identity != left->progress.identity() ||
            !left->is_suspect(*found)) {
            return;
        }
        left->verified_ns = found->changed_ns;
        const content_marker marker = left->progress.read_marker();
        const auto from = left->progress.read_position() - static_cast<std::int64_t>(marker.size());
        std::string bytes(marker.size(), 0);
        const auto there = left->is_open() ? nullptr : std::make_unique<fake_source>(at(path));
        file_source& source = there ? *there : *left->source;
        bytes.resize(source.read(bytes.data(), bytes.size(), from).value());
        if (!marker.fits(bytes)) {
            files->content_changed(key, *found, now());
        }
    }
    void read(followed_file& file) {
        if (file.lacks_head()) {
            std::string head(content_prefix::reach, 0);
            head.resize(file.source->read(head.data(), head.size(), 0).value());
            if (!without_blank_end(head).empty()) {
                files->took_head(file, file.source->stat().value(), head, now());
                return;
            }
        }
        const content_marker marker = file.progress.read_marker();
        std::string seen(64 + marker.size(), 0);
        const auto from = file.progress.read_position() - static_cast<std::int64_t>(marker.size());
        seen.resize(file.source->read(seen.data(), seen.size(), from).value());
        if (!marker.fits(std::string_view(seen).substr(0, marker.size()))) {
            files->content_changed(file.key, file.source->stat().value(), now());
            return;
        }
        const std::size_t size = seen.size();
        seen.resize(std::max(marker.size(), without_blank_end(seen).size()));
        if (seen.size() == marker.size() && size > seen.size()) {
            files->saw_blank(file.key, file.source->measure_blank(file.blank_end(), 0), now());
            return;
        }
        files->saw(file, from, seen);
        file.progress.splitter().feed(seen.substr(marker.size()), [&](const line& each) {
            const std::string_view until = seen;
            take_line(
                file,
                each,
                content_marker::of(until.substr(0, static_cast<std::size_t>(each.end - from)))
            );
        });
        file.progress.fed(content_marker::of(seen));
        files->was_read(file.key, read_outcome{seen.size() - marker.size()}, now());
    }
    void open(const followed_file& file) {
        const std::string path = file.progress.path();
        if (files->schedule().open_files().size() >= descriptors) {
            files->opened(
                file.key, error(std::make_error_code(std::errc::too_many_files_open), path), now()
            );
        } else if (const auto found = stat_of(path); found.has_error()) {
            files->opened(file.key, found.error(), now());
        } else {
            const fake opened = names_.at(path);
            files->opened(
                file.key,
                opened_file{
                    std::make_unique<fake_source>(opened),
                    *found,
                    opened->content.substr(0, content_prefix::reach)},
                now()
            );
        }
    }
    [[nodiscard]] result<file_look> look_at(const followed_file& file) const {
        if (file.is_open()) {
            return file_look{file.source->stat().value(), file.source->find_writers()};
        }
        const fake found = names_.at(file.progress.path());
        return file_look{stat_of_file(*found), found->who};
    }
    void complete(followed_file& file) {
        const std::string path = file.progress.path();
        if (!file.is_open()) {
            open(file);
        }
        if (!files->may_complete(file.key, look_at(file), now())) {
            return;
        }
        completed.push_back(path);
        if (!removes_completed) {
            files->completed(file.key, std::nullopt, now());
            return;
        }
        const fake gone = names_.at(path);
        removed_[gone.get()] = gone;
        if (before_removal) {
            before_removal(*gone);
        }
        --gone->links;
        names_.erase(path);
        const auto after = look_at(file).value();
        files->table().vanished(path, now());
        files->completed(file.key, after, now());
    }
    void act(const tail_action& action) {
        followed_file* const file = files->find(action.key);
        switch (action.step) {
        case tail_step::check:
            check(*file);
            break;
        case tail_step::open:
            open(*file);
            break;
        case tail_step::read:
            read(*file);
            break;
        case tail_step::flush:
            break;
        case tail_step::finish:
            file->progress.splitter().finish([&](const line& each) {
                take_line(*file, each, file->progress.read_marker());
            });
            files->finished(action.key, now());
            break;
        case tail_step::prove:
            files->looked_for_end(action.key, look_at(*file), now());
            break;
        case tail_step::complete:
            complete(*file);
            break;
        case tail_step::checkpoint:
            checkpoint();
            break;
        }
    }

    tail_options options_;
    std::string id_ = "file";
    timestamp_ms foreign_written_ = time.wall_ms();
    std::map<std::string, fake> names_;
    /// Of those, the ones outside the glob.
    std::set<std::string> unmatched_;
    /// The names in the glob that files outside of it had before.
    std::map<std::string, std::string> lineages_;
    std::vector<std::function<void()>> untold_;
    /// Those that the agent has deleted.
    std::map<const fake_file*, fake> removed_;
    std::uint64_t last_inode_ = 100;
    std::uint32_t device_ = 1;
    std::int64_t changes_ = 0;
};

} // namespace logboom::agent::test
