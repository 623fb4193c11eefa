// Standard output of a command: all commands print through it, so that none can end well whose
// output went nowhere. Buffers; keeps the first error of a write and writes nothing after it.
#pragma once

#include "cli/exit_code.h"

#include <string>
#include <string_view>

namespace logboom::cli {

class output {
  public:
    /// `descriptor` stays the caller's.
    explicit output(int descriptor) : descriptor_(descriptor) {}
    output(const output&) = delete;
    output& operator=(const output&) = delete;

    /// False when nothing more can be written: stop producing.
    bool print(std::string_view text);
    /// Writes what is buffered. False as for print().
    bool flush();
    /// 0, or errno of the write that failed.
    [[nodiscard]] int problem() const noexcept { return problem_; }

  private:
    int descriptor_;
    int problem_ = 0;
    std::string buffer_;
};

/// The end of the process, as its output lets it be: `code` when everything was written; failed,
/// with the cause on stderr, when not. Who closed the other end of a pipe wants no more: then the
/// process ends by SIGPIPE, silently, as other programs do.
exit_code finish(output& out, exit_code code);

} // namespace logboom::cli
