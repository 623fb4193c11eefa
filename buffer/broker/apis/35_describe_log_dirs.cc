// DescribeLogDirs: each of log.dirs with its partitions and what its file system has room for. A
// partition that is offline is not among them.
#include "codecs/kafka/messages/35_describe_log_dirs.h"

#include "buffer/broker/apis/handlers.h"
#include "buffer/broker/topics/topic_catalog.h"

#include <algorithm>
#include <filesystem>

namespace logboom::broker {
namespace {

using api = kafka::describe_log_dirs_api;
using topic_answer = api::response::directory::topic;

/// Whether the request asks for this partition.
bool is_wanted(const api::request& asked, std::string_view topic, partition_id index) {
    if (!asked.topics) {
        return true;
    }
    for (const auto& each : *asked.topics) {
        if (each.name == topic &&
            std::find(each.partitions.begin(), each.partitions.end(), index) !=
                each.partitions.end()) {
            return true;
        }
    }
    return false;
}

/// The partitions of a topic in one directory; without any when there is none to show.
topic_answer
describe_topic(const topic_state& topic, const std::string& directory, const api::request& asked) {
    topic_answer made;
    made.name = topic.name;
    for (std::size_t i = 0; i < topic.partitions.size(); ++i) {
        const partition_state& each = topic.partitions[i];
        const partition_id index(static_cast<std::int32_t>(i));
        if (each.log != nullptr && each.directory->path() == directory &&
            is_wanted(asked, topic.name, index)) {
            auto& shown = made.partitions.emplace_back();
            shown.index = index;
            shown.size = static_cast<std::int64_t>(each.log->size_bytes());
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

void add_describe_log_dirs(handler_table& to, handler_services& with) {
    to.add<api>([&with](const request<api>& call, reply<api> answer) {
        const auto body = std::make_shared<api::response>();
        for (const std::string& path : with.context.config.log_dirs) {
            auto& directory = body->directories.emplace_back();
            directory.path = std::filesystem::absolute(path).string();
            for (const auto& [name, topic] : with.context.topics.all()) {
                if (auto shown = describe_topic(topic, path, call.body);
                    !shown.partitions.empty()) {
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
