// What is done with a file of which every line is delivered (mode => read): its path is noted, it
// is deleted, or first the one and, when that is on disk, the other. Input's thread; blocks on the
// disk.
#pragma once

#include "agent/file/file_identity.h"
#include "base/log.h"

#include <string>

namespace logboom::agent {

enum class completed_action { remove, log, log_and_remove };

class completed_files {
  public:
    completed_files(completed_action what, std::string log_path, logger log)
        : what_(what), log_path_(std::move(log_path)), log_(std::move(log)) {}

    /// True when it has been deleted. What cannot be done is said, and left.
    bool finish(const std::string& path);

  private:
    completed_action what_;
    std::string log_path_;
    logger log_;
};

} // namespace logboom::agent
