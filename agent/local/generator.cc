#include "agent/local/generator.h"

#include "plugin/source_stamp.h"

#include <iostream>
#include <thread>

namespace logboom::agent {
namespace {

constexpr setting generator_table[] = {
    {.name = "message",
     .fallback = "Hello world!",
     .doc = "The text of each event; \"stdin\" takes one line from standard input."},
    {.name = "lines",
     .type = setting_type::array,
     .doc = "Texts that are sent one after the other, instead of message."},
    {.name = "count",
     .type = setting_type::integer,
     .fallback = "0",
     .doc = "How often message or all of lines is sent by each thread; 0 = for ever.",
     .min = 0},
    {.name = "threads",
     .type = setting_type::integer,
     .fallback = "1",
     .doc = "Threads that generate.",
     .min = 1,
     .max = 64},
};

class generator final : public input {
  public:
    explicit generator(const plugin_context& context)
        : codec_(context.codec)
        , time_(context.time)
        , stamp_(context)
        , lines_(context.options.list("lines"))
        , count_(context.options.integer("count"))
        , threads_(static_cast<std::size_t>(context.options.integer("threads")))
        , batch_size_(context.batch_size_max)
        , reads_message_(lines_.empty() && context.options.text("message") == "stdin") {
        if (lines_.empty()) {
            lines_.push_back(context.options.text("message"));
        }
    }

    [[nodiscard]] bool can_read_again() const noexcept override { return false; }

    void run(batch_sink& into, std::stop_token stop) override {
        if (reads_message_) {
            std::getline(std::cin, lines_.front());
        }
        std::vector<std::jthread> others;
        for (std::size_t i = 1; i < threads_; ++i) {
            others.emplace_back([this, &into, stop, i] { generate(into, stop, i); });
        }
        generate(into, stop, 0);
    }

  private:
    void generate(batch_sink& into, const std::stop_token& stop, std::size_t thread) {
        const auto stream = codec_->make_line_decoder();
        std::int64_t sequence = 0;
        while (!stop.stop_requested() && (count_ == 0 || sequence < count_)) {
            auto batch = std::make_unique<event_batch>();
            batch->order_key = reinterpret_cast<std::uintptr_t>(this) + thread;
            // Rounds are counted too: what a codec makes nothing of fills no batch.
            for (std::size_t round = 0; round < batch_size_ && batch->events.size() < batch_size_ &&
                                        (count_ == 0 || sequence < count_);
                 ++round) {
                add_round(*stream, sequence++, *batch);
            }
            if (!batch->events.empty() && !into.push(std::move(batch))) {
                return;
            }
        }
        push_rest(*stream, sequence, thread, into);
    }

    /// What the codec still holds when the last line has been given.
    void push_rest(decoder& stream, std::int64_t sequence, std::size_t thread, batch_sink& into) {
        auto last = std::make_unique<event_batch>();
        last->order_key = reinterpret_cast<std::uintptr_t>(this) + thread;
        stream.flush(time_.wall().count(), *last);
        if (!last->events.empty()) {
            stamp(*last, 0, std::max<std::int64_t>(sequence - 1, 0));
            into.push(std::move(last));
        }
    }

    /// All lines once.
    void add_round(decoder& stream, std::int64_t sequence, event_batch& into) {
        const std::int64_t now = time_.wall().count();
        for (const std::string& line : lines_) {
            const std::size_t first = into.events.size();
            stream.decode(as_bytes(line), false, now, into);
            stamp(into, first, sequence);
        }
    }
    void stamp(event_batch& into, std::size_t first, std::int64_t sequence) {
        for (std::size_t i = first; i < into.events.size(); ++i) {
            stamp_.set_host(into.events[i], source_field::host_name);
            stamp_.set(into.events[i], source_field::sequence, value::of(sequence));
        }
    }

    std::shared_ptr<const codec> codec_;
    clock& time_;
    source_stamp stamp_;
    std::vector<std::string> lines_;
    std::int64_t count_;
    std::size_t threads_;
    std::size_t batch_size_;
    bool reads_message_;
};

result<std::unique_ptr<input>> make_generator(const plugin_context& context) {
    return std::unique_ptr<input>(std::make_unique<generator>(context));
}

} // namespace

const input_row generator_input{"generator", generator_table, make_generator};

} // namespace logboom::agent
