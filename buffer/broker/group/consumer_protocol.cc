#include "buffer/broker/group/consumer_protocol.h"

#include "codecs/kafka/wire_reader.h"
#include "codecs/kafka/wire_writer.h"

#include <algorithm>

namespace logboom::broker {

using kafka::encoding;
using kafka::nullability;

std::optional<std::vector<std::string>> subscribed_topics(bytes_view subscription) {
    constexpr std::size_t topic_size_min = 2;
    kafka::wire_reader from(subscription);
    const auto version = from.integer<std::int16_t>();
    const auto count = from.count(encoding::classic, nullability::required, topic_size_min);
    std::vector<std::string> topics;
    for (std::size_t i = 0; i < count.value_or(0) && !from.failed(); ++i) {
        const auto topic = from.string(encoding::classic, nullability::required);
        topics.emplace_back(topic.value_or(std::string_view{}));
    }
    // What later versions add stands behind and is not looked at.
    if (from.failed() || version < 0) {
        return std::nullopt;
    }
    std::sort(topics.begin(), topics.end());
    topics.erase(std::unique(topics.begin(), topics.end()), topics.end());
    return topics;
}

bytes empty_consumer_assignment() {
    kafka::wire_writer to;
    to.integer<std::int16_t>(0);
    to.count(0, encoding::classic);
    to.null_bytes(encoding::classic);
    return bytes::copy_of(to.view());
}

} // namespace logboom::broker
