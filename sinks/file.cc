// The file output and its table of options; paths are in file_path, files in open_files.
#include "sinks/file.h"

#include "base/metric_list.h"
#include "sinks/complaint.h"
#include "sinks/errc.h"
#include "sinks/file_path.h"
#include "sinks/open_files.h"

#include <array>
#include <atomic>
#include <cerrno>
#include <condition_variable>
#include <map>
#include <mutex>
#include <unistd.h>

namespace logboom {
namespace {

constexpr std::chrono::seconds retry_interval{1};
constexpr double any_mode_max = 07777;

constexpr std::array<setting, 11> file_table{{
    {.name = "path",
     .type = setting_type::text,
     .doc = "The file to write to; a template whose first part is static.",
     .required = true,
     .content = setting_content::form},
    {"codec", setting_type::codec, "json_lines", "How events are written."},
    {"flush_interval",
     setting_type::integer,
     "2",
     "Every batch is written before it counts as delivered.",
     setting_state::no_effect},
    {"gzip", setting_type::boolean, "false", "Compress the files."},
    {.name = "filename_failure",
     .fallback = "_filepath_failures",
     .doc = "The file, beside the others, for events whose path cannot be used.",
     .content = setting_content::path},
    {"create_if_deleted",
     setting_type::boolean,
     "true",
     "Create files that are not there; else their events go to the failure file."},
    {.name = "dir_mode",
     .type = setting_type::integer,
     .fallback = "-1",
     .doc = "Permissions of new directories; -1: what the umask leaves.",
     .min = -1,
     .max = any_mode_max},
    {.name = "file_mode",
     .type = setting_type::integer,
     .fallback = "-1",
     .doc = "Permissions of new files; -1: what the umask leaves.",
     .min = -1,
     .max = any_mode_max},
    {.name = "write_behavior",
     .type = setting_type::choice,
     .fallback = "append",
     .doc = "append adds to the file; overwrite leaves the latest event alone in it.",
     .choices = "append|overwrite"},
    {.name = "stale_cleanup_interval",
     .type = setting_type::duration,
     .fallback = "10",
     .doc = "How often files are closed that nothing was written to.",
     .unit = "s"},
    {.name = "message_format",
     .type = setting_type::text,
     .doc = "Gone: use the line codec with a format.",
     .state = setting_state::obsolete,
     .use_instead = "use codec => line { format => ... }"},
}};

file_options options_from(const settings& given) {
    file_options options;
    options.gzip = given.flag("gzip");
    options.overwrites = given.text("write_behavior") == "overwrite";
    options.directory_mode = static_cast<int>(given.integer("dir_mode"));
    options.file_mode = static_cast<int>(given.integer("file_mode"));
    return options;
}

class file_writer final : public output {
  public:
    file_writer(file_path path, const plugin_context& context)
        : path_(std::move(path))
        , codec_(context.codec)
        , log_(context.log)
        , time_(context.time)
        , overwrites_(context.options.text("write_behavior") == "overwrite")
        , creates_(context.options.flag("create_if_deleted"))
        , cleanup_interval_(context.options.duration("stale_cleanup_interval"))
        , failures_(
              context.counters,
              declared("logboom_file_output_failure_file_events_total"),
              context.labels()
          )
        , files_(options_from(context.options))
        , last_cleanup_(context.time.steady()) {}

    void
    write(const event_batch& batch, std::span<const std::uint32_t> chosen, ack_token ack) override {
        std::map<std::string, pending> by_path;
        for (const std::uint32_t index : chosen) {
            const event& each = batch.events[index];
            pending& into = by_path[path_.resolve(each)];
            if (overwrites_) {
                into.text.clear();
            }
            codec_->encode(each, into.text);
            ++into.events;
        }
        std::unique_lock lock(mutex_);
        for (const auto& [path, text] : by_path) {
            if (!write_to(path, text, lock)) {
                ack.lost();
                return;
            }
        }
        close_stale();
        ack.delivered();
    }

    void finish(std::chrono::nanoseconds /*limit*/) override {
        stopping_.store(true);
        const std::lock_guard lock(mutex_);
        stopped_.notify_all();
        files_.close_all();
    }

  private:
    struct pending {
        std::string text;
        std::int64_t events = 0;
    };

    bool
    write_to(const std::string& path, const pending& what, std::unique_lock<std::mutex>& lock) {
        const std::string* target = &path;
        const bool is_missing = !creates_ && ::access(path.c_str(), F_OK) != 0;
        if (is_missing || !is_usable(path)) {
            target = &path_.failure_path();
        }
        if (target == &path_.failure_path() || path == path_.failure_path()) {
            failures_.add(what.events);
        }
        std::string_view rest = what.text;
        for (;;) {
            auto done = files_.open(*target);
            if (done.has_value()) {
                done = files_.write(*target, rest);
            }
            if (done.has_value()) {
                if (stuck_.ends()) {
                    log_.info("Writing goes on. path={}", *target);
                }
                return true;
            }
            if (stuck_.goes_on(time_.steady())) {
                log_.error("Cannot write to {}, trying again: {}.", *target, done.error().text());
            }
            if (stopped_.wait_for(lock, retry_interval, [&] { return stopping_.load(); })) {
                return false;
            }
        }
    }
    /// False when no patience will open it: its events go to the failure file.
    bool is_usable(const std::string& path) {
        const auto opened = files_.open(path);
        if (opened.has_value()) {
            return true;
        }
        const int why = opened.error().code.value();
        const bool may_pass = why == ENOSPC || why == EDQUOT || why == EIO || why == EMFILE ||
                              why == ENFILE || why == ENOMEM || why == EROFS;
        if (!may_pass && path != path_.failure_path()) {
            log_.warn(
                "Cannot open {}, its events go to {}: {}.",
                path,
                path_.failure_path(),
                opened.error().text()
            );
        }
        return may_pass;
    }
    void close_stale() {
        const auto now = time_.steady();
        if (now - last_cleanup_ >= cleanup_interval_) {
            last_cleanup_ = now;
            files_.close_stale();
        }
    }

    file_path path_;
    std::shared_ptr<const codec> codec_;
    logger log_;
    clock& time_;
    bool overwrites_;
    bool creates_;
    std::chrono::nanoseconds cleanup_interval_;
    counter failures_;
    std::mutex mutex_;
    std::condition_variable stopped_;
    std::atomic<bool> stopping_{false};
    complaint stuck_;
    open_files files_;
    clock::duration last_cleanup_;
};

result<std::unique_ptr<output>> make_file(const plugin_context& context) {
    LB_TRY(
        file_path path,
        file_path::make(
            context.options.single("path")->form(), context.options.text("filename_failure")
        )
    );
    return std::make_unique<file_writer>(std::move(path), context);
}

} // namespace

const output_row file_output{"file", file_table, make_file};

} // namespace logboom
