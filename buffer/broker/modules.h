// The handler modules of a broker beyond this folder's own handlers, in the order they start.
#pragma once

#include "buffer/broker/core/broker_context.h"

#include <memory>
#include <vector>

namespace logboom::broker {

/// `with` outlives them.
std::vector<std::unique_ptr<broker_module>> make_modules(broker_context& with);

} // namespace logboom::broker
