// librdkafka's mock cluster as the tests of inputs and outputs use it.
#include "tests/unit/buffer/client/mock_cluster.h"

#include "base/assertion.h"

#include <algorithm>
#include <chrono>
#include <cstdlib>

namespace logboom::client {
namespace {

using namespace std::chrono_literals;
constexpr auto patience = 60s;

rd_kafka_t*
make_raw(rd_kafka_type_t type, const std::vector<std::pair<const char*, std::string>>& properties) {
    rd_kafka_conf_t* conf = rd_kafka_conf_new();
    char text[256];
    for (const auto& [name, value] : properties) {
        LB_ASSERT(
            rd_kafka_conf_set(conf, name, value.c_str(), text, sizeof text) == RD_KAFKA_CONF_OK
        );
    }
    rd_kafka_conf_set_log_cb(conf, nullptr);
    rd_kafka_t* made = rd_kafka_new(type, conf, text, sizeof text);
    LB_ASSERT(made != nullptr);
    return made;
}

std::vector<std::pair<std::string, std::string>> headers_of(const rd_kafka_message_t& message) {
    std::vector<std::pair<std::string, std::string>> all;
    rd_kafka_headers_t* headers = nullptr;
    if (rd_kafka_message_headers(&message, &headers) != RD_KAFKA_RESP_ERR_NO_ERROR) {
        return all;
    }
    const char* name = nullptr;
    const void* text = nullptr;
    std::size_t size = 0;
    for (std::size_t i = 0;
         rd_kafka_header_get_all(headers, i, &name, &text, &size) == RD_KAFKA_RESP_ERR_NO_ERROR;
         ++i) {
        all.emplace_back(name, std::string(static_cast<const char*>(text), size));
    }
    return all;
}

class line_decoder final : public decoder {
  public:
    void decode(bytes_view data, bool kept, std::int64_t now_ns, event_batch& into) override {
        std::string_view rest = as_text(data);
        line_ = 0;
        for (std::size_t end = rest.find('\n'); end != rest.npos; end = rest.find('\n')) {
            take(rest.substr(0, end), kept, now_ns, into);
            ++line_;
            rest.remove_prefix(end + 1);
        }
        take(rest, kept, now_ns, into);
    }
    void flush(std::int64_t now_ns, event_batch& into) override {
        if (!held_.empty()) {
            emit(held_, now_ns, into);
            held_.clear();
        }
    }
    bool is_holding() const noexcept override { return !held_.empty(); }
    std::uint32_t held_part() const noexcept override { return held_line_; }
    std::optional<std::chrono::nanoseconds> hold_limit() const noexcept override {
        return std::chrono::seconds(1);
    }

