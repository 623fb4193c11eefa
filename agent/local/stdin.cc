// Reads standard input when poll(2) says so, until it ends or a stop is requested; then the rest of
// the pipe.
#include "agent/local/stdin.h"

#include "agent/local/stop_signal.h"
#include "plugin/source_stamp.h"

#include <algorithm>
#include <cerrno>
#include <optional>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

namespace logboom::agent {
namespace {

constexpr std::size_t read_size = std::size_t{64} * 1024;

constexpr setting stdin_table[] = {
    {.name = "codec",
     .type = setting_type::codec,
     .fallback = "line",
     .doc = "How the bytes become events."},
};

class stdin_reader final : public input {
  public:
    explicit stdin_reader(const plugin_context& context)
        : codec_(context.codec), time_(context.time), stamp_(context) {}

    [[nodiscard]] bool can_read_again() const noexcept override { return false; }

    void run(batch_sink& into, std::stop_token stop) override {
        read_all(into, std::move(stop));
        if (broken_ != 0) {
            // No end of the input: who looks at the exit code alone must see it.
            throw std::system_error(broken_, std::system_category(), "standard input");
        }
    }

  private:
    void read_all(batch_sink& into, std::stop_token stop) {
        const stop_signal stopped(stop);
        const auto stream = codec_->make_decoder();
        std::optional<clock::duration> flush_at;
        for (woken by = wait_for_data(stopped, flush_at); by != woken::by_stop;
             by = wait_for_data(stopped, flush_at)) {
            auto batch = std::make_unique<event_batch>();
            bool has_more = true;
            if (by == woken::by_time) {
                stream->flush(time_.wall().count(), *batch);
            } else {
                has_more = read_some(*stream, *batch, read_size);
            }
            flush_at = flush_due(*stream, time_.steady());
            if (!push(std::move(batch), into) || !has_more) {
                return;
            }
        }
        read_rest(*stream, into);
    }
    /// What writers have put into the pipe by now would be gone with us. What they write later
    /// meets a closed pipe, which they are told.
    void read_rest(decoder& stream, batch_sink& into) {
        struct stat about {};
        int size = 0;
        const bool is_pipe = ::fstat(STDIN_FILENO, &about) == 0 &&
                             (S_ISFIFO(about.st_mode) || S_ISSOCK(about.st_mode)) &&
                             ::ioctl(STDIN_FILENO, FIONREAD, &size) == 0;
        auto left = is_pipe && size > 0 ? static_cast<std::size_t>(size) : 0;
        while (left > 0) {
            auto batch = std::make_unique<event_batch>();
            const std::size_t part = std::min(left, read_size);
            const bool has_more = read_some(stream, *batch, part);
            if (!push(std::move(batch), into) || !has_more) {
                return;
            }
            left -= part;
        }
        auto last = std::make_unique<event_batch>();
        stream.flush(time_.wall().count(), *last);
        push(std::move(last), into);
    }

    enum class woken { by_data, by_stop, by_time };
    /// Until there is data, a stop is requested or, if there is such a time, until `limit`.
    woken
    wait_for_data(const stop_signal& stopped, const std::optional<clock::duration>& limit) const {
        pollfd watched[] = {{STDIN_FILENO, POLLIN, 0}, {stopped.descriptor(), POLLIN, 0}};
        int count = -1;
        do {
            count = poll(watched, 2, limit ? milliseconds_until(*limit) : -1);
        } while (count < 0 && errno == EINTR);
        if (watched[1].revents != 0) {
            return woken::by_stop;
        }
        return count == 0 ? woken::by_time : woken::by_data;
    }
    [[nodiscard]] int milliseconds_until(clock::duration limit) const {
        constexpr clock::duration longest = std::chrono::hours(1);
        const auto left = std::clamp(limit - time_.steady(), clock::duration(0), longest);
        return static_cast<int>(std::chrono::ceil<std::chrono::milliseconds>(left).count());
    }

    /// False at the end.
    bool read_some(decoder& stream, event_batch& into, std::size_t size_max) {
        // The batch keeps what was read, so that events can refer to it.
        auto buffer = std::make_shared_for_overwrite<std::byte[]>(read_size);
        const auto size = ::read(STDIN_FILENO, buffer.get(), size_max);
        const std::int64_t now = time_.wall().count();
        if (size < 0) {
            if (errno == EINTR || errno == EAGAIN) {
                return true;
            }
            broken_ = errno;
        }
        if (size <= 0) {
            stream.flush(now, into);
            return false;
        }
        const bytes_view data(buffer.get(), static_cast<std::size_t>(size));
        into.memory.keep(std::move(buffer));
        stream.decode(data, true, now, into);
        return true;
    }

    bool push(batch_ptr batch, batch_sink& into) {
        if (batch->events.empty()) {
            return true;
        }
        for (event& each : batch->events) {
            stamp_.add_host(each, source_field::host_hostname);
        }
        return into.push(std::move(batch));
    }

    std::shared_ptr<const codec> codec_;
    clock& time_;
    source_stamp stamp_;
    /// errno of the read that failed.
    int broken_ = 0;
};

result<std::unique_ptr<input>> make_stdin(const plugin_context& context) {
    return std::unique_ptr<input>(std::make_unique<stdin_reader>(context));
}

} // namespace

const input_row stdin_input{"stdin", stdin_table, make_stdin, {.is_byte_stream = true}};

} // namespace logboom::agent
