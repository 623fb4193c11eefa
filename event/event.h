// The event, as Logstash's filters and outputs know it (logstash-core Event.java): a map of fields,
// of which @timestamp, @version and tags have rules of their own, and @metadata, which is never
// serialised. An event lives in its batch and uses the batch's arena for everything.
#pragma once

#include "event/field_reference.h"
#include "event/value.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace logboom {

namespace field {
inline constexpr std::string_view timestamp = "@timestamp";
inline constexpr std::string_view version = "@version";
inline constexpr std::string_view metadata = "@metadata";
inline constexpr std::string_view message = "message";
inline constexpr std::string_view tags = "tags";
} // namespace field

/// The record header that carries event_origin's text form from the agent to the sink.
inline constexpr std::string_view origin_header = "logboom.origin";

/// Where an event came from, for ids that are the same when the same thing is read or sent again.
/// docs/provenance_format.md.
struct event_origin {
    /// "agent/file/generation" of a line, "topic id/partition" of a Kafka record without provenance
    /// headers; empty when the input has no such thing (stdin). Lives as long as the batch.
    std::string_view stream;
    /// Byte offset of the line's first byte, or the record's offset; -1 without a stream.
    std::int64_t position = -1;
    /// 0, or counts the further events made of the same line or record.
    std::uint32_t part = 0;
    /// What it stays in order with beyond its stream: the generations of one log, which are streams
    /// of their own. Empty when there is nothing. Not part of the text form.
    std::string_view lineage;
    /// The topic it was consumed from; empty when the input is not Kafka. Not part of the text
    /// form.
    std::string_view topic;

    [[nodiscard]] bool is_known() const noexcept { return !stream.empty(); }
    /// Events of equal order stay in order: they go one way.
    [[nodiscard]] std::string_view order() const noexcept {
        return lineage.empty() ? stream : lineage;
    }
    /// "stream/position" or "stream/position.part"; appended to `out`.
    void append_text(std::string& out) const;
    /// Takes the text apart; false when it is no such text. Views into `text`.
    static bool parse(std::string_view text, event_origin& out);
};

class event {
  public:
    /// An empty event (no @timestamp, no @version) whose memory is `memory`, which must outlive it.
    explicit event(arena& memory)
        : memory_(&memory), fields_(value::new_map(memory)), metadata_(value::new_map(memory)) {}

    [[nodiscard]] arena& memory() const noexcept { return *memory_; }
    /// All fields but @metadata.
    [[nodiscard]] value_map& fields() const noexcept { return fields_.as_map(); }
    [[nodiscard]] value_map& metadata() const noexcept { return metadata_.as_map(); }
    [[nodiscard]] const value& metadata_value() const noexcept { return metadata_; }

    /// nullptr when there is no such field. [@metadata][x] reaches into metadata(). Negative array
    /// indices count from the end. The pointer is good until the event is changed.
    [[nodiscard]] value* get(const field_reference& at) const noexcept;
    [[nodiscard]] value* get(std::string_view top_level) const noexcept;
    /// Sets, making maps of what is missing or nil on the way and nils up to an index behind an
    /// array's end. False (and no change) when something on the way is neither a map nor an array
    /// with such an index, when @timestamp would become no timestamp or tags a map. The strings of
    /// `item` must live in memory(). Rules: logstash-core Accessors.java.
    bool set(const field_reference& at, const value& item);
    void set(std::string_view top_level, const value& item);
    bool remove(const field_reference& at);
    /// Removes what is at `from` and sets it at `to`; true also when there is nothing at `from`.
    /// False (and no change) when it cannot be set there.
    bool move(const field_reference& from, const field_reference& to);

    /// Nanoseconds since the epoch; 0 when @timestamp is missing or is no timestamp.
    [[nodiscard]] std::int64_t timestamp() const noexcept;
    void set_timestamp(std::int64_t nanoseconds);
    /// Adds to tags unless it is there.
    void tag(std::string_view text);

    /// The event that Logstash makes of a map (Event.new): its entries become the fields of this
    /// event, which has only @timestamp (the default) and @version yet; [@metadata] becomes
    /// metadata. A @timestamp that is no date is kept as [_@timestamp] and tagged
    /// _timestampparsefailure; tags that are neither a string nor strings are kept as [_tags] and
    /// tagged _tagsparsefailure. Shares what `from` holds, which must live in memory().
    void take_fields(const value_map& from);
    /// Logstash's Event#to_s, appended: "TIME HOST MESSAGE", with %{host} and %{message} for what
    /// is missing. What codecs plain and line write without a format.
    void append_summary(std::string& out) const;

    [[nodiscard]] bool is_cancelled() const noexcept { return cancelled_; }
    void cancel() noexcept { cancelled_ = true; }

    event_origin origin;

  private:
    /// The map or array that `at`, which is not all of the metadata, is in; nullptr when a part of
    /// the way is missing, and what is no container when it leads nowhere.
    [[nodiscard]] value* holder(const field_reference& at) const noexcept;

    arena* memory_;
    value fields_;
    value metadata_;
    bool cancelled_ = false;
};

} // namespace logboom
