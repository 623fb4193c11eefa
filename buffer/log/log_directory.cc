// A directory of logs, from lock and identity over opening its partitions to the clean close: what
// concerns one log alone stands in partition_log.
#include "buffer/log/log_directory.h"

#include "base/assertion.h"
#include "buffer/log/checkpoint_writer.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <deque>
#include <iterator>

namespace logboom::log {
namespace {

constexpr std::string_view clean_file = ".kafka_cleanshutdown";
constexpr std::size_t file_name_max = 255;
constexpr std::size_t small_file_max = 64U * 1024;

/// "key=value" lines, as java.util.Properties writes them.
std::map<std::string, std::string> parse_properties(std::string_view text) {
    std::map<std::string, std::string> found;
    while (!text.empty()) {
        const auto end = text.find('\n');
        std::string_view line = text.substr(0, end);
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
        while (line.ends_with('\r')) {
            line.remove_suffix(1);
        }
        const auto equals = line.find('=');
        if (!line.starts_with('#') && equals != std::string_view::npos) {
            found.emplace(line.substr(0, equals), line.substr(equals + 1));
        }
    }
    return found;
}

std::string value_of(const std::map<std::string, std::string>& properties, const char* key) {
    const auto found = properties.find(key);
    return found == properties.end() ? std::string() : found->second;
}

} // namespace

std::string partition_directory_name(const topic_partition& partition) {
    return fmt::format("{}-{}", partition.topic, partition.partition.value());
}

std::optional<topic_partition> parse_partition_directory(std::string_view name) {
    const auto dash = name.rfind('-');
    if (dash == std::string_view::npos || dash == 0 || dash + 1 == name.size()) {
        return std::nullopt;
    }
    std::int32_t partition = 0;
    const char* const end = name.data() + name.size();
    const auto [number_end, code] = std::from_chars(name.data() + dash + 1, end, partition);
    // "t-00" beside "t-0" must not be the same partition.
    const bool has_extra_zero = name[dash + 1] == '0' && dash + 2 < name.size();
    if (code != std::errc() || number_end != end || partition < 0 || has_extra_zero) {
        return std::nullopt;
    }
    return topic_partition{std::string(name.substr(0, dash)), partition_id(partition)};
}

class log_directory::state {
  public:
    state(log_context context, log_directory_options options)
        : context_(context), options_(std::move(options)), writer_(context_.files, options_.path) {}

    result<void> open();
    result<void> read_identity();
    result<void> write_identity();
    result<void> open_partitions();
    result<void> open_partition(const topic_partition& partition, const std::string& path);
    std::function<result<void>()> begin_checkpoints();
    result<void> write_checkpoints() { return begin_checkpoints()(); }
    [[nodiscard]] std::string path_of(std::string_view name) const {
        return join_path(options_.path, name);
    }

    [[nodiscard]] bool is_offline(const topic_partition& partition) const {
        return std::any_of(
            offline_.begin(),
            offline_.end(),
            [&partition](const offline_partition& each) { return each.partition == partition; }
        );
    }

