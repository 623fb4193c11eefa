// The settings that every plugin of a kind has, and what they do to events: declared and applied
// here, once, so that no plugin has to. Made at load, immutable, used by all workers.
#pragma once

#include "pipelines/topology/registry.h"
#include "plugin/plugin.h"

namespace logboom::pipelines {

/// The plugin's own rows and then the common rows of its kind that it does not have itself.
std::vector<setting> with_common_options(std::span<const setting> own, plugin_kind kind);

/// The codec that an input over a byte stream takes instead of the one asked for, as Logstash's
/// fix_streaming_codecs: there plain means line, and json means json_lines.
std::string_view streaming_codec(std::string_view input, std::string_view codec);

} // namespace logboom::pipelines
