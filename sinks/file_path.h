// The path of the file output: a template whose first part must be static. The static directories
// at its front are its root; an event whose fields lead out of the root ("../") gets the failure
// file instead. Immutable, thread-safe.
#pragma once

#include "base/result.h"
#include "event/sprintf.h"

#include <string>
#include <string_view>

namespace logboom {

class file_path {
  public:
    /// Relative paths begin in the working directory.
    static result<file_path> make(sprintf_template path, std::string_view failure_name);

    /// Where this event goes; failure_path() when its fields lead elsewhere.
    [[nodiscard]] std::string resolve(const event& from) const;
    [[nodiscard]] const std::string& root() const noexcept { return root_; }
    [[nodiscard]] const std::string& failure_path() const noexcept { return failure_path_; }

  private:
    file_path() = default;

    sprintf_template form_;
    /// What form_ renders to if it does so for every event; else empty.
    std::string constant_;
    std::string root_;
    std::string failure_path_;
};

} // namespace logboom
