#include "agent/file/file_input.h"

#include "agent/file/follower.h"

namespace logboom::agent {
namespace {

// Names, types and defaults are those of Logstash's file input.
constexpr setting table[] = {
    {.name = "path",
     .type = setting_type::array,
     .doc = "Globs of the files to read. *, **/, ?, [a-z] and {a,b} work as in Ruby.",
     .required = true,
     .content = setting_content::absolute_path},
    {.name = "exclude",
     .type = setting_type::array,
     .doc = "Globs of file names (not paths) to leave out."},
    {.name = "mode",
     .type = setting_type::choice,
     .fallback = "tail",
     .doc = "tail follows files for ever; read takes each as complete and may delete it.",
     .choices = "tail|read"},
    {.name = "start_position",
     .type = setting_type::choice,
     .fallback = "end",
     .doc = "Where to begin in files that are there when the input runs for the first time.",
     .choices = "beginning|end"},
    {.name = "delimiter", .fallback = "\n", .doc = "What ends a line."},
    {.name = "line_too_long",
     .type = setting_type::choice,
     .fallback = "split",
     .doc =
         "What becomes of a line longer than line_size_max: it comes in pieces, its front comes, "
         "it is left out, or it comes whole (up to 16 MiB).",
     .choices = "split|truncate|skip|whole"},
    {.name = "line_size_max",
     .type = setting_type::byte_count,
     .doc = "Most bytes of a line. Default: as many as fit a record of 1 MB in JSON, with the line "
            "in message and in [event][original].",
     .min = 1,
     .max = line_limit::size_largest},
    {.name = "stat_interval",
     .type = setting_type::duration,
     .fallback = "1 second",
     .doc = "How often to look at files whose changes the kernel does not tell.",
     .min = 0.001},
    {.name = "discover_interval",
     .type = setting_type::integer,
     .fallback = "15",
     .doc = "How many stat intervals lie between two full searches of the globs.",
     .min = 1},
    {.name = "sincedb_path",
     .doc = "The file that keeps the positions; /dev/null keeps none. Default: under path.data.",
     .content = setting_content::path},
    {.name = "sincedb_write_interval",
     .type = setting_type::duration,
     .fallback = "15 seconds",
     .doc = "The longest time between an acknowledgement and its position on disk (at most 1 s "
            "here)."},
    {.name = "sincedb_clean_after",
     .type = setting_type::duration,
     .fallback = "2 weeks",
     .doc = "How long the position of a file that is gone is kept.",
     .unit = "days"},
    {.name = "ignore_older",
     .type = setting_type::duration,
     .doc = "Files not changed for this long when found are taken as read."},
    {.name = "close_older",
     .type = setting_type::duration,
     .fallback = "1 hour",
     .doc =
         "Files that were silent for this long are closed; they are opened again when they grow."},
    {.name = "max_open_files",
     .type = setting_type::integer,
     .fallback = "4095",
     .doc = "Most files open at a time; above it they take turns.",
     .min = 1},
    {.name = "file_chunk_size",
     .type = setting_type::byte_count,
     .doc = "Bytes read at a time. Default: up to 256 KiB, by what there is.",
     .min = 1},
    {.name = "file_chunk_count",
     .type = setting_type::integer,
     .doc = "Chunks read from a file before the next has its turn. Default: 1 MiB worth; all of it "
            "in read mode.",
     .min = 1},
    {.name = "file_sort_by",
     .type = setting_type::choice,
     .fallback = "last_modified",
     .doc = "The order in which files found together are begun.",
     .choices = "last_modified|path"},
    {.name = "file_sort_direction",
     .type = setting_type::choice,
     .fallback = "asc",
     .doc = "The direction of that order.",
     .choices = "asc|desc"},
    {.name = "file_completed_action",
     .type = setting_type::choice,
     .fallback = "delete",
     .doc = "mode => read: what happens to a file once all of its lines are delivered.",
     .choices = "delete|log|log_and_delete"},
    {.name = "file_completed_log_path",
     .doc = "mode => read: the file that the paths of completed files are written to.",
     .content = setting_content::path},
    {.name = "file_completed_quiet",
     .type = setting_type::duration,
     .fallback = "5 seconds",
     .doc = "mode => read: for how long nothing must come to an empty file, and to one of which "
            "the kernel does not tell whether it is being written, before it is complete."},
    {.name = "max_pinned_bytes",
     .type = setting_type::byte_count,
     .fallback = "10 GiB",
     .doc = "Undelivered bytes of deleted files that are kept open; above it the oldest are given "
            "up and counted."},
    {.name = "check_archive_validity",
     .type = setting_type::boolean,
     .fallback = "false",
     .doc = "mode => read: inflate a gz file once before any of its lines is used."},
    {.name = "exit_after_read",
     .type = setting_type::boolean,
     .fallback = "false",
     .doc = "mode => read: the input ends when all files have been read."},
};

result<std::unique_ptr<input>> make_file_input(const plugin_context& context) {
    LB_ASSERT(context.codec != nullptr);
    LB_TRY(auto options, file_options::from(context));
    return std::unique_ptr<input>(
        std::make_unique<follower>(context, std::move(options), make_posix_env())
    );
}

} // namespace

constinit const input_row file_input{"file", table, &make_file_input};

} // namespace logboom::agent
