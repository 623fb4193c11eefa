// What the file input makes of its settings (their table is in file.cc). Plain data.
#pragma once

#include "agent/file/completed_files.h"
#include "agent/file/glob.h"
#include "agent/file/sincedb_claim.h"
#include "agent/file/tail_options.h"
#include "plugin/context.h"

namespace logboom::agent {

struct file_options {
    std::vector<glob> globs;
    std::vector<std::string> excluded;
    tail_options tail;
    clock::duration stat_interval{};
    std::int64_t discover_every = 0;
    sincedb_place sincedb;
    clock::duration sincedb_write_interval{};
    clock::duration sincedb_clean_after{};
    std::size_t read_size = 0;
    bool sort_by_path = false;
    bool sort_descending = false;
    completed_action when_completed = completed_action::remove;
    std::string completed_log_path;
    bool check_archives = false;
    bool exit_after_read = false;

    static result<file_options> from(const plugin_context& context);
    /// The base name of `path` is excluded.
    [[nodiscard]] bool is_excluded(std::string_view path) const;
    [[nodiscard]] bool is_matched(std::string_view path) const;
};

} // namespace logboom::agent
