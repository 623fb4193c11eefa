// The decoders of one segment from any bytes: the walk along headers of a .log, and rows of index
// files. The first byte chooses the file; the others of the segment are as they were written.
#include "base/memory_env.h"
#include "buffer/log/segment.h"
#include "buffer/log/segment_name.h"
#include "codecs/kafka/record_batch_builder.h"
#include "tests/fuzz/require.h"

using namespace logboom;
using namespace logboom::log;
using fuzz::require;

namespace {

/// A small segment with an index row for nearly every batch.
void write_segment(memory_env& disk) {
    auto made = segment::create(disk, "/d", offset(0));
    require(made.has_value());
    (*made)->set_index_interval(1);
    for (int i = 0; i < 12; ++i) {
        kafka::record_batch_builder builder({.base_offset = (*made)->end()});
        builder.add(timestamp_ms(1000 + i), std::nullopt, as_bytes("value"));
        builder.add(timestamp_ms(1000 + i), std::nullopt, as_bytes("value"));
        const auto batch = builder.finish();
        require(batch.has_value() && (*made)->write(*batch).has_value());
        (*made)->observe(kafka::record_batch_view(*batch));
    }
    require((*made)->write_indexes(true).has_value());
}

/// Every way of finding a batch; what is found lies inside the file.
void look_around(segment& in) {
    for (int i = 0; i < 26; ++i) {
        const auto place = in.find(offset(i));
        if (!place.has_value() || !*place) {
            continue;
        }
        require((*place)->last >= offset(i));
        require((*place)->position < in.size());
        const auto found = in.measure((*place)->position, {.bytes_max = 200, .below = offset(20)});
        require(
            !found.has_value() || !*found || (*found)->position + (*found)->length <= in.size()
        );
    }
    static_cast<void>(in.find_time(timestamp_ms(1005), offset(0)));
    static_cast<void>(in.first_timestamp());
}

void scan(segment& in, scan_depth depth) {
    batch_scanner batches(*in.records(), 0, in.size(), depth);
    std::uint64_t sound_until = 0;
    while (true) {
        const auto more = batches.next();
        require(more.has_value());
        if (!*more) {
            break;
        }
        require(batches.position() == sound_until);
        sound_until = batches.sound_until();
    }
    require(sound_until <= in.size());
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) {
        return 0;
    }
    static constexpr const char* suffixes[] = {".log", ".index", ".timeindex"};
    const bytes_view content(reinterpret_cast<const std::byte*>(data) + 1, size - 1);
    memory_env disk;
    require(disk.make_directories("/d").has_value());
    write_segment(disk);
    const std::string name = segment_file_name(offset(0), suffixes[data[0] % 3]);
    auto file = disk.open(join_path("/d", name), open_mode::truncate);
    require(file.has_value() && (*file)->pwrite(content, 0).has_value());
    auto sealed = segment::open(disk, "/d", offset(0));
    require(sealed.has_value());
    scan(**sealed, scan_depth::headers);
    scan(**sealed, scan_depth::checksums);
    const auto sound = (*sealed)->load_sealed(offset(24));
    if (sound.has_value() && *sound) {
        look_around(**sealed);
    }
    auto active = segment::open(disk, "/d", offset(0));
    require(active.has_value());
    const auto position = (*active)->load_active(offset(data[0] / 3));
    require(position.has_value());
    look_around(**active);
    return 0;
}
