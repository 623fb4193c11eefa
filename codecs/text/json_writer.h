// The text folder's door to the JSON writer, which stands with the event because sprintf needs it.
#pragma once

#include "codecs/event/json_writer.h" // IWYU pragma: export
