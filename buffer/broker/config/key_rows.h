// How a row of the tables of keys is written.
#pragma once

#include "buffer/broker/config/config_key.h"

namespace logboom::broker {

constexpr config_key
key(std::string_view name,
    config_type type,
    std::string_view fallback,
    put_broker_value put,
    std::string_view doc) {
    config_key made;
    made.name = name;
    made.type = type;
    made.fallback = fallback;
    made.doc = doc;
    made.to_broker = put;
    return made;
}

} // namespace logboom::broker
