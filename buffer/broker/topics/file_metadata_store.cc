// The journal of a single node's metadata: its lines, one commit at a time, and its rewriting.
#include "buffer/broker/topics/file_metadata_store.h"

#include "base/crc32c.h"
#include "buffer/broker/core/errc.h"

#include <fmt/format.h>

#include <charconv>
#include <set>

namespace logboom::broker {
namespace {

constexpr std::size_t journal_size_max = std::size_t{1} << 30;
/// The journal is rewritten at start when it is this many times larger than what it says.
constexpr std::uint64_t rewrite_factor = 4;
constexpr std::uint64_t rewrite_size_min = 1 << 20;

// A line: CRC in 8 hex digits, then fields behind tabs, '\n'. A field escapes \t \n and \\.
void add_field(std::string& line, std::string_view field) {
    line += '\t';
    for (const char each : field) {
        switch (each) {
        case '\t':
            line += "\\t";
            break;
        case '\n':
            line += "\\n";
            break;
        case '\\':
            line += "\\\\";
            break;
        default:
            line += each;
        }
    }
}

std::vector<std::string> split_fields(std::string_view line) {
    std::vector<std::string> fields;
    bool escaped = false;
    for (const char each : line) {
        if (escaped) {
            fields.back() += each == 't' ? '\t' : each == 'n' ? '\n' : '\\';
            escaped = false;
        } else if (each == '\t') {
            fields.emplace_back();
        } else if (fields.empty()) {
            return {};
        } else if (each == '\\') {
            escaped = true;
        } else {
            fields.back() += each;
        }
    }
    return fields;
}

std::string sealed(const std::string& fields) {
    return fmt::format("{:08x}{}\n", crc32c(as_bytes(fields)), fields);
}

/// "set path version value" and "remove path", as many as were committed together.
std::string line_of(
    const std::vector<std::pair<std::string, metadata_node>>& sets,
    const std::vector<std::string>& removals
) {
    std::string fields;
    for (const auto& [path, node] : sets) {
        add_field(fields, "set");
        add_field(fields, path);
        add_field(fields, std::to_string(node.version));
        add_field(fields, node.value);
    }
    for (const std::string& path : removals) {
        add_field(fields, "remove");
        add_field(fields, path);
    }
    return sealed(fields);
}

bool is_at_or_below(std::string_view path, std::string_view root) {
    return path.starts_with(root) &&
           (path.size() == root.size() || root == "/" || path[root.size()] == '/');
}

} // namespace

class file_metadata_store::watch_handle final : public metadata_watch {
  public:
    watch_handle(std::weak_ptr<std::map<std::uint64_t, watcher>> all, std::uint64_t number)
        : all_(std::move(all)), number_(number) {}
    ~watch_handle() override {
        if (const auto all = all_.lock()) {
            all->erase(number_);
        }
    }

