// What the agent's tests share: a directory of its own, a codec that makes one event a line, a sink
// that keeps what it is given and acknowledges as told, and a file input running on a thread.
#pragma once

#include "agent/file/file_input.h"
#include "base/env.h"

#include <atomic>
#include <condition_variable>
#include <filesystem>
#include <fstream>
#include <functional>
#include <mutex>
#include <thread>
#include <unistd.h>

namespace logboom::agent::test {

using namespace std::chrono_literals;

class temporary_directory {
  public:
    temporary_directory() {
        std::string name = (std::filesystem::temp_directory_path() / "lb-agent-XXXXXX").string();
        path_ = ::mkdtemp(name.data());
    }
    ~temporary_directory() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    temporary_directory(const temporary_directory&) = delete;
    temporary_directory& operator=(const temporary_directory&) = delete;

    [[nodiscard]] const std::string& path() const { return path_; }
    [[nodiscard]] std::string operator/(std::string_view name) const {
        return join_path(path_, name);
    }
    void append(std::string_view name, std::string_view text) const {
        std::ofstream(*this / name, std::ios::app | std::ios::binary) << text << std::flush;
    }
    void write(std::string_view name, std::string_view text) const {
        std::ofstream(*this / name, std::ios::trunc | std::ios::binary) << text << std::flush;
    }
    void rename(std::string_view from, std::string_view to) const {
        std::filesystem::rename(*this / from, *this / to);
    }

  private:
    std::string path_;
};

class line_decoder final : public decoder {
  public:
    void
    decode(bytes_view data, bool data_is_kept, std::int64_t now_ns, event_batch& into) override {
        event& made = into.add(now_ns);
        const std::string_view text = as_text(data);
        made.set(field::message, value::of(data_is_kept ? text : into.memory.copy(text)));
    }
    void flush(std::int64_t, event_batch&) override {}
};

/// Lines that begin with a space belong to the one before.
class joining_decoder : public decoder {
  public:
    void decode(bytes_view data, bool, std::int64_t now_ns, event_batch& into) override {
        const std::string_view text = as_text(data);
        if (!text.starts_with(' ')) {
            flush(now_ns, into);
        }
        held_ += held_.empty() ? std::string(text) : "|" + std::string(text);
        is_holding_ = true;
    }
    void flush(std::int64_t now_ns, event_batch& into) override {
        if (std::exchange(is_holding_, false)) {
            into.add(now_ns).set(field::message, value::of(into.memory.copy(held_)));
            held_.clear();
        }
    }
    bool is_holding() const noexcept override { return is_holding_; }

  private:
    std::string held_;
    bool is_holding_ = false;
};

/// The same, but for a moment only.
class hasty_decoder final : public joining_decoder {
  public:
    std::optional<std::chrono::nanoseconds> hold_limit() const noexcept override { return 20ms; }
};

template <class Decoder>
class test_codec : public codec {
  public:
    std::unique_ptr<decoder> make_decoder() const override { return std::make_unique<Decoder>(); }
    void encode(const event&, std::string&) const override {}
};

struct received {
    std::string text;
    std::string origin;
    std::string path;
    std::vector<std::string> tags;
};

class collecting_sink final : public batch_sink {
  public:
    enum class verdict { deliver, lose, keep };

    /// Called for each batch; by default all are delivered.
    std::function<verdict(const event_batch&)> decide;

    bool push(batch_ptr batch) override { return offer(batch, nullptr) == offer_outcome::taken; }
    offer_outcome offer(batch_ptr& batch, const std::shared_ptr<room_listener>& listener) override {
        const std::lock_guard lock(mutex_);
        if (is_closed_) {
            return offer_outcome::refused;
        }
        ++offers_;
        if (is_full_) {
            listener_ = listener;
            changed_.notify_all();
            return offer_outcome::full;
        }
        take(std::move(batch));
        return offer_outcome::taken;
    }
    void set_full(bool is_full) {
        std::shared_ptr<room_listener> told;
        {
            const std::lock_guard lock(mutex_);
            is_full_ = is_full;
            told.swap(listener_);
        }
        if (told) {
            told->on_room();
        }
    }
    /// Waits until a batch has found no room.
    bool wait_until_full() {
        std::unique_lock lock(mutex_);
        return changed_.wait_for(lock, 5s, [&] { return listener_ != nullptr; });
    }
    std::size_t offers() const {
        const std::lock_guard lock(mutex_);
        return offers_;
    }
    void close() {
        const std::lock_guard lock(mutex_);
        is_closed_ = true;
    }
    void deliver_kept() {
        const std::lock_guard lock(mutex_);
        for (batch_ptr& each : kept_) {
            each->ack.delivered();
        }
        kept_.clear();
    }
    void lose_kept() {
        const std::lock_guard lock(mutex_);
        kept_.clear();
    }
    std::vector<received> items() const {
        const std::lock_guard lock(mutex_);
        return items_;
    }
    std::vector<std::string> texts() const {
        std::vector<std::string> out;
        for (const received& each : items()) {
            out.push_back(each.text);
        }
        return out;
    }
    /// False when there are not so many within five seconds.
    bool wait_for(std::size_t count) {
        std::unique_lock lock(mutex_);
        return changed_.wait_for(lock, 5s, [&] { return items_.size() >= count; });
    }

