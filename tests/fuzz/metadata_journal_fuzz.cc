// The journal of a single node's metadata, and the topics in it, from any bytes: as they are, and
// each line with the checksum that it would need. What was read is still there after the file was
// opened again.
#include "base/crc32c.h"
#include "base/memory_env.h"
#include "buffer/broker/topics/file_metadata_store.h"
#include "buffer/broker/topics/topic_record.h"
#include "net/manual_loop.h"
#include "tests/fuzz/require.h"

#include <fmt/format.h>

using namespace logboom;
using namespace logboom::broker;
using fuzz::require;

namespace {

constexpr const char* path = "/d/metadata";

std::string sealed(std::string_view lines) {
    std::string out;
    while (!lines.empty()) {
        const auto end = lines.find('\n');
        const std::string_view line = lines.substr(0, end);
        out += fmt::format("{:08x}{}\n", crc32c(as_bytes(line)), line);
        lines.remove_prefix(end == std::string_view::npos ? lines.size() : end + 1);
    }
    return out;
}

std::vector<std::string> topics_in(const metadata_store& store) {
    std::vector<std::string> found;
    for (const std::string& name : store.children("/brokers/topics")) {
        const auto node = store.read(topic_path(name));
        found.push_back(name + '=' + (node ? node->value : std::string("(none)")));
    }
    return found;
}

void open_journal(std::string_view content) {
    memory_env disk;
    manual_clock time;
    net::manual_loop loop(time);
    require(disk.make_directories("/d").has_value());
    require(replace_file(disk, path, content).has_value());
    std::vector<std::string> before;
    {
        const auto store = file_metadata_store::open(disk, loop, path, logger());
        if (store.has_error()) {
            return;
        }
        before = topics_in(**store);
    }
    const auto again = file_metadata_store::open(disk, loop, path, logger());
    require(again.has_value());
    require(topics_in(**again) == before);
}

void read_topic(std::string_view json) {
    if (const auto topic = decode_topic(json); topic.has_value()) {
        const auto again = decode_topic(encode_topic(*topic));
        require(again.has_value() && again->id == topic->id);
        require(again->replicas == topic->replicas);
    }
    if (const auto config = decode_topic_config(json); config.has_value()) {
        const auto again = decode_topic_config(encode_topic_config(*config));
        require(again.has_value() && *again == *config);
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    open_journal(text);
    open_journal(sealed(text));
    read_topic(text);
    return 0;
}
