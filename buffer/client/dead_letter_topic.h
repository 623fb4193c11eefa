// Dead letters of a Kafka source: the topic "<topic>.dlq" of the same cluster. A letter is durable,
// and its ack settled, when every in-sync replica has it. docs/kafka_plugins.md lists the headers.
#pragma once

#include "base/settings.h"
#include "buffer/client/producer.h"
#include "plugin/dead_letter.h"

#include <functional>
#include <memory>
#include <mutex>

namespace logboom::client {

class dead_letter_topic final : public dead_letter_queue {
  public:
    static constexpr std::string_view suffix = ".dlq";
    /// Where letters go whose event came from no topic.
    static constexpr std::string_view nameless = "logboom";

    /// `from`: the kafka input's settings, for the connection. Connects with the first letter.
    static result<std::unique_ptr<dead_letter_topic>>
    make(const settings& from, logger log, metrics& counters, label_values labels);
    ~dead_letter_topic() override;

    void write(const dead_letter& letter, ack_token ack) override;
    void close() override;

    /// For tests: what the topic of `letter` is called.
    static std::string topic_of(const dead_letter& letter);

  private:
    dead_letter_topic(property_list properties, logger log, metrics& counters, label_values labels);

    using rejection = std::function<void(const rejected_record&, ack_token)>;

    /// `which`, made at first use; null when it cannot be made.
    producer* open(std::unique_ptr<producer>& which, rejection on_rejected);
    void on_too_large(const rejected_record& record, ack_token share);
    void on_refused(const rejected_record& record, ack_token share);

    property_list properties_;
    logger log_;
    const label_values labels_;
    metrics& counters_;
    counter letters_;
    counter cut_;
    counter lost_;
    std::mutex mutex_;
    bool is_closed_ = false;
    std::unique_ptr<producer> producer_;
    /// For letters that were too large and are sent cut: not through producer_, whose poll thread
    /// finds that out and must not wait for itself.
    std::unique_ptr<producer> cutter_;
};

} // namespace logboom::client
