#include "web/process_stats.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <sys/resource.h>
#include <unistd.h>

namespace logboom::web {
namespace {

using std::chrono::milliseconds;

std::string text_of(const std::filesystem::path& path) {
    std::ostringstream out;
    out << std::ifstream(path).rdbuf();
    return out.str();
}

/// The fields of a stat file from the third on: the second is a name that may hold anything.
struct stat_line {
    std::string name;
    std::vector<std::string> fields;

    explicit stat_line(const std::string& text) {
        const std::size_t begin = text.find('(');
        const std::size_t end = text.rfind(')');
        if (begin == std::string::npos || end == std::string::npos || end < begin) {
            return;
        }
        name = text.substr(begin + 1, end - begin - 1);
        std::istringstream rest(text.substr(end + 1));
        for (std::string each; rest >> each;) {
            fields.push_back(each);
        }
    }
    /// `number` as proc(5) counts them.
    [[nodiscard]] std::int64_t field(std::size_t number) const {
        const std::size_t index = number - 3;
        return index < fields.size() ? std::strtoll(fields[index].c_str(), nullptr, 10) : 0;
    }
    [[nodiscard]] milliseconds cpu() const { return ticks(field(14) + field(15)); }

    static milliseconds ticks(std::int64_t count) {
        return milliseconds(count * 1000 / sysconf(_SC_CLK_TCK));
    }
};

std::int64_t entries_in(const std::filesystem::path& directory) {
    std::error_code code;
    std::int64_t count = 0;
    for (std::filesystem::directory_iterator each(directory, code), end; !code && each != end;
         each.increment(code)) {
        ++count;
    }
    return count;
}

} // namespace

process_stats read_process_stats() {
    process_stats out;
    const stat_line self(text_of("/proc/self/stat"));
    out.open_files = entries_in("/proc/self/fd");
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        out.open_files_max = static_cast<std::int64_t>(limit.rlim_cur);
    }
    out.threads = self.field(20);
    out.virtual_bytes = self.field(23);
    out.resident_bytes = self.field(24) * sysconf(_SC_PAGESIZE);
    out.cpu = self.cpu();
    double since_boot = 0;
    std::ifstream("/proc/uptime") >> since_boot;
    const milliseconds now(static_cast<std::int64_t>(since_boot * 1000));
    out.uptime = std::max(milliseconds(1), now - stat_line::ticks(self.field(22)));
    getloadavg(out.load_average, 3);
    return out;
}

std::vector<thread_stats> read_thread_stats() {
    std::vector<thread_stats> out;
    std::error_code code;
    for (std::filesystem::directory_iterator each("/proc/self/task", code), end;
         !code && each != end;
         each.increment(code)) {
        const stat_line line(text_of(each->path() / "stat"));
        if (line.fields.empty()) {
            continue;
        }
        thread_stats one;
        one.name = line.name;
        one.id = std::strtoll(each->path().filename().c_str(), nullptr, 10);
        one.cpu = line.cpu();
        one.state = line.fields.front().front();
        out.push_back(std::move(one));
    }
    std::stable_sort(out.begin(), out.end(), [](const thread_stats& a, const thread_stats& b) {
        return a.cpu > b.cpu;
    });
    return out;
}

} // namespace logboom::web
