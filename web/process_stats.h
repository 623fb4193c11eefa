// What the kernel says of this process. Linux's /proc; what cannot be read is 0.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace logboom::web {

struct process_stats {
    std::int64_t open_files = 0;
    std::int64_t open_files_max = 0;
    std::int64_t virtual_bytes = 0;
    std::int64_t resident_bytes = 0;
    std::int64_t threads = 0;
    std::chrono::milliseconds cpu{0};
    std::chrono::milliseconds uptime{0};
    double load_average[3] = {0, 0, 0};
};

struct thread_stats {
    std::string name;
    std::int64_t id = 0;
    std::chrono::milliseconds cpu{0};
    /// R, S, D: as ps says it.
    char state = '?';
};

process_stats read_process_stats();
/// Busiest first.
std::vector<thread_stats> read_thread_stats();

} // namespace logboom::web
