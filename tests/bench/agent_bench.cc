// How fast the file input alone is: files of 200-byte lines into a sink that acknowledges and
// drops. Not run with the tests: `ninja -C build tests/bench/agent_bench &&
// build/tests/bench/agent_bench [MEGABYTES [FILES]]`. Prints lines a second and CPU time a line.
#include "agent/file/file_input.h"

#include <fmt/core.h>

#include <array>
#include <atomic>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <unistd.h>

namespace {

using namespace logboom;

constexpr std::size_t line_size = 200;

class plain_decoder final : public decoder {
  public:
    void
    decode(bytes_view data, bool data_is_kept, std::int64_t now_ns, event_batch& into) override {
        event& made = into.add(now_ns);
        const std::string_view text = as_text(data);
        made.fields().append(
            into.memory, field::message, value::of(data_is_kept ? text : into.memory.copy(text))
        );
    }
    void flush(std::int64_t, event_batch&) override {}
};

class plain_codec final : public codec {
  public:
    std::unique_ptr<decoder> make_decoder() const override {
        return std::make_unique<plain_decoder>();
    }
    void encode(const event&, std::string&) const override {}
};

class counting_sink final : public batch_sink {
  public:
    bool push(batch_ptr batch) override {
        lines += batch->events.size();
        batch->ack.delivered();
        return true;
    }
    offer_outcome offer(batch_ptr& batch, const std::shared_ptr<room_listener>&) override {
        push(std::move(batch));
        return offer_outcome::taken;
    }
    std::atomic<std::size_t> lines{0};
};

double cpu_seconds() {
    timespec now{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

std::size_t write_files(const std::string& directory, std::size_t megabytes, int files) {
    const std::size_t lines = (megabytes << 20U) / line_size / static_cast<std::size_t>(files);
    const std::string line = std::string(line_size - 1, 'x') + "\n";
    for (int i = 0; i < files; ++i) {
        std::ofstream out(directory + "/f" + std::to_string(i) + ".log");
        for (std::size_t each = 0; each < lines; ++each) {
            out << line;
        }
    }
    return lines * static_cast<std::size_t>(files);
}

/// A file input over `directory`, running until it goes out of scope.
class running {
  public:
    running(const std::string& directory, ecs_mode ecs)
        : options_("file input", agent::file_input.table) {
        options_.set("path", {directory + "/*.log", {}});
        options_.set("start_position", {std::string("beginning"), {}});
        options_.set("sincedb_path", {directory + "/sincedb", {}});
        options_.finish({});
        options_.parse();
        const plugin_context context{
            .options = options_,
            .codec = std::make_shared<plain_codec>(),
            .time = time_,
            .counters = counters_,
            .log = {},
            .ecs = ecs,
            .data_directory = directory,
            .host_name = "box"};
        input_ = agent::file_input.make(context).value();
        thread_ = std::jthread([this](std::stop_token stop) { input_->run(sink_, stop); });
    }
    void wait_for(std::size_t lines) const {
        while (sink_.lines < lines) {
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
        }
    }

  private:
    plugin_options options_;
    real_clock time_;
    metrics counters_;
    counting_sink sink_;
    std::unique_ptr<input> input_;
    std::jthread thread_;
};

void run(const std::string& directory, ecs_mode ecs, std::size_t expected) {
    std::filesystem::remove(directory + "/sincedb");
    const real_clock time;
    const double cpu_before = cpu_seconds();
    const auto before = time.steady();
    const running input(directory, ecs);
    input.wait_for(expected);
    const double wall = std::chrono::duration<double>(time.steady() - before).count();
    const double cpu = cpu_seconds() - cpu_before;
    fmt::print(
        "{:9} {:10.0f} lines/s {:8.0f} MB/s {:6.3f} us CPU a line\n",
        ecs == ecs_mode::disabled ? "disabled" : "ecs v8",
        static_cast<double>(expected) / wall,
        static_cast<double>(expected * line_size) / wall / 1e6,
        cpu / static_cast<double>(expected) * 1e6
    );
}

long resident_kilobytes() {
    long pages = 0;
    std::ifstream in("/proc/self/statm");
    in >> pages >> pages;
    return pages * (::sysconf(_SC_PAGESIZE) / 1024);
}

void idle(const std::string& directory, std::size_t files) {
    constexpr auto span = std::chrono::seconds(30);
    const long before = resident_kilobytes();
    const running input(directory, ecs_mode::v8);
    input.wait_for(files);
    std::this_thread::sleep_for(std::chrono::seconds(3));
    const double cpu_before = cpu_seconds();
    std::this_thread::sleep_for(span);
    fmt::print(
        "{} idle files: {:.3f} % of a core, {:.2f} KiB each\n",
        files,
        (cpu_seconds() - cpu_before) / static_cast<double>(span.count()) * 100,
        static_cast<double>(resident_kilobytes() - before) / static_cast<double>(files)
    );
}

} // namespace

int main(int count, char** arguments) {
    constexpr std::size_t megabytes_default = 400;
    const bool is_idle = count > 2 && std::string_view(arguments[1]) == "idle";
    const std::size_t megabytes =
        count > 1 && !is_idle ? std::strtoul(arguments[1], nullptr, 10) : megabytes_default;
    const int files = count > 2 ? std::atoi(arguments[2]) : 1;
    std::string directory =
        (std::filesystem::temp_directory_path() / "lb-agent-bench-XXXXXX").string();
    if (megabytes == 0 || files <= 0 || ::mkdtemp(directory.data()) == nullptr) {
        return 2;
    }
    if (is_idle) {
        for (int i = 0; i < files; ++i) {
            std::ofstream(directory + "/f" + std::to_string(i) + ".log")
                << std::string(line_size - 1, 'x') << '\n';
        }
        idle(directory, static_cast<std::size_t>(files));
    } else {
        const std::size_t lines = write_files(directory, megabytes, files);
        for (int round = 0; round < 3; ++round) {
            run(directory, ecs_mode::disabled, lines);
            run(directory, ecs_mode::v8, lines);
        }
    }
    std::filesystem::remove_all(directory);
    return 0;
}
