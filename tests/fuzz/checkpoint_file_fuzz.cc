// Kafka's checkpoint files from any bytes: what is read is written and read again the same, and
// epochs of a file come in order whatever it says.
#include "base/memory_env.h"
#include "buffer/log/checkpoint_file.h"
#include "buffer/log/leader_epochs.h"
#include "tests/fuzz/require.h"

using namespace logboom;
using namespace logboom::log;
using fuzz::require;

namespace {

void check_offsets(memory_env& disk) {
    const auto values = read_offset_checkpoint(disk, "/d/file");
    if (values.has_error()) {
        return;
    }
    require(write_offset_checkpoint(disk, "/d/again", *values).has_value());
    const auto again = read_offset_checkpoint(disk, "/d/again");
    require(again.has_value() && *again == *values);
}

void check_epochs(memory_env& disk) {
    const auto values = read_epoch_checkpoint(disk, "/d/file");
    if (values.has_error()) {
        return;
    }
    const leader_epochs epochs(*values);
    for (std::size_t i = 1; i < epochs.starts().size(); ++i) {
        require(epochs.starts()[i - 1].epoch < epochs.starts()[i].epoch);
        require(epochs.starts()[i - 1].start < epochs.starts()[i].start);
    }
    require(write_epoch_checkpoint(disk, "/d/again", epochs.starts()).has_value());
    const auto again = read_epoch_checkpoint(disk, "/d/again");
    require(again.has_value() && *again == epochs.starts());
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    memory_env disk;
    require(disk.make_directories("/d").has_value());
    auto file = disk.open("/d/file", open_mode::truncate);
    const bytes_view content(reinterpret_cast<const std::byte*>(data), size);
    require(file.has_value() && (*file)->pwrite(content, 0).has_value());
    check_offsets(disk);
    check_epochs(disk);
    return 0;
}
