// The plugin seams: what the pipeline knows of inputs, filters and outputs, and what they are
// given. Settings and codecs are checked and made before a plugin is; a plugin's make() fails only
// for what the table cannot say (options that exclude one another, a file that is missing), and
// touches nothing outside: `logboom run -t` calls it too. Options that every plugin of a kind has
// (id, enable_metric, ecs_compatibility; type, tags, add_field of inputs; add_field, remove_field,
// add_tag, remove_tag of filters; codec of inputs and outputs, plain unless the plugin's own table
// has a codec row) are no rows of a plugin's table: the pipeline knows them
// (pipelines/topology/common_options.h).
//
// Life of a pipeline: make all -> outputs start() -> inputs run() on a thread each -> stop is
// requested -> every run() returns -> queues drain through the filters -> outputs finish() ->
// inputs close(). Whatever is still unsettled then is lost() by destruction and read again next
// time.
#pragma once

#include "base/clock.h"
#include "base/log.h"
#include "base/metrics.h"
#include "base/settings.h"
#include "event/batch.h"
#include "plugin/codec.h"
#include "plugin/dead_letter.h"

#include <chrono>
#include <memory>
#include <span>
#include <stop_token>
#include <string>

namespace logboom {

enum class ecs_mode { disabled, v1, v8 };

/// What every plugin gets. References outlive the plugin.
struct plugin_context {
    const settings& options;
    /// From the codec setting; null when the plugin has none.
    std::shared_ptr<const logboom::codec> codec;
    clock& time;
    metrics& counters;
    logger log;
    ecs_mode ecs = ecs_mode::v8;
    /// For labels of metrics, both: see label_text.
    std::string pipeline_id;
    /// The id setting, or one made from position and content, the same on every start.
    std::string plugin_id;
    /// Where state lives (path.data); exists.
    std::string data_directory;
    std::string host_name;
    /// For outputs: where events go that can never be stored. Never null for an output.
    dead_letter_queue* dead_letters = nullptr;
    /// Most events an input should put in one batch (pipeline.batch.size).
    std::size_t batch_size_max = 1024;
};

/// Where inputs put what they have read.
class batch_sink {
  public:
    virtual ~batch_sink() = default;
    /// Blocks while the pipeline is full. False when the pipeline is stopping: the batch was not
    /// taken and its token is lost. Thread-safe.
    virtual bool push(batch_ptr batch) = 0;
};

class input {
  public:
    virtual ~input() = default;
    /// On a thread of its own until `stop` is requested or the source is exhausted. Must return
    /// within 100 ms of the request.
    virtual void run(batch_sink& into, std::stop_token stop) = 0;
    /// After the outputs have finished: write the final position, commit the final offsets.
    virtual void close() {}
    /// A place for dead letters that suits this source (Kafka: the topic "<topic>.dlq" of the same
    /// cluster), owned by the input; null when it has none. The pipeline gives the outputs the
    /// first one there is, else a file under data_directory.
    virtual dead_letter_queue* dead_letters() { return nullptr; }
};

class filter {
  public:
    virtual ~filter() = default;
    /// Works on the `chosen` events; may cancel() some, may append events to the batch (then also
    /// to `chosen`, so that the following filters see them). Appends to `matched`, which comes
    /// empty, the events that it was applied to with success (Logstash's filter_matched): the
    /// pipeline then applies add_field, remove_field, add_tag and remove_tag to those, so that no
    /// filter has to. Cancelled events may be left in both. Both stay ascending. Called from
    /// several workers at once.
    virtual void apply(event_batch& batch, selection& chosen, selection& matched) = 0;
};

class output {
  public:
    virtual ~output() = default;
    virtual result<void> start() { return {}; }
    /// Takes over the `chosen` events: encodes them before it returns (the batch is not kept) and
    /// settles `ack` when all of them are in a final state, without waiting for another write() or
    /// for finish() to happen. Blocks while the output has too much unsettled. Called from several
    /// workers at once; batches of one order_key come in order.
    virtual void
    write(const event_batch& batch, std::span<const std::uint32_t> chosen, ack_token ack) = 0;
    /// No more writes come. Settles what can be settled within `limit`, then gives up: write()
    /// calls that still block return, remaining tokens are lost. May be called while a write()
    /// blocks.
    virtual void finish(std::chrono::nanoseconds limit) = 0;
};

/// One row of the registry (pipelines/topology/registry.h): a name, its settings and how to make
/// it.
template <class Plugin>
struct plugin_type {
    std::string_view name;
    std::span<const setting> table;
    result<std::unique_ptr<Plugin>> (*make)(const plugin_context& context);
};
using input_type = plugin_type<input>;
using filter_type = plugin_type<filter>;
using output_type = plugin_type<output>;

struct codec_context {
    const settings& options;
    ecs_mode ecs = ecs_mode::v8;
    logger log;
    std::string host_name;
};
struct codec_type {
    std::string_view name;
    std::span<const setting> table;
    result<std::unique_ptr<codec>> (*make)(const codec_context& context);
};

} // namespace logboom
