// Which file keeps the positions of which input. An input's file is named after the input, so that
// neither the order of inputs nor their paths decide whose positions are whose. Inputs whose
// settings name the same file get files of their own. Against other processes there is a lock
// beside the file. Owned by the input, for its lifetime.
#pragma once

#include "base/env.h"

#include <memory>
#include <string>

namespace logboom::agent {

/// The names that an input's file can have, by its settings.
struct sincedb_place {
    /// What it is called; empty: nothing is kept.
    std::string path;
    /// What it is called when another input has `path`, named after the input; once it is there it
    /// stays the input's, whoever has `path`. Equal to `path` when that is named after the input.
    std::string own_path;
    /// What Logstash calls it, and versions before this one did: it is renamed at the first start.
    std::string earlier_path;
    /// How the names of such files of all inputs of the pipeline begin.
    std::string family;

    /// For settings that name none: below `data_directory`.
    static sincedb_place
    beneath(const std::string& data_directory, std::string_view pipeline, std::string_view plugin);
    /// For settings that name `path`.
    static sincedb_place at(std::string path, std::string_view pipeline, std::string_view plugin);
};

class sincedb_claim {
  public:
    static constexpr std::string_view lock_suffix = ".lock";

    sincedb_claim(env& disk, const sincedb_place& place);
    ~sincedb_claim();
    sincedb_claim(const sincedb_claim&) = delete;
    sincedb_claim& operator=(const sincedb_claim&) = delete;

    /// Empty: nothing is kept.
    [[nodiscard]] const std::string& path() const noexcept { return path_; }
    /// resource_unavailable_try_again while another process holds the file. No error where no lock
    /// can be had (a read-only directory): nothing can be written there either. The first time
    /// what the file was called earlier gets its name; any other error is of that.
    [[nodiscard]] result<void> try_lock();
    /// An input of this process has it.
    [[nodiscard]] static bool is_claimed(const std::string& path);

  private:
    result<void> take_earlier();

    env& disk_;
    std::string path_;
    std::string earlier_path_;
    std::unique_ptr<file_lock> held_;
};

} // namespace logboom::agent