  private:
    void take(batch_ptr batch) {
        const verdict what = decide ? decide(*batch) : verdict::deliver;
        for (const event& each : batch->events) {
            items_.push_back(describe(each));
        }
        if (what == verdict::deliver) {
            batch->ack.delivered();
        } else if (what == verdict::keep) {
            kept_.push_back(std::move(batch));
        }
        changed_.notify_all();
    }
    static received describe(const event& from) {
        received out;
        from.origin.append_text(out.origin);
        if (const value* text = from.get(field::message)) {
            out.text = text->as_string();
        }
        if (const value* path = from.metadata().find("path")) {
            out.path = path->as_string();
        }
        if (const value* tags = from.get(field::tags)) {
            for (const value& each : tags->as_array()) {
                out.tags.emplace_back(each.as_string());
            }
        }
        return out;
    }

    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<received> items_;
    std::vector<batch_ptr> kept_;
    std::shared_ptr<room_listener> listener_;
    std::size_t offers_ = 0;
    bool is_full_ = false;
    bool is_closed_ = false;
};

/// A file input as the pipeline would run it.
class running_input {
  public:
    struct given {
        std::vector<std::string> paths;
        std::string data_directory;
        std::vector<std::pair<std::string, std::string>> options;
        ecs_mode ecs = ecs_mode::v8;
        std::shared_ptr<const logboom::codec> codec = std::make_shared<test_codec<line_decoder>>();
        std::size_t batch_size_max = 1000;
        logger log;
        std::string pipeline_id = "main";
        std::string plugin_id = "file";
    };

    running_input(given what, batch_sink& sink)
        : options_("file input", file_input.table), sink_(sink) {
        config_value::array paths;
        for (const std::string& each : what.paths) {
            paths.push_back({each, {}});
        }
        options_.set("path", {paths, {}});
        for (const auto& [name, text] : what.options) {
            options_.set(name, {text, {}});
        }
        options_.finish({});
        options_.parse();
        const plugin_context context{
            .options = options_,
            .codec = what.codec,
            .time = time_,
            .counters = counters,
            .log = what.log,
            .ecs = what.ecs,
            .pipeline_id = what.pipeline_id,
            .plugin_id = what.plugin_id,
            .data_directory = what.data_directory,
            .host_name = "box",
            .batch_size_max = what.batch_size_max};
        auto made = file_input.make(context);
        problem = made.has_error() ? made.error().text() : "";
        if (made.has_value()) {
            input_ = std::move(*made);
            thread_ = std::jthread([this](std::stop_token stop) {
                input_->run(sink_, stop);
                has_returned = true;
            });
        }
    }
    ~running_input() { kill(); }

    /// As a pipeline stops; `draining` stands for what the outputs do after the inputs have ended.
    void stop(const std::function<void()>& draining = {}) {
        end_thread();
        if (draining) {
            draining();
        }
        if (input_) {
            input_->close();
            input_.reset();
        }
    }
    /// As kill -9 does: nothing more is written.
    void kill() {
        end_thread();
        input_.reset();
    }

    std::optional<files_status> describe(std::size_t count_max) {
        return input_->describe_files(count_max);
    }

    metrics counters;
    std::string problem;
    std::atomic<bool> has_returned{false};

  private:
    void end_thread() {
        if (thread_.joinable()) {
            thread_.request_stop();
            thread_.join();
        }
    }

    plugin_options options_;
    real_clock time_;
    batch_sink& sink_;
    std::unique_ptr<input> input_;
    std::jthread thread_;
};

/// A directory of logs, one for positions, and what a file input over them is given.
struct file_input_fixture {
    temporary_directory data;
    temporary_directory logs;
    collecting_sink sink;

    running_input::given given(std::string_view glob = "*.log") const {
        running_input::given out;
        out.paths = {logs / glob};
        out.data_directory = data.path();
        out.options = {{"start_position", "beginning"}, {"stat_interval", "0.05"}};
        return out;
    }
};

} // namespace logboom::agent::test
