// Who keeps positions in which file. Two inputs of one process whose settings name the same sincedb
// would overwrite one another's positions: the second gets a name of its own, the same on every
// start because inputs are made in the order of the config. Against other processes there is a
// lock beside the file. Owned by the input, for its lifetime.
#pragma once

#include "base/env.h"

#include <memory>
#include <string>

namespace logboom::agent {

class sincedb_claim {
  public:
    /// `wanted` empty: no file, nothing to claim.
    explicit sincedb_claim(const std::string& wanted);
    ~sincedb_claim();
    sincedb_claim(const sincedb_claim&) = delete;
    sincedb_claim& operator=(const sincedb_claim&) = delete;

    /// `wanted`, or that and ".2", ".3", ... when inputs made earlier have it.
    [[nodiscard]] const std::string& path() const noexcept { return path_; }
    /// False while another process holds the file. True also where no lock can be had (a
    /// read-only directory): nothing can be written there either.
    [[nodiscard]] bool try_lock(env& disk);

  private:
    std::string path_;
    std::unique_ptr<file_lock> held_;
};

} // namespace logboom::agent