  private:
    void take(std::string_view text, bool kept, std::int64_t now_ns, event_batch& into) {
        if (!held_.empty()) {
            emit(held_ + "|" + std::string(text), now_ns, into);
            held_.clear();
            return;
        }
        if (text.starts_with("hold")) {
            held_ = text;
            held_line_ = line_;
            return;
        }
        if (text == "nothing") {
            return;
        }
        event& made = into.add(now_ns);
        made.origin.part = line_;
        made.set("message", value::of(kept ? text : into.memory.copy(text)));
    }
    void emit(const std::string& text, std::int64_t now_ns, event_batch& into) const {
        event& made = into.add(now_ns);
        made.origin.part = held_line_;
        made.set("message", value::of(into.memory.copy(text)));
    }
    std::string held_;
    std::uint32_t line_ = 0;
    std::uint32_t held_line_ = 0;
};

} // namespace

mock_cluster::mock_cluster(int brokers)
    : owner_(make_raw(RD_KAFKA_PRODUCER, {{"client.id", "mock"}}))
    , cluster_(rd_kafka_mock_cluster_new(owner_, brokers)) {
    LB_ASSERT(cluster_ != nullptr);
}

mock_cluster::~mock_cluster() {
    rd_kafka_mock_cluster_destroy(cluster_);
    rd_kafka_destroy(owner_);
}

std::string mock_cluster::servers() const {
    return rd_kafka_mock_cluster_bootstraps(cluster_);
}

void mock_cluster::create(const std::string& topic, int partitions) const {
    rd_kafka_mock_topic_create(cluster_, topic.c_str(), partitions, 1);
}

void mock_cluster::fail_topic(const std::string& topic, rd_kafka_resp_err_t code) const {
    rd_kafka_mock_topic_set_error(cluster_, topic.c_str(), code);
}

void mock_cluster::fail_next(int api_key, std::vector<rd_kafka_resp_err_t> codes) const {
    rd_kafka_mock_push_request_errors_array(
        cluster_, static_cast<std::int16_t>(api_key), codes.size(), codes.data()
    );
}

void mock_cluster::take_down() const {
    rd_kafka_mock_broker_set_down(cluster_, 1);
}
void mock_cluster::bring_up() const {
    rd_kafka_mock_broker_set_up(cluster_, 1);
}

std::vector<mock_cluster::stored>
mock_cluster::read(const std::string& topic, std::size_t count) const {
    rd_kafka_t* client = make_raw(
        RD_KAFKA_CONSUMER,
        {{"bootstrap.servers", servers()},
         {"group.id", "reader"},
         {"auto.offset.reset", "earliest"}}
    );
    rd_kafka_poll_set_consumer(client);
    const rd_kafka_metadata_t* metadata = nullptr;
    rd_kafka_topic_t* handle = rd_kafka_topic_new(client, topic.c_str(), nullptr);
    LB_ASSERT(rd_kafka_metadata(client, 0, handle, &metadata, 10000) == RD_KAFKA_RESP_ERR_NO_ERROR);
    auto* list = rd_kafka_topic_partition_list_new(metadata->topics[0].partition_cnt);
    for (int i = 0; i < metadata->topics[0].partition_cnt; ++i) {
        rd_kafka_topic_partition_list_add(list, topic.c_str(), i)->offset = 0;
    }
    rd_kafka_assign(client, list);
    rd_kafka_topic_partition_list_destroy(list);
    rd_kafka_metadata_destroy(metadata);
    rd_kafka_topic_destroy(handle);
    std::vector<stored> all;
    const auto limit = std::chrono::steady_clock::now() + patience;
    // A little longer than needed: what comes too often shall be seen.
    auto idle_since = std::chrono::steady_clock::now();
    while (std::chrono::steady_clock::now() < limit) {
        rd_kafka_message_t* message = rd_kafka_consumer_poll(client, 50);
        const auto now = std::chrono::steady_clock::now();
        if (message == nullptr) {
            if (all.size() >= count && now - idle_since > 300ms) {
                break;
            }
            continue;
        }
        idle_since = now;
        if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
            stored one{
                message->partition,
                message->offset,
                std::string(static_cast<const char*>(message->payload), message->len),
                {},
            };
            if (message->key != nullptr) {
                one.key.emplace(static_cast<const char*>(message->key), message->key_len);
            }
            one.headers = headers_of(*message);
            for (const auto& [name, text] : one.headers) {
                one.origin = name == "logboom.origin" ? text : one.origin;
            }
            all.push_back(std::move(one));
        }
        rd_kafka_message_destroy(message);
    }
    rd_kafka_consumer_close(client);
    rd_kafka_destroy(client);
    std::sort(all.begin(), all.end(), [](const stored& left, const stored& right) {
        return std::pair(left.partition, left.offset) < std::pair(right.partition, right.offset);
    });
    return all;
}

