#include "plugin/context.h"

namespace logboom {

const char* kind_name(plugin_kind kind) {
    switch (kind) {
    case plugin_kind::input:
        return "input";
    case plugin_kind::filter:
        return "filter";
    case plugin_kind::output:
        return "output";
    case plugin_kind::codec:
        return "codec";
    }
    return "plugin";
}

} // namespace logboom
