// What every log of a process shares; outlives them. A plain value of references.
#pragma once

#include "base/clock.h"
#include "base/env.h"
#include "base/log.h"
#include "base/metrics.h"

namespace logboom::log {

struct log_context {
    env& files;
    const clock& time;
    metrics& counters;
    logger messages;
};

} // namespace logboom::log
