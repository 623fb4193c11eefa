// What an input says of the files that it follows, for whoever asks the running process. Plain
// data.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace logboom {

/// read = delivered + in_flight + skipped + lost, in bytes.
struct byte_account {
    std::int64_t read = 0;
    std::int64_t delivered = 0;
    std::int64_t in_flight = 0;
    /// By reason; the names live for ever.
    std::vector<std::pair<std::string_view, std::int64_t>> skipped;
    std::vector<std::pair<std::string_view, std::int64_t>> lost;
};

struct file_status {
    /// What its lines are named after, without the agent: "device-inode-birth/generation".
    std::string id;
    /// Its last name.
    std::string path;
    /// Everything before it is delivered.
    std::int64_t position = 0;
    std::int64_t size = 0;
    /// Bytes that are not delivered, and how long the oldest of them has been there.
    std::int64_t lag = 0;
    std::chrono::nanoseconds lag_time{};
    /// "following", "reading", ...; lives for ever.
    std::string_view state;
    bool is_open = false;
    bool has_name = true;
    /// Why it could not be opened or read; empty when it could.
    std::string last_error;
    byte_account bytes;
};

/// The files of one input.
struct files_status {
    /// False when the input did not answer in time: the rest says nothing then.
    bool is_known = false;
    std::size_t file_count = 0;
    /// Of all that were followed since the start, not only of those below.
    byte_account bytes;
    std::vector<file_status> files;
};

} // namespace logboom
