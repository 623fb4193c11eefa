#include "agent/agent_id.h"

#include "base/ids.h"

#include <mutex>

namespace logboom::agent {

result<std::string> load_agent_id(env& disk, const std::string& data_directory) {
    // Several inputs of one process may ask at the same time for the first time.
    static std::mutex only_one;
    const std::lock_guard lock(only_one);
    const std::string path = join_path(data_directory, "agent.id");
    constexpr std::size_t size_max = 256;
    if (disk.exists(path)) {
        LB_TRY(std::string text, read_file(disk, path, size_max));
        while (!text.empty() && text.back() == '\n') {
            text.pop_back();
        }
        uuid id;
        if (uuid::parse(text, id)) {
            return text;
        }
    }
    const std::string text = uuid::random().text();
    LB_CHECK(disk.make_directories(data_directory));
    LB_CHECK(replace_file(disk, path, text + "\n"));
    return text;
}

} // namespace logboom::agent
