// Turns the records of one partition into the events of a batch: decodes, says where each event
// came from, decorates. Knows up to where the batch may be committed: a codec that holds lines back
// (multiline) keeps the offset before them. Belongs to one lease and one thread.
#pragma once

#include "base/clock.h"
#include "buffer/client/consumer.h"
#include "buffer/client/kafka_input_settings.h"
#include "plugin/codec.h"

#include <functional>
#include <memory>
#include <string>

namespace logboom::client {

struct reader_options {
    std::shared_ptr<const codec> codec;
    decoration decorate = decoration::none;
    std::string group;
    logboom::clock* time = nullptr;
    /// The topic's id, when a record without provenance asks for it (topic_ids); empty: stopping.
    std::function<std::string(const std::string& topic)> topic_id;
};

class partition_reader {
  public:
    partition_reader(const reader_options& options, topic_partition at);

    /// What the next record's offset should be; -1 before the first.
    [[nodiscard]] offset expected() const noexcept { return expected_; }
    /// Everything before this is in a batch; records behind it are held back by the codec.
    [[nodiscard]] offset end() const noexcept { return held_ ? held_->begin : expected_; }
    [[nodiscard]] bool is_holding() const noexcept { return held_.has_value(); }

    /// How long the codec may hold records back when no more come; nullopt: it does not say.
    [[nodiscard]] std::optional<std::chrono::nanoseconds> hold_limit() const {
        return decoder_->hold_limit();
    }

    /// Appends the record's events. `into` must keep the message alive. False: stopping.
    bool read(const rd_kafka_message_t& message, event_batch& into);
    /// Emits what the codec holds back.
    void flush(event_batch& into);

  private:
    /// That of a record whose batch has gone while its lines are held.
    struct kept_decoration {
        arena memory;
        value map;
    };
    struct source {
        offset position{-1};
        /// Where reading has to begin for what is held of it to be read as it was: before it, when
        /// its front belonged to an event that had begun before.
        offset begin{-1};
        /// The text of the origin header, or empty.
        std::string header;
        std::int64_t time_ns = 0;
        /// Of the next event that comes of this record; more when the codec says at which line it
        /// begins.
        std::uint32_t part = 0;
        /// Null: no decoration is wanted, or the record is still at hand.
        std::shared_ptr<kept_decoration> decoration;
    };

    /// Where to begin again for what is held of `record`, whose first event has this part.
    [[nodiscard]] offset begin_of_held(const source& record, std::uint32_t first_part) const;
    /// Names events [from, to) after the record they began in; false: stopping.
    bool describe(std::size_t from, std::size_t to, source& record, event_batch& into);
    /// `message` is the record's while it is at hand; of a held one the decoration was kept.
    void decorate(
        std::size_t from,
        std::size_t to,
        const source& record,
        const rd_kafka_message_t* message,
        event_batch& into
    ) const;
    /// [@metadata][kafka], for one event: filters may change it.
    [[nodiscard]] value decoration_of(const rd_kafka_message_t& message, arena& memory) const;

    const reader_options& options_;
    topic_partition at_;
    std::unique_ptr<decoder> decoder_;
    offset expected_{-1};
    std::optional<source> held_;
    /// "topic id/partition"; asked for when first needed.
    std::string stream_;
};

} // namespace logboom::client
