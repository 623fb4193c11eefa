// Which files' records have changed since they were last put into the sincedb, and whose names may
// not be used before it is on disk. Input's thread.
#pragma once

#include "agent/file/followed_file.h"
#include "agent/file/sincedb.h"

#include <vector>

namespace logboom::agent {

class record_book {
  public:
    record_book(sincedb& state, followed_files& files) : state_(state), files_(files) {}

    /// Its record has changed.
    void mark(followed_file& which);
    /// A generation begins that the sincedb on disk does not know: no line may be named after it
    /// before saved() says so, or after a crash the same bytes would get other names.
    void begin(followed_file& which);
    /// It leaves.
    void retire(followed_file& which);

    /// Moves what has changed into the sincedb, to be written.
    void save();
    /// The sincedb has been written, or cannot be.
    void saved();
    [[nodiscard]] bool has_unsaved() const noexcept { return !unsaved_.empty(); }
    [[nodiscard]] sincedb& state() noexcept { return state_; }
    [[nodiscard]] const sincedb& state() const noexcept { return state_; }

  private:
    sincedb& state_;
    followed_files& files_;
    std::vector<file_key> unsaved_;
    std::vector<file_key> fresh_;
};

} // namespace logboom::agent
