// An event as the two lines of a bulk request: the action with the document's address, and the
// document. Knows Logstash's rules for index, id, data stream and the overrides in @metadata.
// Immutable and thread-safe.
#pragma once

#include "event/event.h"
#include "event/sprintf.h"
#include "sinks/elasticsearch/bulk.h"
#include "sinks/elasticsearch/options.h"

#include <optional>
#include <string>

namespace logboom::sinks {

class event_encoder {
  public:
    /// Elasticsearch's limit; one longer _id would fail the whole request.
    static constexpr std::size_t id_size_max = 512;
    static constexpr std::size_t document_size_max = std::size_t{512} * 1024 * 1024;

    /// Why an event cannot be sent. Such an event leaves no trace in the bulk.
    struct refusal {
        std::string type;
        std::string reason;
        std::string index;
        std::string id;
        /// The user wants such events dropped.
        bool is_dropped = false;
    };

    explicit event_encoder(target_options target);

    /// Appends one item (of group `group`) to `into`, or says why not.
    std::optional<refusal> encode(const event& from, std::uint32_t group, bulk& into) const;
    /// Writes of one id must not overtake one another: the user named the ids.
    [[nodiscard]] bool is_ordered() const { return has_id_; }

  private:
    struct address;

    std::optional<refusal> resolve(const event& from, address& at) const;
    std::optional<refusal> resolve_index(const event& from, address& at) const;
    void resolve_id(const event& from, address& at) const;
    void stream_name(const event& from, std::string& out) const;
    void append_action(const event& from, const address& at, std::string& out) const;
    void append_document(const event& from, const address& at, std::string& out) const;
    void append_source(const event& from, std::string& out) const;
    [[nodiscard]] std::string_view stream_part(
        const value_map* of_event, std::string_view name, const std::string& fallback
    ) const;

    target_options target_;
    sprintf_template index_;
    sprintf_template action_;
    sprintf_template id_;
    sprintf_template routing_;
    sprintf_template pipeline_;
    sprintf_template version_;
    sprintf_template upsert_;
    bool has_id_;
    std::string constant_stream_;
    /// `"data_stream":{...}` for events that have none.
    std::string constant_stream_fields_;
};

} // namespace logboom::sinks
