// The log's file in a test, to see what is said: opened while it lives, in a directory that goes
// with it.
#pragma once

#include "base/log.h"

#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace logboom {

class log_file {
  public:
    log_file() {
        std::string name = (std::filesystem::temp_directory_path() / "log_file.XXXXXX").string();
        REQUIRE(::mkdtemp(name.data()) != nullptr);
        directory_ = name;
        REQUIRE(open_log_file(directory_).has_value());
    }
    ~log_file() {
        close_log_file();
        std::filesystem::remove_all(directory_);
    }
    log_file(const log_file&) = delete;
    log_file& operator=(const log_file&) = delete;

    /// Without their times: "warn  [part] Sentence. key=value".
    [[nodiscard]] std::vector<std::string> lines() const {
        std::ifstream from(directory_ + "/logboom.log");
        std::vector<std::string> all;
        for (std::string line; std::getline(from, line);) {
            all.push_back(line.substr(line.find(' ') + 1));
        }
        return all;
    }

  private:
    std::string directory_;
};

} // namespace logboom
