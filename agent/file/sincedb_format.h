// The text of the agent's checkpoint file, and of the sincedb that Logstash writes: pure functions
// between text and records, safe on any input. docs/sincedb_format.md has the grammar.
#pragma once

#include "agent/file/content_prefix.h"
#include "agent/file/file_identity.h"
#include "base/ids.h"

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace logboom::agent {

/// How far one file has been delivered.
struct checkpoint_record {
    file_identity identity;
    file_generation generation;
    /// The first byte that is not known to be delivered.
    file_position position;
    /// The largest size seen in this generation: a file that is smaller has begun anew.
    file_position size;
    timestamp_ms changed{0};
    /// Of position.
    content_marker marker;
    content_prefix prefix;
    /// mode => read: the whole file has been read and the completed action done.
    bool is_complete = false;
    /// Its last known name; empty when imported from a sincedb of version 1.
    std::string path;
    /// The name it was first seen under: rotated files and their successors share it.
    std::string lineage;
    /// The identity that its lines are named after, when that is not its own: the file has been
    /// given another one since.
    std::optional<file_identity> origin;

    /// Other contents have taken the place of those that were read: nothing of them is known yet.
    void begin_generation(timestamp_ms now) {
        ++generation;
        position = file_position(0);
        size = file_position(0);
        marker = {};
        prefix = {};
        changed = now;
        is_complete = false;
    }

    friend bool operator==(const checkpoint_record&, const checkpoint_record&) = default;
};

struct checkpoint_removal {
    file_identity identity;
};
/// When the file was written: what is born later has never been seen.
struct checkpoint_time {
    timestamp_ms at;
};
using checkpoint_entry = std::variant<checkpoint_record, checkpoint_removal, checkpoint_time>;

inline constexpr std::string_view sincedb_header = "logboom-sincedb 2\n";
inline constexpr std::size_t sincedb_size_max = std::size_t{1} << 30;

/// Appends one line.
void append_entry(std::string& out, const checkpoint_entry& entry);

struct parsed_sincedb {
    enum class origin { empty, own, logstash, newer_version, damaged };
    origin from = origin::empty;
    /// In written order, without the lines that are damaged. A torn line of Logstash's is there
    /// and counts as bad, too.
    std::vector<checkpoint_entry> entries;
    std::size_t bad_lines = 0;
};
parsed_sincedb parse_sincedb(std::string_view text);

} // namespace logboom::agent
