// How fast the file input alone is: files of 200-byte lines into a sink that acknowledges and
// drops. Not run with the tests: `ninja -C build tests/bench/agent_bench &&
// build/tests/bench/agent_bench [MEGABYTES [FILES]]`. Prints lines a second and CPU time a line.
#include "agent/file.h"

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

void run(const std::string& directory, ecs_mode ecs, std::size_t expected) {
    settings options("file input", agent::file_input.table);
    options.set("path", {directory + "/*.log", {}});
    options.set("start_position", {std::string("beginning"), {}});
    options.set("sincedb_path", {std::string("/dev/null"), {}});
    options.finish({});
    real_clock time;
    metrics counters;
    const plugin_context context{
        .options = options,
        .codec = std::make_shared<plain_codec>(),
        .time = time,
        .counters = counters,
        .log = {},
        .ecs = ecs,
        .data_directory = directory,
        .host_name = "box"};
    auto made = agent::file_input.make(context);
    counting_sink sink;
    const double cpu_before = cpu_seconds();
    const auto before = time.steady();
    std::jthread thread([&](std::stop_token stop) { (*made)->run(sink, stop); });
    while (sink.lines < expected) {
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    const double wall = std::chrono::duration<double>(time.steady() - before).count();
    const double cpu = cpu_seconds() - cpu_before;
    fmt::print(
        "{:9} {:10.0f} lines/s {:8.0f} MB/s {:6.3f} us CPU a line\n",
        ecs == ecs_mode::disabled ? "disabled" : "ecs v8",
        static_cast<double>(expected) / wall,
        static_cast<double>(expected * line_size) / wall / 1e6,
        cpu / static_cast<double>(expected) * 1e6
    );
    thread.request_stop();
}

} // namespace

int main(int count, char** arguments) {
    constexpr std::size_t megabytes_default = 400;
    const std::size_t megabytes =
        count > 1 ? std::strtoul(arguments[1], nullptr, 10) : megabytes_default;
    const int files = count > 2 ? std::atoi(arguments[2]) : 1;
    std::string directory =
        (std::filesystem::temp_directory_path() / "lb-agent-bench-XXXXXX").string();
    if (megabytes == 0 || files <= 0 || ::mkdtemp(directory.data()) == nullptr) {
        return 2;
    }
    const std::size_t lines = write_files(directory, megabytes, files);
    for (int round = 0; round < 3; ++round) {
        run(directory, ecs_mode::disabled, lines);
        run(directory, ecs_mode::v8, lines);
    }
    std::filesystem::remove_all(directory);
    return 0;
}