  private:
    std::weak_ptr<std::map<std::uint64_t, watcher>> all_;
    std::uint64_t number_;
};

result<std::unique_ptr<file_metadata_store>>
file_metadata_store::open(env& files, net::event_loop& loop, std::string path, logger messages) {
    std::unique_ptr<file_metadata_store> made(
        new file_metadata_store(files, loop, std::move(path), std::move(messages))
    );
    LB_CHECK(made->load());
    return made;
}

result<void> file_metadata_store::load() {
    std::string text;
    if (files_.exists(path_)) {
        LB_TRY(text, read_file(files_, path_, journal_size_max));
    }
    std::size_t at = 0;
    while (at < text.size()) {
        const std::size_t end = text.find('\n', at);
        if (end == std::string::npos) {
            break;
        }
        if (auto line = load_line(std::string_view(text).substr(at, end - at)); line.has_error()) {
            if (end + 1 == text.size()) {
                break;
            }
            return line;
        }
        at = end + 1;
    }
    if (at < text.size()) {
        messages_.warn(
            "The metadata file ended in a torn line, which was cut off. path={} bytes={}",
            path_,
            text.size() - at
        );
    }
    const std::string alive = snapshot();
    if (text.empty() || at < text.size() ||
        (at > rewrite_size_min && at > rewrite_factor * alive.size())) {
        LB_CHECK(replace_file(files_, path_, alive));
        at = alive.size();
    }
    LB_TRY(journal_, files_.open(path_, open_mode::read_write));
    journal_size_ = at;
    return {};
}

result<void> file_metadata_store::load_line(std::string_view line) {
    constexpr std::size_t crc_size = 8;
    std::uint32_t crc = 0;
    if (line.size() < crc_size ||
        std::from_chars(line.data(), line.data() + crc_size, crc, 16).ptr !=
            line.data() + crc_size ||
        crc != crc32c(as_bytes(line.substr(crc_size)))) {
        return error(errc::metadata_damaged, path_);
    }
    const std::vector<std::string> fields = split_fields(line.substr(crc_size));
    for (std::size_t i = 0; i < fields.size();) {
        if (fields[i] == "set" && i + 3 < fields.size()) {
            metadata_node node{fields[i + 3], 0};
            const std::string& version = fields[i + 2];
            std::from_chars(version.data(), version.data() + version.size(), node.version);
            nodes_.insert_or_assign(fields[i + 1], held{std::move(node), false});
            i += 4;
        } else if (fields[i] == "remove" && i + 1 < fields.size()) {
            nodes_.erase(fields[i + 1]);
            i += 2;
        } else {
            return error(errc::metadata_damaged, path_);
        }
    }
    return {};
}

std::string file_metadata_store::snapshot() const {
    std::string text;
    for (const auto& [path, entry] : nodes_) {
        if (!entry.ephemeral) {
            text += line_of({{path, entry.node}}, {});
        }
    }
    return text;
}

std::optional<metadata_node> file_metadata_store::read(std::string_view path) const {
    const auto found = nodes_.find(path);
    return found == nodes_.end() ? std::nullopt : std::optional(found->second.node);
}

std::vector<std::string> file_metadata_store::children(std::string_view path) const {
    const std::string below = path == "/" ? "/" : std::string(path) + '/';
    std::set<std::string> names;
    for (auto each = nodes_.lower_bound(below);
         each != nodes_.end() && each->first.starts_with(below);
         ++each) {
        const std::string_view rest = std::string_view(each->first).substr(below.size());
        names.emplace(rest.substr(0, rest.find('/')));
    }
    return {names.begin(), names.end()};
}

void file_metadata_store::commit(
    std::vector<metadata_change> changes, std::function<void(result<void>)> done
) {
    queue_.push_back({std::move(changes), std::move(done)});
    if (!writing_) {
        start_next();
    }
}

result<void> file_metadata_store::check(const std::vector<metadata_change>& changes) const {
    for (const metadata_change& each : changes) {
        const auto found = nodes_.find(each.path);
        const bool exists = found != nodes_.end();
        const bool wants_it = each.what != metadata_change::kind::create;
        if (exists != wants_it || (wants_it && each.expected_version >= 0 &&
                                   each.expected_version != found->second.node.version)) {
            return error(errc::metadata_conflict, each.path);
        }
    }
    return {};
}

void file_metadata_store::apply(const std::vector<metadata_change>& changes) {
    for (const metadata_change& each : changes) {
        if (each.what == metadata_change::kind::remove) {
            nodes_.erase(each.path);
            continue;
        }
        const auto found = nodes_.find(each.path);
        const std::int32_t version = found == nodes_.end() ? 0 : found->second.node.version + 1;
        const bool ephemeral = each.lives_with == metadata_change::owner::this_broker;
        nodes_.insert_or_assign(each.path, held{{each.value, version}, ephemeral});
    }
}

void file_metadata_store::start_next() {
    if (queue_.empty()) {
        return;
    }
    writing_ = true;
    pending& next = queue_.front();
    if (failed_) {
        loop_.post([this] { finish(error(errc::stopped, path_), 0); });
        return;
    }
    if (auto allowed = check(next.changes); allowed.has_error()) {
        loop_.post([this, allowed = std::move(allowed)] { finish(allowed, 0); });
        return;
    }
    std::vector<std::pair<std::string, metadata_node>> sets;
    std::vector<std::string> removals;
    for (const metadata_change& each : next.changes) {
        const auto found = nodes_.find(each.path);
        if (each.what == metadata_change::kind::remove) {
            removals.push_back(each.path);
        } else if (each.lives_with == metadata_change::owner::none) {
            const std::int32_t version = found == nodes_.end() ? 0 : found->second.node.version + 1;
            sets.push_back({each.path, {each.value, version}});
        }
    }
    if (sets.empty() && removals.empty()) {
        loop_.post([this] { finish({}, 0); });
        return;
    }
    const auto line = std::make_shared<std::string>(line_of(sets, removals));
    const auto outcome = std::make_shared<result<void>>();
    const auto is_whole = std::make_shared<bool>(true);
    loop_.run_blocking(
        [journal = journal_, line, outcome, is_whole, at = journal_size_] {
            *outcome = journal->pwrite(as_bytes(*line), at);
            if (outcome->has_value()) {
                *outcome = journal->sync();
                *is_whole = outcome->has_value();
            } else {
                // The disk may be full: what is torn goes, and the next one may find room.
                *is_whole = journal->truncate(at).has_value();
            }
        },
        [this, line, outcome, is_whole] {
            close_unless(*is_whole, *outcome);
            finish(*outcome, line->size());
        }
    );
}

/// What the disk holds is not known any more unless `is_whole`.
void file_metadata_store::close_unless(bool is_whole, const result<void>& written) {
    failed_ = !is_whole;
    if (written.has_value() || std::exchange(complained_, true)) {
        complained_ = written.has_error();
        return;
    }
    messages_.error(
        "The metadata file cannot be written; nothing about topics can change until {}. path={} "
        "error={}",
        is_whole ? "it can" : "the next start",
        path_,
        written.error().text()
    );
}

void file_metadata_store::finish(const result<void>& written, std::size_t size) {
    pending done = std::move(queue_.front());
    queue_.pop_front();
    if (written.has_value()) {
        journal_size_ += size;
        apply(done.changes);
    }
    writing_ = false;
    start_next();
    done.done(written);
    if (written.has_value()) {
        notify(done.changes);
    }
}

void file_metadata_store::notify(const std::vector<metadata_change>& changes) {
    for (const metadata_change& change : changes) {
        const auto all = *watchers_;
        for (const auto& [number, each] : all) {
            if (watchers_->contains(number) && is_at_or_below(change.path, each.path)) {
                each.changed(change.path);
            }
        }
    }
}

std::unique_ptr<metadata_watch>
file_metadata_store::watch(std::string path, std::function<void(const std::string&)> changed) {
    const std::uint64_t number = next_watch_++;
    watchers_->emplace(number, watcher{std::move(path), std::move(changed)});
    return std::make_unique<watch_handle>(watchers_, number);
}

} // namespace logboom::broker
