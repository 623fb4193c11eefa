// The files of a log directory from any bytes: opening a log on them must not crash, nor give
// batches that do not check. The first byte chooses the file.
#include "base/memory_env.h"
#include "buffer/broker/config/topic_settings.h"
#include "buffer/log/checkpoint_file.h"
#include "buffer/log/partition_log.h"
#include "buffer/log/producer_state.h"
#include "codecs/kafka/record_batch_builder.h"
#include "tests/fuzz/require.h"

using namespace logboom;
using namespace logboom::log;
using fuzz::require;

namespace {

void put(env& files, const std::string& path, bytes_view content) {
    auto file = files.open(path, open_mode::truncate);
    require(file.has_value() && (*file)->pwrite(content, 0).has_value());
}

std::vector<std::byte> some_batches() {
    std::vector<std::byte> out;
    for (int i = 0; i < 20; ++i) {
        kafka::record_batch_builder builder({.base_offset = offset(i)});
        builder.add(timestamp_ms(1000 + i), std::nullopt, as_bytes("some value"));
        const auto batch = *builder.finish();
        out.insert(out.end(), batch.begin(), batch.end());
    }
    return out;
}

void open_and_read(memory_env& disk, offset recovery_point, bool clean) {
    const manual_clock time;
    metrics counters;
    log_config config = broker::make_log_config({}, {});
    config.index_interval_bytes = 100;
    auto opened = partition_log::open(
        {disk, time, counters, logger()},
        {.directory = "/d",
         .partition = {"t", partition_id(0)},
         .config = config,
         .recovery_point = recovery_point,
         .clean = clean}
    );
    if (opened.has_error()) {
        return;
    }
    partition_log& log = **opened;
    offset at = log.bounds().start();
    while (at < log.bounds().end()) {
        const auto read = log.read({.from = at, .bytes_max = 100});
        if (read.has_error() || read->next_offset <= at) {
            break;
        }
        at = read->next_offset;
    }
    static_cast<void>(log.offset_for_time(timestamp_ms(1005)));
    static_cast<void>(log.close());
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) {
        return 0;
    }
    const bytes_view content(reinterpret_cast<const std::byte*>(data) + 1, size - 1);
    static const auto batches = some_batches();
    static constexpr const char* names[] = {
        ".log", ".index", ".timeindex", ".snapshot", "leader-epoch-checkpoint"};
    const std::size_t choice = data[0] % std::size(names);
    const std::string name = choice < 4 ? std::string(20, '0') + names[choice] : names[choice];
    for (const bool clean : {true, false}) {
        memory_env disk;
        require(disk.make_directories("/d").has_value());
        put(disk, "/d/00000000000000000000.log", batches);
        put(disk, "/d/" + name, content);
        open_and_read(disk, offset(clean ? 0 : data[0] / 16), clean);
        static_cast<void>(read_offset_checkpoint(disk, "/d/" + name));
    }
    return 0;
}
