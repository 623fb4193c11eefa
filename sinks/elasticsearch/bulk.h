// The body of one bulk request and what its items belong to. Encoded once by a pipeline worker,
// then owned by the sender: whole, split in two, or with only the items that must be sent again.
// The body stays readable until every item is final, because a retry copies from it and a dead
// letter quotes it.
#pragma once

#include "event/ack.h"
#include "event/event.h"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace logboom::sinks {

enum class bulk_action : std::uint8_t { index, create, update, remove };

/// "index", "create", "update", "delete".
std::string_view name_of(bulk_action action) noexcept;

/// Events of one write() in one bulk; the token is delivered when all of them are final. Counted by
/// whoever owns the bulk, so it needs no atomics.
struct ack_group {
    ack_token token;
    std::uint32_t unsettled = 0;
    /// See event_origin::topic.
    std::string topic;
};

struct bulk_item {
    /// Where the action line begins in the body.
    std::uint32_t begin = 0;
    /// Of the action line, with its newline.
    std::uint32_t action_size = 0;
    /// Of the action line and the document, with their newlines.
    std::uint32_t size = 0;
    std::uint32_t group = 0;
    std::uint32_t origin_begin = 0;
    std::uint16_t origin_size = 0;
    bulk_action action = bulk_action::index;
    /// The _id is the origin's text, so it is not kept a second time.
    bool id_is_origin = false;
    /// Has an external version: a conflict means that the index is newer.
    bool is_versioned = false;
    /// How often it has been answered with "later".
    std::uint8_t attempts = 0;
};

class bulk {
  public:
    /// Most bytes of one body; offsets are 32 bits wide. Far above any server's limit.
    static constexpr std::size_t body_size_max = std::size_t{1} << 30U;

    std::string body;
    /// The body, gzipped; empty when it is sent as it is.
    std::string packed;
    std::vector<bulk_item> items;
    std::vector<std::shared_ptr<ack_group>> groups;
    /// The text of each origin that cannot be had from the item's _id.
    std::string origins;
    /// How often the whole request has failed.
    unsigned attempts = 0;
    /// How often the server has just closed the connection.
    unsigned closed_count = 0;
    /// Came out of the retry lane.
    bool is_retry = false;

    [[nodiscard]] std::string_view text_of(const bulk_item& item) const {
        return std::string_view(body).substr(item.begin, item.size);
    }
    [[nodiscard]] std::string_view action_of(const bulk_item& item) const {
        return std::string_view(body).substr(item.begin, item.action_size);
    }
    /// Without the newline; empty for a delete.
    [[nodiscard]] std::string_view document_of(const bulk_item& item) const;
    [[nodiscard]] std::string_view origin_of(const bulk_item& item) const {
        return std::string_view(origins).substr(item.origin_begin, item.origin_size);
    }

    /// Copies one item of `from` to the end.
    void adopt(const bulk& from, const bulk_item& item);
    /// Copies all items of `from` to the end.
    void adopt_all(const bulk& from);
    /// Moves the second half of the items into a new bulk. Needs two items.
    std::unique_ptr<bulk> split_off_half();
    /// Fills `packed`. Level 1 to 9. Thread-safe with respect to other bulks.
    void pack(int level);
};

/// What an action line says, for messages and dead letters. Empty where it says nothing.
struct action_text {
    std::string index;
    std::string id;
};
action_text parse_action(std::string_view action_line);

} // namespace logboom::sinks