void mock_cluster::produce(
    const std::string& topic,
    int partition,
    const std::vector<std::string>& payloads,
    const std::string& origin
) const {
    rd_kafka_t* client = make_raw(RD_KAFKA_PRODUCER, {{"bootstrap.servers", servers()}});
    for (const std::string& each : payloads) {
        rd_kafka_vu_t fields[5] = {};
        fields[0].vtype = RD_KAFKA_VTYPE_TOPIC;
        fields[0].u.cstr = topic.c_str();
        fields[1].vtype = RD_KAFKA_VTYPE_PARTITION;
        fields[1].u.i32 = partition;
        fields[2].vtype = RD_KAFKA_VTYPE_VALUE;
        fields[2].u.mem.ptr = const_cast<char*>(each.data());
        fields[2].u.mem.size = each.size();
        fields[3].vtype = RD_KAFKA_VTYPE_MSGFLAGS;
        fields[3].u.i = RD_KAFKA_MSG_F_COPY;
        fields[4].vtype = RD_KAFKA_VTYPE_HEADER;
        fields[4].u.header.name = "logboom.origin";
        fields[4].u.header.val = origin.data();
        fields[4].u.header.size = static_cast<ssize_t>(origin.size());
        LB_ASSERT(rd_kafka_produceva(client, fields, origin.empty() ? 4 : 5) == nullptr);
    }
    LB_ASSERT(rd_kafka_flush(client, 10000) == RD_KAFKA_RESP_ERR_NO_ERROR);
    rd_kafka_destroy(client);
}

std::int64_t
mock_cluster::committed(const std::string& group, const std::string& topic, int partition) const {
    rd_kafka_t* client =
        make_raw(RD_KAFKA_CONSUMER, {{"bootstrap.servers", servers()}, {"group.id", group}});
    auto* list = rd_kafka_topic_partition_list_new(1);
    auto* entry = rd_kafka_topic_partition_list_add(list, topic.c_str(), partition);
    rd_kafka_committed(client, list, 10000);
    const std::int64_t found = entry->offset;
    rd_kafka_topic_partition_list_destroy(list);
    rd_kafka_destroy(client);
    return found;
}

std::unique_ptr<decoder> line_codec::make_decoder() const {
    return std::make_unique<line_decoder>();
}
void line_codec::encode(const event& from, std::string& out) const {
    out.append(from.get("message")->as_string());
}

test_settings::test_settings(
    const char* owner,
    std::span<const setting> table,
    std::vector<std::pair<std::string, std::string>> given
)
    : options(owner, table) {
    for (const auto& [name, text] : given) {
        options.set(name, config_value{text, {}});
    }
    options.finish({});
    options.parse();
}

ack_token verdicts::token() {
    return ack_token([shared = state_](ack_verdict verdict) {
        const std::lock_guard lock(shared->mutex);
        ++(verdict == ack_verdict::delivered ? shared->delivered : shared->lost);
        shared->changed.notify_all();
    });
}
bool verdicts::wait(std::size_t count) const {
    std::unique_lock lock(state_->mutex);
    return state_->changed.wait_for(lock, patience, [&] {
        return state_->delivered + state_->lost >= count;
    });
}
std::size_t verdicts::delivered() const {
    const std::lock_guard lock(state_->mutex);
    return state_->delivered;
}
std::size_t verdicts::lost() const {
    const std::lock_guard lock(state_->mutex);
    return state_->lost;
}

void letter_box::write(const dead_letter& letter, ack_token ack) {
    std::string origin;
    if (letter.origin.is_known()) {
        letter.origin.append_text(origin);
    }
    {
        const std::lock_guard lock(mutex);
        reasons.emplace_back(letter.reason);
        letters.push_back(
            std::string(letter.error_type) + " " + std::string(letter.target) + " " +
            std::to_string(letter.document.size()) + " " + origin
        );
    }
    ack.delivered();
}

plugin_context
make_context(const plugin_options& options, metrics& counters, dead_letter_queue* letters) {
    static real_clock time;
    return plugin_context{
        .options = options,
        .codec = std::make_shared<line_codec>(),
        .time = time,
        .counters = counters,
        .log = std::getenv("CLIENT_TEST_LOG") != nullptr ? logger::named("test") : logger(),
        .plugin_id = "test",
        .host_name = "here",
        .dead_letters = letters,
    };
}

} // namespace logboom::client
