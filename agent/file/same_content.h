// Whether a file that nobody knows is one that is known under another identity: by its contents.
#pragma once

#include "agent/file/file_source.h"
#include "agent/file/sincedb_format.h"

namespace logboom::agent {

/// Of `candidates` the one that `source` is by how it begins and by what stands before the
/// position; nullopt when it is none of them, or too little is known to tell. At most two reads a
/// candidate.
std::optional<file_identity>
find_same(const std::vector<const checkpoint_record*>& candidates, file_source& source);

} // namespace logboom::agent
