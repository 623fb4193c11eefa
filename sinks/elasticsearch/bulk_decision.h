// What becomes of a bulk item, or of a whole bulk request, by the server's answer. Pure functions:
// the table of docs/elasticsearch_output.md in code. The status decides, not the error type: a
// cluster_block_exception is 403 for a block and 429 for a flooded disk.
#pragma once

#include "sinks/elasticsearch/bulk.h"

#include <span>
#include <string>
#include <string_view>

namespace logboom::sinks {

enum class item_fate {
    stored,
    /// Already there: a create met its own earlier self.
    duplicate,
    /// The index holds a newer version, or the document to delete is not there.
    superseded,
    retry,
    dead_letter,
    /// The user has asked to drop errors of this type.
    dropped,
};

/// What becomes of an item that was not stored, for the log.
std::string_view text_of(item_fate fate) noexcept;

struct item_answer {
    int status = 0;
    std::string_view error_type;
};

struct decision_options {
    /// Statuses that go to the dead letters besides 400 and 404.
    std::span<const int> dead_letter_codes;
    std::span<const std::string> drop_error_types;
};

item_fate
decide_item(const bulk_item& item, const item_answer& answer, const decision_options& options);

enum class request_fate {
    /// Look at the items.
    answered,
    /// The same again after a pause.
    again,
    /// Nothing will be accepted until somebody repairs rights or settings: stop sending, say so.
    pause,
    /// Too large: two halves.
    split,
    /// One item spoils all: halves, until it is found.
    bisect,
};

request_fate decide_request(int status, std::string_view body);

/// The beginning of an answer, for logs and dead letters.
std::string quote(std::string_view body);
/// What to log of a request that was refused as a whole.
std::string
refusal_text(int status, std::size_t items, std::string_view consequence, std::string_view body);

} // namespace logboom::sinks
