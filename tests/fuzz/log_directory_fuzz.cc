// The small files and names of a log directory from any bytes: meta.properties, partition.metadata
// and the directories of partitions. It opens or says why not; a second start agrees with the
// first.
#include "base/memory_env.h"
#include "buffer/broker/config/topic_settings.h"
#include "buffer/log/log_directory.h"
#include "tests/fuzz/require.h"

using namespace logboom;
using namespace logboom::log;
using fuzz::require;

namespace {

result<std::unique_ptr<log_directory>> open(memory_env& disk, metrics& counters) {
    static const manual_clock time;
    log_directory_options options;
    options.path = "/d";
    options.config_of = [](std::string_view) { return broker::make_log_config({}, {}); };
    return log_directory::open({disk, time, counters, logger()}, std::move(options));
}

void open_twice(std::string_view identity, std::string_view topic) {
    memory_env disk;
    metrics counters;
    require(disk.make_directories("/d/t-0").has_value());
    require(replace_file(disk, "/d/meta.properties", identity).has_value());
    require(replace_file(disk, "/d/t-0/partition.metadata", topic).has_value());
    std::string cluster;
    uuid id;
    const topic_partition name{"t", partition_id(0)};
    {
        const auto directory = open(disk, counters);
        if (directory.has_error()) {
            return;
        }
        cluster = (*directory)->cluster_id();
        id = (*directory)->topic_id(name);
        require((*directory)->close().has_value());
    }
    const auto again = open(disk, counters);
    require(again.has_value());
    require((*again)->cluster_id() == cluster);
    require((*again)->topic_id(name) == id);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    if (const auto parsed = parse_partition_directory(text)) {
        require(partition_directory_name(*parsed) == text);
    }
    open_twice(text, text);
    open_twice("version=0\nbroker.id=0\ncluster.id=c\n", text);
    return 0;
}
