// Searches of the globs and the sightings they give, in the order in which the files are to be
// read.
#include "agent/file/file_finder.h"

#include "agent/file/foreign_record.h"
#include "agent/file/rotated_name.h"
#include "agent/file/same_content.h"
#include "base/env.h"

#include <algorithm>
#include <dirent.h>
#include <sys/stat.h>
#include <unordered_set>

namespace logboom::agent {
namespace {

std::unique_ptr<file_source> open_known(const sighting& seen) {
    return file_source::open_known(seen.path, seen.stat.identity);
}

clock::duration time_of_birth(const file_stat& found) {
    return std::chrono::nanoseconds(
        found.identity.birth_ns != 0 ? found.identity.birth_ns : found.modified_ns
    );
}

} // namespace

class file_finder::collector final : public glob_visitor {
  public:
    explicit collector(file_finder& owner) : owner_(owner) {}

    void directory(const std::string& path, bool holds_files) override {
        const bool is_watched = owner_.watch_.add(path, holds_files);
        if (holds_files) {
            owner_.directories_.insert(path);
            if (!is_watched) {
                owner_.polled_directories_.insert(path);
            }
        }
    }
    void match(const std::string& path, bool is_link) override {
        if (owner_.options_.is_excluded(path)) {
            return;
        }
        ++matches;
        if (!seen_.insert(path).second) {
            return;
        }
        auto found = stat_path(path);
        if (found.has_value() && found->is_regular) {
            const bool is_polled = is_link || owner_.is_polled(path);
            sightings.push_back({path, *found, true, is_polled});
        }
    }

    std::vector<sighting> sightings;
    std::size_t matches = 0;

