// Writes dead letters to numbered files: one thread that syncs for all who wait.
#include "sinks/dead_letter_file.h"

#include "base/metric_list.h"
#include "event/json_writer.h"
#include "event/time/timestamp.h"

#include <fmt/format.h>
#include <rapidjson/memorystream.h>
#include <rapidjson/reader.h>

#include <algorithm>
#include <charconv>

namespace logboom::sinks {
namespace {

constexpr std::string_view prefix = "letters-";
constexpr std::string_view suffix = ".ndjson";

bool parse_name(std::string_view name, std::uint64_t& number) {
    if (name.size() <= prefix.size() + suffix.size() || name.rfind(prefix, 0) != 0 ||
        name.substr(name.size() - suffix.size()) != suffix) {
        return false;
    }
    const std::string_view digits =
        name.substr(prefix.size(), name.size() - prefix.size() - suffix.size());
    const auto [end, code] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    return code == std::errc{} && end == digits.data() + digits.size();
}

bool is_json_line(std::string_view text) {
    if (text.empty() || text.find_first_of("\r\n") != std::string_view::npos) {
        return false;
    }
    rapidjson::MemoryStream stream(text.data(), text.size());
    rapidjson::EncodedInputStream<rapidjson::UTF8<>, rapidjson::MemoryStream> input(stream);
    rapidjson::Reader reader;
    rapidjson::BaseReaderHandler<> ignore;
    return !reader
                .Parse<rapidjson::kParseIterativeFlag | rapidjson::kParseValidateEncodingFlag>(
                    input, ignore
                )
                .IsError();
}

void append_member(std::string_view name, std::string_view text, std::string& out) {
    if (!text.empty()) {
        out += ",\"";
        out += name;
        out += "\":";
        append_json_string(text, out);
    }
}

} // namespace

std::string dead_letter_file::line_of(const dead_letter& letter, timestamp_ms now) {
    constexpr std::int64_t nanoseconds_per_ms = 1'000'000;
    std::string out = "{\"@timestamp\":";
    append_json(value::timestamp(now.value() * nanoseconds_per_ms), out);
    append_member("output", letter.output, out);
    out += fmt::format(",\"status\":{}", letter.status);
    append_member("error_type", letter.error_type, out);
    append_member("reason", letter.reason, out);
    append_member("target", letter.target, out);
    append_member("id", letter.id, out);
    if (letter.origin.is_known()) {
        std::string origin;
        letter.origin.append_text(origin);
        append_member("origin", origin, out);
    }
    append_member("topic", letter.origin.topic, out);
    out += ",\"document\":";
    if (is_json_line(letter.document)) {
        out += letter.document;
    } else {
        append_json_string(letter.document, out);
    }
    out += "}\n";
    return out;
}

dead_letter_file::dead_letter_file(
    dead_letter_file_options options, const dead_letter_file_context& context
)
    : options_(std::move(options))
    , disk_(context.disk)
    , time_(context.time)
    , log_(context.log)
    , written_(
          context.counters,
          declared("logboom_dead_letter_files_letters_total"),
          extended(context.labels, "written")
      )
    , failed_(
          context.counters,
          declared("logboom_dead_letter_files_letters_total"),
          extended(context.labels, "failed")
      )
    , removed_(
          context.counters,
          declared("logboom_dead_letter_files_removed_bytes_total"),
          context.labels
      )
    , size_(context.counters, declared("logboom_dead_letter_files_size_bytes"), context.labels) {}

dead_letter_file::~dead_letter_file() {
    {
        const std::lock_guard lock(mutex_);
        is_stopping_ = true;
    }
    changed_.notify_all();
    if (thread_.joinable()) {
        thread_.join();
    }
}

std::string dead_letter_file::path_of(std::uint64_t number) const {
    return join_path(options_.directory, fmt::format("{}{:08}{}", prefix, number, suffix));
}

result<void> dead_letter_file::find_files() {
    LB_CHECK(disk_.make_directories(options_.directory));
    old_.clear();
    LB_TRY(const std::vector<std::string> names, disk_.list(options_.directory));
    for (const std::string& name : names) {
        std::uint64_t number = 0;
        if (parse_name(name, number)) {
            LB_TRY(const auto found, disk_.open(path_of(number), open_mode::read_only));
            LB_TRY(const std::uint64_t size, found->size());
            old_.push_back({number, size});
        }
    }
    std::sort(old_.begin(), old_.end(), [](const old_file& left, const old_file& right) {
        return left.number < right.number;
    });
    if (old_.empty() || old_.back().size >= options_.file_size_max) {
        return open_file(old_.empty() ? 1 : old_.back().number + 1);
    }
    const std::uint64_t number = old_.back().number;
    old_.pop_back();
    return open_file(number);
}

result<void> dead_letter_file::open_file(std::uint64_t number) {
    LB_TRY(auto opened, disk_.open(path_of(number), open_mode::read_write));
    LB_TRY(std::uint64_t size, opened->size());
    if (size > 0) {
        std::byte last{};
        LB_CHECK(opened->pread({&last, 1}, size - 1));
        if (last != std::byte{'\n'}) {
            LB_CHECK(opened->pwrite(as_bytes("\n"), size));
            ++size;
        }
    }
    LB_CHECK(disk_.sync_directory(options_.directory));
    current_ = std::move(opened);
    current_size_ = size;
    number_ = number;
    log_.info("Dead letters are written to {}.", path_of(number));
    return {};
}

void dead_letter_file::make_room(std::size_t size) {
    std::uint64_t total = current_size_ + size;
    for (const old_file& each : old_) {
        total += each.size;
    }
    while (total > options_.total_size_max && !old_.empty()) {
        const old_file oldest = old_.front();
        old_.pop_front();
        total -= oldest.size;
        if (auto removed = disk_.remove(path_of(oldest.number)); removed.has_error()) {
            log_.error("Cannot remove the oldest dead letters: {}.", removed.error().text());
            continue;
        }
        removed_.add(static_cast<std::int64_t>(oldest.size));
        log_.error(
            "Dead letters have reached {} bytes; the oldest were removed: file={} bytes={}.",
            options_.total_size_max,
            path_of(oldest.number),
            oldest.size
        );
    }
    size_.set(static_cast<std::int64_t>(total));
}

result<void> dead_letter_file::store(std::string_view text) {
    if (!has_found_files_) {
        LB_CHECK(find_files());
        has_found_files_ = true;
    }
    if (!current_ || current_size_ >= options_.file_size_max) {
        if (current_) {
            old_.push_back({number_, current_size_});
            current_.reset();
            ++number_;
        }
        LB_CHECK(open_file(number_));
    }
    make_room(text.size());
    LB_CHECK(current_->pwrite(as_bytes(text), current_size_));
    LB_CHECK(current_->sync());
    current_size_ += text.size();
    return {};
}

void dead_letter_file::run() {
    std::unique_lock lock(mutex_);
    for (;;) {
        changed_.wait(lock, [&] { return is_stopping_ || !waiting_.empty(); });
        if (waiting_.empty()) {
            return;
        }
        const std::string text = std::exchange(waiting_, {});
        std::vector<ack_token> acks = std::exchange(acks_, {});
        lock.unlock();
        changed_.notify_all();
        const auto stored = store(text);
        const auto count = static_cast<std::int64_t>(acks.size());
        if (stored.has_error()) {
            failed_.add(count);
            log_.error(
                "{} dead letters could not be written, their events will be read again: {}.",
                count,
                stored.error().text()
            );
            // Nothing is known of this file's end any more: the next letters get a new one.
            if (current_) {
                old_.push_back({number_, current_size_});
                current_.reset();
                ++number_;
            }
        } else {
            written_.add(count);
            for (ack_token& each : acks) {
                each.delivered();
            }
        }
        acks.clear();
        lock.lock();
    }
}

void dead_letter_file::close() {
    {
        const std::lock_guard lock(mutex_);
        is_closed_ = true;
    }
    changed_.notify_all();
}

void dead_letter_file::write(const dead_letter& letter, ack_token ack) {
    const std::string line = line_of(letter, time_.wall_ms());
    {
        std::unique_lock lock(mutex_);
        if (!thread_.joinable()) {
            thread_ = std::thread([this] { run(); });
        }
        const auto has_room = [&] { return waiting_.size() < options_.waiting_size_max; };
        changed_.wait(lock, [&] { return is_stopping_ || is_closed_ || has_room(); });
        if (is_closed_ && !has_room()) {
            return;
        }
        waiting_ += line;
        acks_.push_back(std::move(ack));
    }
    changed_.notify_all();
}

} // namespace logboom::sinks