    log_context context_;
    log_directory_options options_;
    std::unique_ptr<file_lock> lock_;
    std::string directory_id_;
    bool clean_ = false;
    bool closed_ = false;
    std::map<topic_partition, std::unique_ptr<partition_log>> logs_;
    std::map<topic_partition, uuid> topic_ids_;
    std::vector<offline_partition> offline_;
    checkpoint_writer writer_;
    checkpoint_values checkpoints_;
    struct removed_directory {
        clock::duration due;
        std::string path;
    };
    std::deque<removed_directory> removed_;
};

result<void> log_directory::state::open() {
    env& files = context_.files;
    LB_CHECK(files.make_directories(options_.path));
    auto lock = files.lock(path_of(".lock"));
    if (lock.has_error()) {
        const bool is_held = lock.error().code == std::errc::resource_unavailable_try_again;
        return is_held ? error(errc::locked, options_.path) : lock.error();
    }
    lock_ = *std::move(lock);
    LB_CHECK(read_identity());
    if (options_.locked) {
        LB_CHECK(options_.locked());
    }
    LB_TRY(checkpoints_, writer_.read());
    clean_ = files.exists(path_of(clean_file));
    LB_CHECK(open_partitions());
    if (clean_) {
        // Only now: a crash while opening changes nothing that was clean.
        LB_CHECK(files.remove(path_of(clean_file)));
        LB_CHECK(files.sync_directory(options_.path));
    }
    if (auto written = write_checkpoints(); written.has_error()) {
        // Those of before hold as well. A full disk must not keep consumers and retention away.
        context_.messages.error(
            "The checkpoints of a log directory cannot be written. path={} error={}",
            options_.path,
            written.error().text()
        );
    }
    return {};
}

result<void> log_directory::state::read_identity() {
    const std::string path = path_of("meta.properties");
    if (!context_.files.exists(path)) {
        return write_identity();
    }
    LB_TRY(const std::string text, read_file(context_.files, path, small_file_max));
    const auto properties = parse_properties(text);
    const std::string cluster = value_of(properties, "cluster.id");
    std::string node = value_of(properties, "node.id");
    if (node.empty()) {
        node = value_of(properties, "broker.id");
    }
    directory_id_ = value_of(properties, "directory.id");
    const bool other_cluster =
        !options_.cluster_id.empty() && !cluster.empty() && cluster != options_.cluster_id;
    if (other_cluster || (!node.empty() && node != std::to_string(options_.node.value()))) {
        return error(
            errc::wrong_cluster, fmt::format("{}: cluster.id={} node.id={}", path, cluster, node)
        );
    }
    if (cluster.empty() || directory_id_.empty() || node.empty()) {
        if (!cluster.empty()) {
            options_.cluster_id = cluster;
        }
        return write_identity();
    }
    options_.cluster_id = cluster;
    return {};
}

result<void> log_directory::state::write_identity() {
    if (options_.cluster_id.empty()) {
        options_.cluster_id = uuid::random().text();
    }
    if (directory_id_.empty()) {
        directory_id_ = uuid::random().text();
    }
    return replace_file(
        context_.files,
        path_of("meta.properties"),
        fmt::format(
            "#\nversion=1\ncluster.id={}\ndirectory.id={}\nnode.id={}\n",
            options_.cluster_id,
            directory_id_,
            options_.node.value()
        )
    );
}

result<void> log_directory::state::open_partitions() {
    LB_TRY(const auto names, context_.files.list(options_.path));
    for (const std::string& name : names) {
        const std::string path = path_of(name);
        if (!context_.files.is_directory(path)) {
            continue;
        }
        if (name.ends_with("-delete")) {
            LB_CHECK(context_.files.remove_tree(path));
            continue;
        }
        const auto partition = parse_partition_directory(name);
        // "-future" and "-stray" directories, and KRaft's own log, are not ours to open.
        if (!partition || partition->topic == "__cluster_metadata") {
            continue;
        }
        if (auto opened = open_partition(*partition, path); opened.has_error()) {
            context_.messages.error(
                "A partition cannot be opened and is offline. directory={} error={}",
                path,
                opened.error().text()
            );
            offline_.push_back({*partition, opened.error()});
        }
    }
    return {};
}

result<void>
log_directory::state::open_partition(const topic_partition& partition, const std::string& path) {
    const auto value_in = [&partition](const offset_checkpoint& values) {
        const auto found = values.find(partition);
        return found == values.end() ? offset(0) : found->second;
    };
    uuid topic_id;
    const std::string metadata = join_path(path, "partition.metadata");
    if (context_.files.exists(metadata)) {
        LB_TRY(const std::string text, read_file(context_.files, metadata, small_file_max));
        constexpr std::string_view key = "topic_id: ";
        const auto found = text.find(key);
        if (found == std::string::npos ||
            !uuid::parse(std::string_view(text).substr(found + key.size(), 22), topic_id)) {
            return error(errc::malformed_file, metadata);
        }
    }
    LB_TRY(
        auto opened,
        partition_log::open(
            context_,
            {.directory = path,
             .partition = partition,
             .config = options_.config_of(partition.topic),
             .recovery_point = value_in(checkpoints_.recovery_points),
             .log_start_offset = value_in(checkpoints_.starts),
             .clean_until = value_in(checkpoints_.cleaned),
             .clean = clean_}
        )
    );
    LB_ASSERT(!logs_.contains(partition));
    topic_ids_[partition] = topic_id;
    logs_[partition] = std::move(opened);
    return {};
}

std::function<result<void>()> log_directory::state::begin_checkpoints() {
    checkpoint_values& now = checkpoints_;
    // Partitions that are offline keep what was known of them, those that are gone do not.
    for (offset_checkpoint* each :
         {&now.recovery_points, &now.starts, &now.watermarks, &now.cleaned}) {
        std::erase_if(*each, [this](const auto& entry) { return !is_offline(entry.first); });
    }
    for (const auto& [partition, each] : logs_) {
        LB_ASSERT(!is_offline(partition));
        now.recovery_points[partition] = each->bounds().recovery_point();
        now.watermarks[partition] = each->bounds().high_watermark();
        if (each->bounds().start() > offset(0)) {
            now.starts[partition] = each->bounds().start();
        }
        if (each->bounds().clean_until() > offset(0)) {
            now.cleaned[partition] = each->bounds().clean_until();
        }
    }
    return [this, number = writer_.next_number(), values = now] {
        return writer_.write(number, values);
    };
}

log_directory::log_directory(std::unique_ptr<state> own) : state_(std::move(own)) {}
log_directory::~log_directory() = default;

result<std::unique_ptr<log_directory>>
log_directory::open(log_context context, log_directory_options options) {
    auto own = std::make_unique<state>(context, std::move(options));
    LB_CHECK(own->open());
    return std::unique_ptr<log_directory>(new log_directory(std::move(own)));
}

const std::string& log_directory::path() const noexcept {
    return state_->options_.path;
}
const std::string& log_directory::cluster_id() const noexcept {
    return state_->options_.cluster_id;
}
const std::string& log_directory::directory_id() const noexcept {
    return state_->directory_id_;
}
bool log_directory::was_clean() const noexcept {
    return state_->clean_;
}

partition_log* log_directory::find(const topic_partition& partition) noexcept {
    const auto found = state_->logs_.find(partition);
    return found == state_->logs_.end() ? nullptr : found->second.get();
}
const std::map<topic_partition, std::unique_ptr<partition_log>>&
log_directory::logs() const noexcept {
    return state_->logs_;
}
const std::vector<offline_partition>& log_directory::offline() const noexcept {
    return state_->offline_;
}
uuid log_directory::topic_id(const topic_partition& partition) const {
    const auto found = state_->topic_ids_.find(partition);
    return found == state_->topic_ids_.end() ? uuid() : found->second;
}

result<partition_log*> log_directory::create(
    const topic_partition& partition, const uuid& topic_id, const log_config& config
) {
    env& files = state_->context_.files;
    const std::string path = state_->path_of(partition_directory_name(partition));
    if (files.exists(path)) {
        return files.is_directory(path)
                   ? error(errc::already_exists, path)
                   : error(std::error_code(ENOTDIR, std::system_category()), path);
    }
    const auto make = [&]() -> result<std::unique_ptr<partition_log>> {
        LB_CHECK(files.make_directories(path));
        if (!topic_id.is_zero()) {
            const std::string text = "version: 0\ntopic_id: " + topic_id.text();
            LB_CHECK(replace_file(files, join_path(path, "partition.metadata"), text));
        }
        LB_CHECK(files.sync_directory(state_->options_.path));
        return partition_log::open(
            state_->context_, {.directory = path, .partition = partition, .config = config}
        );
    };
    auto opened = make();
    if (opened.has_error()) {
        // It must not be in the way of the next try.
        static_cast<void>(files.remove_tree(path));
        return opened.error();
    }
    partition_log* const made = opened->get();
    LB_ASSERT(made->bounds().end() == offset(0));
    LB_ASSERT(!state_->logs_.contains(partition));
    state_->topic_ids_[partition] = topic_id;
    state_->logs_[partition] = *std::move(opened);
    return made;
}

result<void> log_directory::remove(const topic_partition& partition) {
    const auto is_it = [&partition](const offline_partition& each) {
        return each.partition == partition;
    };
    const bool was_offline = std::erase_if(state_->offline_, is_it) > 0;
    const auto found = state_->logs_.find(partition);
    if (found == state_->logs_.end() && !was_offline) {
        return error(errc::not_found, partition_directory_name(partition));
    }
    std::int64_t delay_ms = 0;
    if (found != state_->logs_.end()) {
        delay_ms = found->second->config().file_delete_delay_ms;
        state_->logs_.erase(found);
    }
    state_->topic_ids_.erase(partition);
    env& files = state_->context_.files;
    const std::string from = state_->path_of(partition_directory_name(partition));
    // As Kafka: of a long topic a part, because a name has 255 bytes.
    const std::string suffix =
        fmt::format("-{}.{}-delete", partition.partition.value(), uuid::random().text());
    const std::string to =
        state_->path_of(partition.topic.substr(0, file_name_max - suffix.size()) + suffix);
    LB_CHECK(files.rename(from, to));
    LB_CHECK(files.sync_directory(state_->options_.path));
    state_->removed_.push_back(
        {state_->context_.time.steady() + std::chrono::milliseconds(delay_ms), to}
    );
    // A topic of the same name may come back before the next checkpoint: it must not inherit.
    return state_->write_checkpoints();
}

std::function<result<void>()> log_directory::begin_checkpoints() {
    return state_->begin_checkpoints();
}
result<void> log_directory::write_checkpoints() {
    return state_->write_checkpoints();
}

result<std::size_t> log_directory::housekeep() {
    std::size_t deleted = 0;
    result<void> outcome;
    for (const auto& [partition, each] : state_->logs_) {
        if (each->failed()) {
            continue;
        }
        if (const auto count = each->housekeep(); count.has_value()) {
            deleted += *count;
        } else {
            outcome = count.error();
        }
    }
    LB_CHECK(outcome);
    return deleted;
}

std::function<void()> log_directory::begin_removals() {
    std::vector<std::string> files;
    for (const auto& [partition, each] : state_->logs_) {
        std::vector<std::string> mine = each->take_removable();
        std::move(mine.begin(), mine.end(), std::back_inserter(files));
    }
    std::vector<std::string> trees;
    auto& removed = state_->removed_;
    while (!removed.empty() && removed.front().due <= state_->context_.time.steady()) {
        trees.push_back(std::move(removed.front().path));
        removed.pop_front();
    }
    if (files.empty() && trees.empty()) {
        return {};
    }
    return [in = state_->context_, files = std::move(files), trees = std::move(trees)] {
        // What cannot be removed now is removed by the next start.
        const auto report = [&in](const std::string& path, const result<void>& done) {
            if (done.has_error()) {
                in.messages.warn(
                    "What was deleted cannot be removed. path={} error={}",
                    path,
                    done.error().text()
                );
            }
        };
        for (const std::string& each : files) {
            report(each, in.files.remove(each));
        }
        for (const std::string& each : trees) {
            report(each, in.files.remove_tree(each));
        }
    };
}

result<void> log_directory::close() {
    if (state_->closed_) {
        return {};
    }
    state_->closed_ = true;
    std::optional<error> first;
    for (const auto& [partition, each] : state_->logs_) {
        if (auto closed = each->close(); closed.has_error() && !first) {
            first = closed.error();
        }
    }
    auto checkpoints = state_->write_checkpoints();
    env& files = state_->context_.files;
    // One failed log, and the next start recovers all of them: the mark is for the directory.
    if (!first && checkpoints && state_->offline_.empty()) {
        const std::string mark = R"({"version":0,"brokerEpoch":-1})";
        auto marked = replace_file(files, state_->path_of(clean_file), mark);
        if (marked.has_error()) {
            first = marked.error();
        }
    }
    state_->lock_.reset();
    if (first) {
        return *first;
    }
    return checkpoints;
}

} // namespace logboom::log
