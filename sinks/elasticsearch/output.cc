// The output itself and its table of options; the work is in encoder, bulk_queue and sender.
#include "sinks/elasticsearch/output.h"

#include "event/json_writer.h"
#include "sinks/elasticsearch/bulk_queue.h"
#include "sinks/elasticsearch/encoder.h"
#include "sinks/elasticsearch/options.h"
#include "sinks/elasticsearch/sender.h"

#include <atomic>

namespace logboom::sinks {
namespace {

bulk_queue_options queue_options(const elasticsearch_options& options, bool is_ordered) {
    bulk_queue_options out;
    out.lanes = is_ordered ? options.requests_in_flight : 1;
    out.items_max = options.bulk_items_max;
    out.body_size_max = options.bulk_body_size_max;
    out.unsettled_bytes_max = options.unsettled_bytes_max;
    out.gzip_level = options.gzip_level;
    return out;
}

bulk_machine_options
machine_options(const elasticsearch_options& options, bool is_ordered, std::uint64_t seed) {
    bulk_machine_options out;
    out.lanes = options.requests_in_flight;
    out.is_ordered = is_ordered;
    out.retry_initial = options.retry_initial;
    out.retry_max = options.retry_max;
    out.dead_letter_codes = options.dead_letter_codes;
    out.drop_error_types = options.drop_error_types;
    out.silenced_error_types = options.silenced_error_types;
    out.seed = seed;
    return out;
}

std::vector<std::string> host_names(const elasticsearch_options& options) {
    std::vector<std::string> out;
    for (const auto& each : options.hosts) {
        out.push_back(each.url());
    }
    return out;
}

class elasticsearch final : public output {
  public:
    elasticsearch(const plugin_context& context, elasticsearch_options options)
        : options_(std::move(options))
        , encoder_(options_.target)
        , dead_letters_(*context.dead_letters)
        , counters_(context.counters, context.labels(), host_names(options_))
        , time_(context.time)
        , log_(context.log)
        , queue_(
              queue_options(options_, encoder_.is_ordered()),
              context.time,
              [this] { sender_.wake(); }
          )
        , sender_({
              options_,
              queue_,
              bulk_machine(
                  machine_options(
                      options_,
                      encoder_.is_ordered(),
                      static_cast<std::uint64_t>(context.time.wall().count())
                  ),
                  dead_letters_,
                  counters_,
                  context.log
              ),
              counters_,
              context.time,
              context.log,
          }) {}

    result<void> start() override {
        sender_.start();
        return {};
    }

    void
    write(const event_batch& batch, std::span<const std::uint32_t> chosen, ack_token ack) override {
        const writer_scope scope(queue_);
        part made;
        for (const std::uint32_t each : chosen) {
            if (!made.items && !begin(made, batch)) {
                return;
            }
            add(batch.events[each], made, ack);
            const bulk& items = *made.items;
            if (items.items.size() >= made.items_max || items.body.size() >= made.body_size_max) {
                hand_over(made);
            }
        }
        hand_over(made);
        ack.delivered();
    }

    void finish(std::chrono::nanoseconds limit) override { sender_.finish(limit); }

  private:
    struct writer_scope {
        explicit writer_scope(bulk_queue& queue) : queue_(queue) { queue_.enter(); }
        ~writer_scope() { queue_.leave(); }
        writer_scope(const writer_scope&) = delete;
        writer_scope& operator=(const writer_scope&) = delete;
        bulk_queue& queue_;
    };
    struct part {
        std::unique_ptr<bulk> items;
        std::size_t lane = 0;
        std::size_t items_max = 0;
        std::size_t body_size_max = 0;
    };

    bool begin(part& into, const event_batch& batch) {
        if (!queue_.wait_for_room()) {
            return false;
        }
        into.items = std::make_unique<bulk>();
        into.lane = encoder_.is_ordered() ? batch.order_key % options_.requests_in_flight : 0;
        into.items_max = queue_.items_max();
        into.body_size_max = queue_.body_size_max();
        into.items->body.reserve(body_size_last_);
        return true;
    }

    void add(const event& from, part& into, const ack_token& ack) {
        auto& groups = into.items->groups;
        if (groups.empty() || groups.back()->topic != from.origin.topic) {
            groups.push_back(std::make_shared<ack_group>());
            groups.back()->token = ack.share();
            groups.back()->topic = from.origin.topic;
        }
        const auto group = static_cast<std::uint32_t>(groups.size() - 1);
        if (const auto refused = encoder_.encode(from, group, *into.items)) {
            refuse(from, *refused, ack);
            return;
        }
        ++groups.back()->unsettled;
    }

    /// What is wrong with one event is often wrong with all: told once a second.
    void complain(const event_encoder::refusal& why) {
        constexpr std::int64_t interval_ns = 1'000'000'000;
        ++unreported_;
        const std::int64_t now = time_.steady().count();
        std::int64_t due = complaint_due_;
        if (now >= due && complaint_due_.compare_exchange_strong(due, now + interval_ns)) {
            log_.warn(
                "Events {}: {}. count={}",
                why.is_dropped ? "are dropped" : "go to the dead letters",
                why.reason,
                unreported_.exchange(0)
            );
        }
    }

    void refuse(const event& from, const event_encoder::refusal& why, const ack_token& ack) {
        complain(why);
        if (why.is_dropped) {
            counters_.dropped.add();
            return;
        }
        std::string document;
        append_json(from, document);
        dead_letter letter;
        letter.document = document;
        letter.output = "elasticsearch";
        letter.error_type = why.type;
        letter.reason = why.reason;
        letter.target = why.index;
        letter.id = why.id;
        letter.origin = from.origin;
        counters_.dead_letters.add();
        dead_letters_.write(letter, ack.share());
    }

    void hand_over(part& from) {
        if (!from.items) {
            return;
        }
        // A group whose events were all refused holds nothing any more.
        for (const auto& group : from.items->groups) {
            if (group->unsettled == 0) {
                group->token.delivered();
            }
        }
        if (!from.items->items.empty()) {
            body_size_last_ = from.items->body.size();
            queue_.append(from.lane, std::move(from.items));
        }
        from.items.reset();
    }

    elasticsearch_options options_;
    event_encoder encoder_;
    dead_letter_queue& dead_letters_;
    probe counters_;
    clock& time_;
    logger log_;
    bulk_queue queue_;
    sender sender_;
    std::atomic<std::size_t> body_size_last_{0};
    std::atomic<std::int64_t> unreported_{0};
    std::atomic<std::int64_t> complaint_due_{0};
};

result<std::unique_ptr<output>> make(const plugin_context& context) {
    LB_TRY(auto options, elasticsearch_options::from(context.options, context.ecs));
    return std::unique_ptr<output>(std::make_unique<elasticsearch>(context, std::move(options)));
}

} // namespace

const output_row elasticsearch_output{"elasticsearch", elasticsearch_settings, &make};

} // namespace logboom::sinks
