#include "sinks/stdout.h"

#include "sinks/complaint.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <mutex>
#include <poll.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace logboom {
namespace {

constexpr std::array<setting, 3> stdout_table{{
    {"codec", setting_type::codec, "rubydebug", "How events are written."},
    // Of Logstash before 2.0: the default codec shows as much.
    {.name = "debug", .doc = "The codec decides.", .state = setting_state::no_effect},
    {.name = "debug_format", .doc = "The codec decides.", .state = setting_state::no_effect},
}};

/// How often a writer that waits for its reader looks whether it should give up.
constexpr int poll_interval_ms = 50;
/// How long a full device is left alone.
constexpr int full_retry_ms = 1000;
/// What a pipe that polls writable takes without blocking.
constexpr std::size_t pipe_piece = 4096;

class descriptor_output final : public output {
  public:
    descriptor_output(const plugin_context& context, int descriptor)
        : codec_(context.codec), log_(context.log), time_(context.time), descriptor_(descriptor) {
        struct stat about {};
        is_regular_ = fstat(descriptor, &about) == 0 && S_ISREG(about.st_mode);
    }

    result<void> start() override {
        // A reader that is gone is an error of write(2), not the end of the process.
        static_cast<void>(std::signal(SIGPIPE, SIG_IGN));
        return {};
    }

    void
    write(const event_batch& batch, std::span<const std::uint32_t> chosen, ack_token ack) override {
        std::string text;
        for (const std::uint32_t index : chosen) {
            codec_->encode(batch.events[index], text);
        }
        const std::lock_guard lock(mutex_);
        if (write_all(text)) {
            ack.delivered();
            return;
        }
        ack.lost();
        if (broken_ != 0 && !std::exchange(failed_, true)) {
            // Nobody will ever read again: the pipeline ends, as in `logboom run ... | head`.
            throw std::system_error(broken_, std::system_category(), "standard output");
        }
    }

    void finish(std::chrono::nanoseconds /*limit*/) override { stopping_.store(true); }

  private:
    bool write_all(std::string_view text) {
        while (!text.empty()) {
            if (!is_regular_ && !wait_until_writable()) {
                return false;
            }
            const std::size_t size = is_regular_ ? text.size() : std::min(text.size(), pipe_piece);
            const ssize_t written = ::write(descriptor_, text.data(), size);
            if (written >= 0) {
                if (full_.ends()) {
                    log_.info("Standard output takes what is written again.");
                }
                text.remove_prefix(static_cast<std::size_t>(written));
            } else if (errno == ENOSPC || errno == EDQUOT) {
                if (!wait_for_space()) {
                    return false;
                }
            } else if (errno != EINTR && errno != EAGAIN) {
                broken_ = errno;
                return false;
            }
        }
        return true;
    }
    /// False when it is time to give up.
    bool wait_for_space() {
        if (full_.goes_on(time_.steady())) {
            log_.error("Standard output is on a full device; trying again.");
        }
        for (int waited = 0; waited < full_retry_ms; waited += poll_interval_ms) {
            if (stopping_.load()) {
                return false;
            }
            poll(nullptr, 0, poll_interval_ms);
        }
        return true;
    }
    bool wait_until_writable() const {
        pollfd waiting{descriptor_, POLLOUT, 0};
        while (poll(&waiting, 1, poll_interval_ms) <= 0) {
            if (stopping_.load()) {
                return false;
            }
        }
        return true;
    }

    std::shared_ptr<const codec> codec_;
    logger log_;
    const clock& time_;
    int descriptor_;
    bool is_regular_ = false;
    std::atomic<bool> stopping_{false};
    std::mutex mutex_;
    complaint full_;
    /// errno of the write that will not be tried again.
    int broken_ = 0;
    /// The pipeline has been told.
    bool failed_ = false;
};

result<std::unique_ptr<output>> make_stdout(const plugin_context& context) {
    return make_descriptor_output(context, STDOUT_FILENO);
}

} // namespace

std::unique_ptr<output> make_descriptor_output(const plugin_context& context, int descriptor) {
    return std::make_unique<descriptor_output>(context, descriptor);
}

const output_row stdout_output{"stdout", stdout_table, make_stdout};

} // namespace logboom
