// A group member of librdkafka: its callbacks as calls of the listener, its lists as ours.
#include "buffer/client/consumer_link.h"

#include <algorithm>
#include <array>

namespace logboom::client {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t records_at_once = 4096;
constexpr auto close_poll_ms = 10;

int ms(std::chrono::milliseconds limit) {
    return static_cast<int>(limit.count());
}

partition_list list_of(std::span<const topic_partition> partitions) {
    partition_list list(rd_kafka_topic_partition_list_new(static_cast<int>(partitions.size())));
    for (const topic_partition& at : partitions) {
        rd_kafka_topic_partition_list_add(list.get(), at.topic.c_str(), at.partition.value());
    }
    return list;
}

partition_list list_of(std::span<const partition_offset> offsets) {
    partition_list list(rd_kafka_topic_partition_list_new(static_cast<int>(offsets.size())));
    for (const partition_offset& each : offsets) {
        rd_kafka_topic_partition_list_add(
            list.get(), each.at.topic.c_str(), each.at.partition.value()
        )
            ->offset = each.offset.value();
    }
    return list;
}

std::vector<partition_answer> answers_of(const rd_kafka_topic_partition_list_t* list) {
    std::vector<partition_answer> all;
    for (int i = 0; list != nullptr && i < list->cnt; ++i) {
        const rd_kafka_topic_partition_t& each = list->elems[i];
        all.push_back({{each.topic, partition_id(each.partition)}, offset(each.offset), each.err});
    }
    return all;
}

void rebalance_callback(
    rd_kafka_t* client,
    rd_kafka_resp_err_t code,
    rd_kafka_topic_partition_list_t* list,
    void* opaque
) {
    auto& listener = *static_cast<consumer_listener*>(static_cast<client_listener*>(opaque));
    std::vector<topic_partition> partitions;
    for (const partition_answer& each : answers_of(list)) {
        partitions.push_back(each.at);
    }
    if (code == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS) {
        listener.on_assigned(partitions);
    } else {
        listener.on_revoked(partitions, rd_kafka_assignment_lost(client) != 0);
    }
}

void commit_callback(
    rd_kafka_t* /*client*/,
    rd_kafka_resp_err_t code,
    rd_kafka_topic_partition_list_t* offsets,
    void* opaque
) {
    static_cast<consumer_listener*>(opaque)->on_commit(code, answers_of(offsets));
}

int on_consumer_statistics(rd_kafka_t* /*client*/, char* json, std::size_t size, void* opaque) {
    static_cast<consumer_listener*>(static_cast<client_listener*>(opaque))
        ->on_partitions(partition_states({json, size}));
    return 0;
}

struct topic_view {
    const rd_kafka_topic_t* topic;
    std::int32_t partition;
    std::size_t index;
    std::int64_t next = 0;
};

class rdkafka_consumer final : public consumer_link {
  public:
    rdkafka_consumer(client_handle client, consumer_listener& listener)
        : listener_(listener)
        , client_(std::move(client))
        , records_(rd_kafka_queue_new(client_.get()))
        , commits_(rd_kafka_queue_new(client_.get())) {
        rd_kafka_poll_set_consumer(client_.get());
    }
    ~rdkafka_consumer() override {
        // librdkafka 2.0 asserts when it destroys a member that joined and has had no assignment
        // yet (its sticky assignor's state), and nobody can tell from outside: the client is given
        // up.
        if (is_subscribed_ && !was_assigned_) {
            rd_kafka_set_log_level(client_.get(), 0);
            static_cast<void>(client_.release());
        }
    }

    rd_kafka_resp_err_t subscribe(const std::vector<std::string>& topics) override {
        const partition_list wanted(rd_kafka_topic_partition_list_new(static_cast<int>(topics.size()
        )));
        for (const std::string& each : topics) {
            rd_kafka_topic_partition_list_add(wanted.get(), each.c_str(), RD_KAFKA_PARTITION_UA);
        }
        const auto code = rd_kafka_subscribe(client_.get(), wanted.get());
        is_subscribed_ = code == RD_KAFKA_RESP_ERR_NO_ERROR;
        return code;
    }

