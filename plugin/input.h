// The input seam: where events come from. An input has one thread of its own.
#pragma once

#include "event/batch.h"
#include "plugin/codec.h"
#include "plugin/context.h"
#include "plugin/dead_letter.h"
#include "plugin/file_status.h"

#include <optional>
#include <stop_token>

namespace logboom {

/// Of an input that must not block (it has sockets, files or acks to see to): hears that an offer
/// that found no room may find some now, or that the pipeline is stopping.
class room_listener {
  public:
    virtual ~room_listener() = default;
    /// Once after one or more offers that were `full`, from any thread, also after the input has
    /// ended. Wakes whoever offers and returns.
    virtual void on_room() noexcept = 0;
};

/// What became of a batch that was offered.
enum class offer_outcome {
    taken,
    /// There is no room. The batch stays with the caller, to be offered again.
    full,
    /// The pipeline is stopping, nothing is taken any more. The batch stays with the caller.
    refused,
};

/// Where inputs put what they have read.
class batch_sink {
  public:
    virtual ~batch_sink() = default;
    /// Blocks while the pipeline is full. False when the pipeline is stopping: the batch was not
    /// taken and its token is lost. From an input that cannot read again it is taken until the time
    /// to drain is up. Thread-safe.
    virtual bool push(batch_ptr batch) = 0;
    /// As push(), but returns at once. Who got `full` stops reading until `listener` is told; many
    /// who offer may share one. Thread-safe.
    virtual offer_outcome
    offer(batch_ptr& batch, const std::shared_ptr<room_listener>& listener) = 0;
};

class input {
  public:
    virtual ~input() = default;
    /// Whether what was given to the pipeline and not delivered can be read again on the next start
    /// (a file, a topic). What cannot (stdin) is drained at a stop, and what is left then is said
    /// to be lost.
    [[nodiscard]] virtual bool can_read_again() const noexcept = 0;
    /// On a thread of its own until `stop` is requested or the source is exhausted. Must return
    /// within 100 ms of the request, but for the push() that it is in.
    virtual void run(batch_sink& into, std::stop_token stop) = 0;
    /// After the outputs have finished: write the final position, commit the final offsets.
    virtual void close() {}
    /// A place for dead letters that suits this source (Kafka: the topic "<topic>.dlq" of the same
    /// cluster), owned by the input; null when it has none. The pipeline gives the outputs the
    /// first one there is, else a file under data_directory.
    virtual dead_letter_queue* dead_letters() { return nullptr; }
    /// Of an input that follows files: how far it is with those `count_max` that are furthest
    /// behind. nullopt when it follows none. Thread-safe; takes a second at most.
    virtual std::optional<files_status> describe_files(std::size_t /*count_max*/) {
        return std::nullopt;
    }
};

struct input_traits {
    /// Hands over whatever a read gave, not lines or records: codecs that want a whole piece are
    /// exchanged for codec_traits::on_streams, as by Logstash's fix_streaming_codecs.
    bool is_byte_stream = false;
};

using input_row = plugin_row<input, plugin_context, input_traits>;

} // namespace logboom
