// DescribeLogDirs: each of log.dirs with its partitions and what its file system has room for. A
// partition that is offline is not among them.
#include "codecs/kafka/messages/35_describe_log_dirs.h"

#include "buffer/broker/apis/handlers.h"
#include "buffer/broker/topics/topic_catalog.h"

#include <filesystem>
#include <map>
#include <set>

namespace logboom::broker {
namespace apis::describe_log_dirs {
namespace {

using api = kafka::describe_log_dirs_api;
using topic_answer = api::response::directory::topic;

/// What the request asks for: of topics that are here, each partition once, however long it is.
class wanted_partitions {
  public:
    wanted_partitions(const api::request& asked, const topic_catalog& topics)
        : all_(!asked.topics.has_value()) {
        if (all_) {
            return;
        }
        for (const auto& each : *asked.topics) {
            if (const topic_state* const topic = topics.find(each.name); topic != nullptr) {
                partitions_[topic->name].insert(each.partitions.begin(), each.partitions.end());
            }
        }
    }
    [[nodiscard]] bool contains(const std::string& topic, partition_id index) const {
        const auto found = partitions_.find(topic);
        return all_ || (found != partitions_.end() && found->second.contains(index));
    }

  private:
    bool all_;
    std::map<std::string, std::set<partition_id>> partitions_;
};

/// The partitions of a topic in one directory; without any when there is none to show.
topic_answer describe_topic(
    const topic_state& topic, const std::string& directory, const wanted_partitions& wanted
) {
    topic_answer made;
    made.name = topic.name;
    for (const auto& each : topic.partitions) {
        const partition_id index = each->name().partition;
        if (each->log() != nullptr && each->directory().path() == directory &&
            wanted.contains(topic.name, index)) {
            auto& shown = made.partitions.emplace_back();
            shown.index = index;
            shown.size = static_cast<std::int64_t>(each->log()->size_bytes());
        }
    }
    return made;
}

void measure(api::response& into) {
    for (auto& each : into.directories) {
        std::error_code why;
        const auto room = std::filesystem::space(each.path, why);
        if (why) {
            each.error = wire(kafka::error_code::kafka_storage_error);
            continue;
        }
        each.total_bytes = static_cast<std::int64_t>(room.capacity);
        each.usable_bytes = static_cast<std::int64_t>(room.available);
    }
}

} // namespace
} // namespace apis::describe_log_dirs

void add_describe_log_dirs(handler_table& to, handler_services& with) {
    using namespace apis::describe_log_dirs;
    to.add<api>([&with](const request<api>& call, reply<api> answer) {
        const wanted_partitions wanted(call.body, with.context.topics);
        const auto body = std::make_shared<api::response>();
        for (const std::string& path : with.context.config.log_dirs) {
            auto& directory = body->directories.emplace_back();
            directory.path = std::filesystem::absolute(path).string();
            for (const auto& [name, topic] : with.context.topics.all()) {
                if (auto shown = describe_topic(topic, path, wanted); !shown.partitions.empty()) {
                    directory.topics.push_back(std::move(shown));
                }
            }
        }
        const auto pending = std::make_shared<reply<api>>(std::move(answer));
        with.context.loop.run_blocking(
            [body] { measure(*body); }, [body, pending] { pending->send(*body); }
        );
    });
}

} // namespace logboom::broker