    void poll(std::chrono::milliseconds limit) override {
        const message_handle odd(rd_kafka_consumer_poll(client_.get(), ms(limit)));
        if (odd && odd->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
            tell_of_error(*odd);
        }
    }

    std::vector<partition_answer> committed(
        std::span<const topic_partition> partitions, std::chrono::milliseconds limit
    ) override {
        const partition_list list = list_of(partitions);
        const auto code = rd_kafka_committed(client_.get(), list.get(), ms(limit));
        auto all = answers_of(list.get());
        if (code != RD_KAFKA_RESP_ERR_NO_ERROR) {
            std::for_each(all.begin(), all.end(), [&](auto& each) { each.code = code; });
        }
        return all;
    }

    void assign(std::span<const topic_partition> partitions) override {
        was_assigned_ = true;
        for (const topic_partition& at : partitions) {
            const queue_handle of_partition(
                rd_kafka_queue_get_partition(client_.get(), at.topic.c_str(), at.partition.value())
            );
            if (of_partition) {
                rd_kafka_queue_forward(of_partition.get(), records_.get());
            }
        }
        const partition_list list = list_of(partitions);
        if (is_cooperative()) {
            error_handle(rd_kafka_incremental_assign(client_.get(), list.get()));
        } else {
            rd_kafka_assign(client_.get(), list.get());
        }
    }

    void unassign(std::span<const topic_partition> partitions) override {
        if (is_cooperative()) {
            const partition_list list = list_of(partitions);
            error_handle(rd_kafka_incremental_unassign(client_.get(), list.get()));
        } else {
            rd_kafka_assign(client_.get(), nullptr);
        }
    }

    rd_kafka_resp_err_t seek(const partition_offset& to, std::chrono::milliseconds limit) override {
        const partition_list list = list_of(std::span(&to, 1));
        const error_handle failed(rd_kafka_seek_partitions(client_.get(), list.get(), ms(limit)));
        return failed ? rd_kafka_error_code(failed.get()) : list->elems[0].err;
    }

    rd_kafka_resp_err_t commit(std::span<const partition_offset> offsets) override {
        const partition_list list = list_of(offsets);
        return rd_kafka_commit_queue(
            client_.get(), list.get(), commits_.get(), commit_callback, &listener_
        );
    }

    void poll_commits(std::chrono::milliseconds limit) override {
        rd_kafka_queue_poll_callback(commits_.get(), ms(limit));
    }

    std::vector<taken_records>
    take(std::size_t records_max, std::chrono::milliseconds limit) override {
        std::array<rd_kafka_message_t*, records_at_once> taken{};
        // The batch call waits until it has all it was asked for: so the first record is waited for
        // alone, and then what is there is taken.
        if (rd_kafka_consume_batch_queue(records_.get(), ms(limit), taken.data(), 1) != 1) {
            return {};
        }
        const std::size_t more = std::min(records_max, records_at_once) - 1;
        const ssize_t count =
            more == 0 ? 0 : rd_kafka_consume_batch_queue(records_.get(), 0, taken.data() + 1, more);
        return sort(
            std::span(taken).first(1 + static_cast<std::size_t>(std::max<ssize_t>(count, 0)))
        );
    }

    void wake() override { rd_kafka_queue_yield(records_.get()); }

    // librdkafka 2.0 does not join a group before it has seen the topics, and when they are not
    // there it looks again only after metadata_max_age_ms. Only an answer with all topics makes it
    // look now.
    std::optional<std::vector<std::string>> topic_names(std::chrono::milliseconds limit) override {
        const metadata_handle all = fetch_metadata(client_.get(), true, nullptr, limit);
        if (!all) {
            return std::nullopt;
        }
        std::vector<std::string> names;
        for (const auto& each : std::span(all->topics, static_cast<std::size_t>(all->topic_cnt))) {
            if (each.partition_cnt > 0) {
                names.emplace_back(each.topic);
            }
        }
        return names;
    }

