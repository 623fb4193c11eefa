// Frame, header and the body of every request and response in every version: what a client can make
// the broker read, and what our own clients of the wire would read. Decoding must end with a value
// or an error; a value must encode, decode and encode again to the same bytes.
#include "buffer/broker/net/frame_assembler.h"
#include "codecs/kafka/frame_header.h"
#include "codecs/kafka/messages/00_produce.h"
#include "codecs/kafka/messages/01_fetch.h"
#include "codecs/kafka/messages/02_list_offsets.h"
#include "codecs/kafka/messages/03_metadata.h"
#include "codecs/kafka/messages/08_offset_commit.h"
#include "codecs/kafka/messages/09_offset_fetch.h"
#include "codecs/kafka/messages/10_find_coordinator.h"
#include "codecs/kafka/messages/11_join_group.h"
#include "codecs/kafka/messages/12_heartbeat.h"
#include "codecs/kafka/messages/13_leave_group.h"
#include "codecs/kafka/messages/14_sync_group.h"
#include "codecs/kafka/messages/15_describe_groups.h"
#include "codecs/kafka/messages/16_list_groups.h"
#include "codecs/kafka/messages/18_api_versions.h"
#include "codecs/kafka/messages/19_create_topics.h"
#include "codecs/kafka/messages/20_delete_topics.h"
#include "codecs/kafka/messages/21_delete_records.h"
#include "codecs/kafka/messages/22_init_producer_id.h"
#include "codecs/kafka/messages/23_offset_for_leader_epoch.h"
#include "codecs/kafka/messages/32_describe_configs.h"
#include "codecs/kafka/messages/33_alter_configs.h"
#include "codecs/kafka/messages/37_create_partitions.h"
#include "codecs/kafka/messages/42_delete_groups.h"
#include "codecs/kafka/messages/44_incremental_alter_configs.h"
#include "codecs/kafka/messages/46_list_partition_reassignments.h"
#include "codecs/kafka/messages/47_offset_delete.h"
#include "codecs/kafka/messages/60_describe_cluster.h"

#include <cstdint>

namespace {

using namespace logboom;
using namespace logboom::kafka;

template <class T>
void check_body(bytes_view body, wire_context in) {
    const auto first = decode<T>(body, in);
    if (first.has_error()) {
        return;
    }
    wire_writer once;
    encode(*first, in, once);
    LB_ASSERT(once.total_size() == encoded_size(*first, in));
    const auto second = decode<T>(once.view(), in);
    LB_ASSERT(second.has_value());
    wire_writer twice;
    encode(*second, in, twice);
    LB_ASSERT(once.buffer() == twice.buffer());
    LB_ASSERT(!to_text(*first, api_version(in.version)).empty());
}

template <class Api>
void check_api(const request_header& header, bytes_view body) {
    if (Api::spec.key != header.api_key || !Api::spec.speaks(header.version)) {
        return;
    }
    const wire_context in = context_of<Api>(header.version);
    check_body<typename Api::request>(body, in);
    check_body<typename Api::response>(body, in);
}

template <class... Apis>
void check_frame(bytes_view frame) {
    for (const bool flexible : {false, true}) {
        wire_reader from(frame);
        request_header header = read_header_start(from);
        read_header_rest(from, flexible, header);
        if (!from.failed()) {
            const bytes_view body = from.take(from.remaining());
            (check_api<Apis>(header, body), ...);
        }
    }
}

void check_stream(bytes_view stream) {
    broker::memory_budget budget(1 << 20);
    broker::frame_assembler frames(budget, 1 << 16);
    std::byte scratch[64];
    while (!stream.empty() && frames.status() == broker::frame_assembler::verdict::fine) {
        std::size_t taken = 0;
        for (const mutable_bytes each : frames.buffers(scratch)) {
            const std::size_t size = std::min(each.size(), stream.size());
            std::copy_n(stream.begin(), size, each.begin());
            stream = stream.subspan(size);
            taken += size;
        }
        frames.received(taken);
        while (frames.next()) {
        }
        frames.stash();
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const bytes_view input(reinterpret_cast<const std::byte*>(data), size);
    check_frame<
        produce_api,
        fetch_api,
        list_offsets_api,
        metadata_api,
        offset_commit_api,
        offset_fetch_api,
        find_coordinator_api,
        join_group_api,
        heartbeat_api,
        leave_group_api,
        sync_group_api,
        describe_groups_api,
        list_groups_api,
        api_versions_api,
        create_topics_api,
        delete_topics_api,
        delete_records_api,
        init_producer_id_api,
        offset_for_leader_epoch_api,
        describe_configs_api,
        alter_configs_api,
        create_partitions_api,
        delete_groups_api,
        incremental_alter_configs_api,
        list_partition_reassignments_api,
        offset_delete_api,
        describe_cluster_api>(input);
    check_stream(input);
    return 0;
}