  private:
    file_finder& owner_;
    std::unordered_set<std::string> seen_;
};

bool file_finder::earlier_name::is_old(now_at now) const noexcept {
    // Looked at by then. When the sincedb has forgotten the file, weeks later, its next rotation
    // must not make it new.
    constexpr auto memory = std::chrono::hours(1);
    return now.steady - noted > memory;
}

file_finder::file_finder(
    const file_options& options, file_table& files, directory_watch& watch, logger log
)
    : options_(options)
    , files_(files)
    , watch_(watch)
    , log_(std::move(log))
    , has_matched_(options.globs.size()) {}

bool file_finder::is_polled(const std::string& path) const {
    return polled_directories_.contains(parent_path(path));
}

std::vector<sighting> file_finder::search() {
    directories_.clear();
    polled_directories_.clear();
    collector found(*this);
    for (std::size_t i = 0; i < options_.globs.size(); ++i) {
        found.matches = 0;
        options_.globs[i].walk(found);
        say(options_.globs[i], i, found.matches);
    }
    return std::move(found.sightings);
}

void file_finder::say(const glob& pattern, std::size_t number, std::size_t files) {
    if (files > 0 && !has_matched_[number]) {
        has_matched_[number] = true;
        log_.info("Files are found. path={} files={}", pattern.text(), files);
    } else if (files == 0 && !has_searched_) {
        log_.warn("No file matches yet; it is looked for again. path={}", pattern.text());
    }
}

void file_finder::discover(now_at now) {
    std::vector<sighting> found = search();
    const bool is_first = !std::exchange(has_searched_, true);
    if (is_first) {
        find_rotated(files_.state(), found);
    }
    // Before any is observed: of a file that has been seen nothing is taken over.
    identify(found);
    find_lineages(found);
    sort(found);
    // Of known files the order does not matter any more.
    if (is_first || std::any_of(found.begin(), found.end(), [](const sighting& each) {
            return !each.lineage.empty();
        })) {
        sort_generations(found);
    }
    files_.discovery_begins();
    for (const sighting& each : found) {
        files_.observe(each, now);
    }
    for (const std::string& path : files_.discovery_ended()) {
        look_at(path, now);
    }
}

void file_finder::identify(std::vector<sighting>& all) {
    for (sighting& each : all) {
        doubt(each);
        identify(each, all);
    }
    for (const sighting& copy : all) {
        if (copy.is_copy) {
            const auto original = std::find_if(all.begin(), all.end(), [&](const sighting& each) {
                return each.stat.identity == *copy.same_as;
            });
            LB_ASSERT(original != all.end());
            original->has_copy = true;
        }
    }
    // No name in a glob, and a copy of a file that is there whole: nobody wants to read that.
    std::erase_if(all, [](const sighting& each) { return !each.is_matched && each.is_backup; });
}

void file_finder::doubt(sighting& seen) {
    const checkpoint_record* const known = files_.state().find_foreign(seen.stat.identity);
    if (known == nullptr) {
        return;
    }
    const auto content = open_known(seen);
    const foreign_doubt reasons{
        options_.tail.delimiter,
        options_.tail.read_mode,
        options_.tail.read_mode && is_archive_name(seen.path)};
    const std::string_view why = reasons.of(*known, seen.path, seen.stat, content.get());
    if (why.empty()) {
        return;
    }
    if (seen.is_matched) {
        log_.warn(
            "A position of the sincedb is not of the file that has the inode now: {}. The file is "
            "read from its beginning. path={} inode={} position={}",
            why,
            seen.path,
            seen.stat.identity.inode,
            known->position.value()
        );
    }
    seen.is_disowned = true;
    files_.disown(seen.stat.identity);
}

void file_finder::identify(sighting& seen, const std::vector<sighting>& others) const {
    if (files_.knows(seen.stat.identity)) {
        return;
    }
    const sincedb& state = files_.state();
    auto candidates = state.missing_at(seen.path);
    if (const std::string before = rotated_from(seen.path); !before.empty()) {
        const auto more = state.missing_at(before);
        candidates.insert(candidates.end(), more.begin(), more.end());
    }
    const auto content = candidates.empty() ? nullptr : open_known(seen);
    const auto same = content ? find_same(candidates, *content) : std::nullopt;
    if (!same) {
        return;
    }
    const auto original = std::find_if(others.begin(), others.end(), [&](const sighting& each) {
        return each.stat.identity == *same;
    });
    if (original != others.end()) {
        const auto left = open_known(*original);
        seen.is_backup = !left || find_same({state.find(*same)}, *left);
        seen.is_copy = !seen.is_backup;
    }
    if (!seen.is_backup) {
        seen.same_as = same;
    }
}

bool file_finder::is_generation(const sincedb& state, const std::string& path) const {
    // Where files are dropped to be read once nothing is rotated.
    const std::string before = options_.tail.read_mode ? std::string() : rotated_from(path);
    return !before.empty() && !options_.is_excluded(path) && options_.is_matched(before) &&
           state.knows_path(before);
}

void file_finder::find_rotated(const sincedb& state, std::vector<sighting>& into) const {
    std::unordered_set<std::uint64_t> missing;
    for (const auto& [identity, held] : state.records()) {
        missing.insert(identity.inode);
    }
    std::unordered_set<std::string> seen;
    for (const sighting& each : into) {
        missing.erase(each.stat.identity.inode);
        seen.insert(each.path);
    }
    // When that is not known every generation would be new.
    const timestamp_ms written = state.loaded_from().value_or(timestamp_ms(0));
    const clock::duration since =
        std::chrono::milliseconds(written.value()) - options_.tail.discovery_slack;
    for (const std::string& directory : directories_) {
        const std::unique_ptr<DIR, int (*)(DIR*)> open(opendir(directory.c_str()), &closedir);
        while (const dirent* each = open ? readdir(open.get()) : nullptr) {
            const std::string path = join_path(directory, each->d_name);
            const bool may_be_new = written > timestamp_ms(0) && is_generation(state, path);
            if ((!missing.contains(each->d_ino) && !may_be_new) || seen.contains(path)) {
                continue;
            }
            const auto found = stat_path(path);
            if (found.has_error() || !found->is_regular) {
                continue;
            }
            if (files_.knows(found->identity)) {
                into.push_back({path, *found, false, is_polled(path)});
            } else if (may_be_new && time_of_birth(*found) >= since) {
                into.push_back({path, *found, false, is_polled(path), rotated_from(path)});
            }
        }
    }
}

template <class Exists>
std::string file_finder::log_of(const sighting& seen, Exists exists) const {
    // Where files are dropped to be read once nothing is rotated.
    if (!seen.is_matched || !seen.lineage.empty() || options_.tail.read_mode ||
        files_.knows(seen.stat.identity)) {
        return seen.lineage;
    }
    std::string log = rotated_from(seen.path);
    const bool is_one = !log.empty() && options_.is_matched(log) && exists(log);
    return is_one ? std::move(log) : std::string();
}

void file_finder::find_lineages(std::vector<sighting>& found) const {
    // Made when it is needed: there may be many, and new generations are rare.
    std::unordered_set<std::string_view> paths;
    const auto exists = [&](const std::string& log) {
        if (paths.empty()) {
            std::for_each(found.begin(), found.end(), [&](const sighting& each) {
                paths.insert(each.path);
            });
        }
        return paths.contains(log) || files_.state().knows_path(log);
    };
    for (sighting& each : found) {
        each.lineage = log_of(each, exists);
    }
}

void file_finder::sort_generations(std::vector<sighting>& found) const {
    std::unordered_map<std::string, std::vector<std::size_t>> places;
    for (std::size_t i = 0; i < found.size(); ++i) {
        const checkpoint_record* const known = files_.state().find(found[i].stat.identity);
        const std::string& lineage = known != nullptr ? known->lineage : found[i].lineage;
        places[lineage.empty() ? found[i].path : lineage].push_back(i);
    }
    for (const auto& [log, all] : places) {
        if (all.size() < 2) {
            continue;
        }
        std::vector<sighting> generations;
        for (const std::size_t each : all) {
            generations.push_back(std::move(found[each]));
        }
        const auto is_before = [&log = log](const sighting& left, const sighting& right) {
            // What has the log's name may be older, and have been copied and truncated.
            if ((left.path == log) != (right.path == log)) {
                return right.path == log;
            }
            const clock::duration first = time_of_birth(left.stat);
            const clock::duration second = time_of_birth(right.stat);
            return first != second ? first < second : is_rotated_before(left.path, right.path);
        };
        std::sort(generations.begin(), generations.end(), is_before);
        for (std::size_t i = 0; i < all.size(); ++i) {
            found[all[i]] = std::move(generations[i]);
        }
    }
}

void file_finder::sort(std::vector<sighting>& found) const {
    const auto by_age = [](const sighting& left, const sighting& right) {
        const file_stat& first = left.stat;
        const file_stat& second = right.stat;
        if (first.modified_ns != second.modified_ns) {
            return first.modified_ns < second.modified_ns;
        }
        if (first.identity.birth_ns != second.identity.birth_ns) {
            return first.identity.birth_ns < second.identity.birth_ns;
        }
        // In one tick of the kernel's clock: "app.log.10" before "app.log.9" before "app.log".
        const std::size_t length = left.path.size();
        return length != right.path.size() ? length > right.path.size() : left.path > right.path;
    };
    const auto by_path = [](const sighting& left, const sighting& right) {
        return left.path < right.path;
    };
    const auto known_end = std::partition(found.begin(), found.end(), [&](const sighting& each) {
        return files_.knows(each.stat.identity) || each.same_as || !each.is_matched;
    });
    // Those known, and what was rotated: a file before its successor.
    std::sort(found.begin(), known_end, by_age);
    const auto sort_new = [&](auto before) {
        std::sort(known_end, found.end(), [&](const sighting& left, const sighting& right) {
            return options_.sort_descending ? before(right, left) : before(left, right);
        });
    };
    if (options_.sort_by_path) {
        sort_new(by_path);
    } else {
        sort_new(by_age);
    }
}

void file_finder::note_rename(const std::string& from, const std::string& to, now_at now) {
    constexpr std::size_t names_max = 10'000;
    if (rotated_.size() >= names_max) {
        std::erase_if(rotated_, [&](const auto& each) { return each.second.is_old(now); });
    }
    auto earlier = rotated_.extract(from);
    rotated_.erase(to);
    if (options_.is_matched(to) || rotated_.size() >= names_max) {
        return;
    }
    if (options_.is_matched(from)) {
        rotated_.emplace(to, earlier_name{from, now.steady});
    } else if (!earlier.empty() && !earlier.mapped().is_old(now)) {
        rotated_.emplace(to, std::move(earlier.mapped()));
    }
}

void file_finder::look_at(const std::string& path, now_at now) {
    struct stat link {};
    if (lstat(path.c_str(), &link) != 0) {
        if (errno == ENOENT || errno == ENOTDIR) {
            files_.vanished(path, now);
        }
        return;
    }
    if (const auto found = stat_path(path); found.has_value()) {
        const bool polled = S_ISLNK(link.st_mode) || is_polled(path);
        const auto rotated = rotated_.find(path);
        const std::string lineage = rotated == rotated_.end() || rotated->second.is_old(now)
                                        ? std::string()
                                        : rotated->second.path;
        sighting seen{path, *found, options_.is_matched(path), polled, lineage};
        doubt(seen);
        identify(seen, {});
        seen.lineage =
            log_of(seen, [](const std::string& log) { return stat_path(log).has_value(); });
        files_.observe(seen, now);
    } else {
        files_.vanished(path, now);
    }
}

} // namespace logboom::agent