    void ask_for(const std::string& topic, std::chrono::milliseconds limit) override {
        const topic_handle made(rd_kafka_topic_new(client_.get(), topic.c_str(), nullptr));
        fetch_metadata(client_.get(), false, made.get(), limit);
    }

    [[nodiscard]] std::optional<offset> known_end(const topic_partition& at) const override {
        std::int64_t low = -1;
        std::int64_t high = -1;
        const auto code = rd_kafka_get_watermark_offsets(
            client_.get(), at.topic.c_str(), at.partition.value(), &low, &high
        );
        return code == RD_KAFKA_RESP_ERR_NO_ERROR && high >= 0 ? std::optional(offset(high))
                                                               : std::nullopt;
    }

    void close(std::chrono::milliseconds limit) override {
        const queue_handle queue(rd_kafka_queue_get_consumer(client_.get()));
        const error_handle refused(rd_kafka_consumer_close_queue(client_.get(), queue.get()));
        const auto end = std::chrono::steady_clock::now() + limit;
        while (rd_kafka_consumer_closed(client_.get()) == 0 &&
               std::chrono::steady_clock::now() < end) {
            const message_handle ignored(rd_kafka_consumer_poll(client_.get(), close_poll_ms));
        }
    }

    [[nodiscard]] rd_kafka_t* handle() const override { return client_.get(); }

  private:
    [[nodiscard]] bool is_cooperative() const {
        const char* protocol = rd_kafka_rebalance_protocol(client_.get());
        return protocol != nullptr && std::string_view(protocol) == "COOPERATIVE";
    }

    void tell_of_error(const rd_kafka_message_t& message) {
        listener_.on_record_error(
            {message.err,
             message.rkt != nullptr ? rd_kafka_topic_name(message.rkt) : "-",
             message.partition,
             rd_kafka_message_errstr(&message)}
        );
    }

    std::vector<taken_records> sort(std::span<rd_kafka_message_t*> taken) {
        std::vector<taken_records> groups;
        std::vector<topic_view> seen;
        for (rd_kafka_message_t* each : taken) {
            message_handle message(each);
            if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
                tell_of_error(*message);
                continue;
            }
            auto found = std::find_if(seen.rbegin(), seen.rend(), [&](const topic_view& known) {
                return known.topic == message->rkt && known.partition == message->partition;
            });
            if (found == seen.rend() || message->offset < found->next) {
                seen.push_back({message->rkt, message->partition, groups.size()});
                found = seen.rbegin();
                groups.push_back(
                    {{rd_kafka_topic_name(message->rkt), partition_id(message->partition)},
                     offset(message->offset),
                     {}}
                );
            }
            found->next = message->offset + 1;
            groups[found->index].messages.push_back(std::move(message));
        }
        return groups;
    }

    consumer_listener& listener_;
    client_handle client_;
    queue_handle records_;
    queue_handle commits_;
    bool is_subscribed_ = false;
    bool was_assigned_ = false;
};

} // namespace

result<std::unique_ptr<consumer_link>>
open_consumer_link(const property_list& properties, consumer_listener& listener) {
    LB_TRY(conf_handle conf, make_conf(properties, listener));
    rd_kafka_conf_set_rebalance_cb(conf.get(), rebalance_callback);
    rd_kafka_conf_set_stats_cb(conf.get(), on_consumer_statistics);
    LB_TRY(client_handle client, make_client(RD_KAFKA_CONSUMER, std::move(conf)));
    return std::unique_ptr<consumer_link>(
        std::make_unique<rdkafka_consumer>(std::move(client), listener)
    );
}

} // namespace logboom::client
