// The names of topics that never change meaning: a topic that is deleted and made anew gets
// another. They are the stream of records without provenance (event/event.h), so two readers
// of one topic must find the same. Our broker reports the topic's id as the read-only topic
// configuration logboom.topic.id; for Apache Kafka it is "<cluster id>:<topic>". One thread.
#pragma once

#include "base/log.h"
#include "buffer/client/handle.h"

#include <chrono>
#include <map>
#include <stop_token>
#include <string>
#include <vector>

namespace logboom::client {

inline constexpr const char* topic_id_config = "logboom.topic.id";

class topic_ids {
  public:
    explicit topic_ids(logger log) : log_(std::move(log)) {}

    /// One short try for each topic that there is. Before the first fetch, because an answer on the
    /// same connection waits until a fetch that finds nothing returns.
    void find_ahead(rd_kafka_t* client, const std::vector<std::string>& topics);
    /// Waits until the broker has said it; empty only when `stop` is requested.
    std::string find(rd_kafka_t* client, const std::string& topic, const std::stop_token& stop);
    /// The topic may have been made anew.
    void forget(const std::string& topic) { known_.erase(topic); }

  private:
    logger log_;
    std::map<std::string, std::string> known_;
};

/// One try; the id of our broker, or of the cluster, or the error (a topic that is not there too).
result<std::string>
ask_topic_id(rd_kafka_t* client, const std::string& topic, std::chrono::milliseconds limit);

} // namespace logboom::client
