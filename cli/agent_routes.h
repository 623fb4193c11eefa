// /agent/files: what the pipelines of this process say of the files that they follow.
#pragma once

#include "pipelines/topology/pipeline.h"
#include "web/router.h"

#include <vector>

namespace logboom::cli {

/// The pipelines outlive the routes.
std::vector<web::route> agent_routes(std::vector<const pipelines::pipeline*> pipelines);

} // namespace logboom::cli
