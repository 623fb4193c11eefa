// The answer to a bulk request, parsed in one pass without building a tree; only items that were
// not simply stored are kept. Keys may come in any order and unknown ones are skipped. Bounded: by
// the number of items that were sent, and each text by text_size_max.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace logboom::sinks {

struct bulk_item_result {
    std::uint32_t index = 0;
    int status = 0;
    std::string error_type;
    /// With its cause: "failed to parse: field name cannot be an empty string".
    std::string reason;
    /// The server took it but put it into the data stream's failure store.
    bool is_in_failure_store = false;
};

struct bulk_response {
    static constexpr std::size_t text_size_max = 1024;

    /// Ascending by index: every item without a 2xx status, and those in a failure store.
    std::vector<bulk_item_result> exceptions;

    /// nullopt when `body` is no JSON, is no bulk response or does not have a status for each of
    /// `item_count` items: then nothing is known of any item.
    static std::optional<bulk_response> parse(std::string_view body, std::size_t item_count);
};

} // namespace logboom::sinks
