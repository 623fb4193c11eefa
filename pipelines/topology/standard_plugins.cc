// The one list of plugins: a line for each, the namespace and the name of its row. A row is defined
// at the end of its plugin's source file and needs no header of its own.
#include "pipelines/topology/standard_plugins.h"

// clang-format off
#define LB_INPUTS(row) \
    row(logboom::agent, file_input) \
    row(logboom::agent, generator_input) \
    row(logboom::agent, stdin_input) \
    row(logboom::client, kafka_input)
#define LB_FILTERS(row) \
    row(logboom, drop_filter) \
    row(logboom, json_filter) \
    row(logboom, mutate_filter) \
    row(logboom, urldecode_filter) \
    row(logboom, uuid_filter)
#define LB_OUTPUTS(row) \
    row(logboom, file_output) \
    row(logboom, stdout_output) \
    row(logboom::client, kafka_output) \
    row(logboom::sinks, elasticsearch_output)
#define LB_CODECS(row) \
    row(logboom, dots_codec) \
    row(logboom, json_codec) \
    row(logboom, json_lines_codec) \
    row(logboom, line_codec) \
    row(logboom, multiline_codec) \
    row(logboom, plain_codec) \
    row(logboom, rubydebug_codec)

#define LB_DECLARE_INPUT(space, name) namespace space { extern const input_row name; }
#define LB_DECLARE_FILTER(space, name) namespace space { extern const filter_row name; }
#define LB_DECLARE_OUTPUT(space, name) namespace space { extern const output_row name; }
#define LB_DECLARE_CODEC(space, name) namespace space { extern const codec_row name; }
#define LB_ADDRESS(space, name) &space::name,

LB_INPUTS(LB_DECLARE_INPUT)
LB_FILTERS(LB_DECLARE_FILTER)
LB_OUTPUTS(LB_DECLARE_OUTPUT)
LB_CODECS(LB_DECLARE_CODEC)
// clang-format on

namespace logboom::pipelines {

const plugin_registry& standard_plugins() {
    static const plugin_registry all{
        .inputs = {LB_INPUTS(LB_ADDRESS)},
        .filters = {LB_FILTERS(LB_ADDRESS)},
        .outputs = {LB_OUTPUTS(LB_ADDRESS)},
        .codecs = {LB_CODECS(LB_ADDRESS)},
    };
    return all;
}

} // namespace logboom::pipelines
