// Plugins that count, hold, fail and wait, for the tests of the pipeline.
#include "tests/unit/pipelines/topology/test_plugins.h"

#include <doctest/doctest.h>

namespace logboom::testing {
namespace {

stage* on_stage = nullptr;

constexpr setting lines_table[] = {
    {.name = "lines", .type = setting_type::array, .doc = "What to send."},
    {.name = "batch", .type = setting_type::integer, .fallback = "2", .doc = "Events a batch."},
    {.name = "key", .type = setting_type::integer, .fallback = "0", .doc = "Order key."},
    {.name = "stays", .type = setting_type::boolean, .fallback = "false", .doc = "Until stopped."},
    {.name = "rereadable", .type = setting_type::boolean, .fallback = "true", .doc = "As a file."},
    {.name = "old", .state = setting_state::renamed, .use_instead = "lines"},
    {.name = "later", .state = setting_state::not_yet},
};

class blocked_letters final : public dead_letter_queue {
  public:
    void write(const dead_letter& /*letter*/, ack_token /*ack*/) override {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [&] { return is_closed_; });
    }
    void close() override {
        const std::lock_guard lock(mutex_);
        is_closed_ = true;
        changed_.notify_all();
    }

  private:
    std::mutex mutex_;
    std::condition_variable changed_;
    bool is_closed_ = false;
};

class lines_input final : public input {
  public:
    explicit lines_input(const plugin_context& context)
        : lines_(context.options.list("lines"))
        , batch_size_(static_cast<std::size_t>(context.options.integer("batch")))
        , key_(static_cast<std::uint64_t>(context.options.integer("key")))
        , stays_(context.options.flag("stays"))
        , can_read_again_(context.options.flag("rereadable")) {}

    [[nodiscard]] bool can_read_again() const noexcept override { return can_read_again_; }

    void run(batch_sink& into, std::stop_token stop) override {
        for (std::size_t at = 0; at < lines_.size(); at += batch_size_) {
            auto batch = std::make_unique<event_batch>();
            batch->order_key = key_;
            for (std::size_t i = at; i < std::min(at + batch_size_, lines_.size()); ++i) {
                batch->add(0).set("message", value::of(batch->memory.copy(lines_[i])));
            }
            batch->ack = ack_token([](ack_verdict verdict) {
                stage& here = stage::current();
                const std::lock_guard lock(here.mutex);
                here.verdicts.push_back(verdict);
                here.changed.notify_all();
            });
            if (!into.push(std::move(batch))) {
                return;
            }
        }
        std::mutex mutex;
        std::unique_lock lock(mutex);
        std::condition_variable_any stopped;
        if (stays_) {
            stopped.wait(lock, stop, [] { return false; });
        }
    }
    void close() override { stage::current().is_closed = true; }
    dead_letter_queue* dead_letters() override {
        return stage::current().blocks_letters ? &letters_ : nullptr;
    }

  private:
    blocked_letters letters_;
    std::vector<std::string> lines_;
    std::size_t batch_size_;
    std::uint64_t key_;
    bool stays_;
    bool can_read_again_;
};

constexpr setting mark_table[] = {
    {.name = "only", .doc = "Matches events with this message only."},
    {.name = "drop", .type = setting_type::boolean, .fallback = "false", .doc = "Cancels them."},
    {.name = "double", .type = setting_type::boolean, .fallback = "false", .doc = "Clones them."},
    {.name = "throw", .type = setting_type::boolean, .fallback = "false", .doc = "Fails."},
};

class mark_filter final : public filter {
  public:
    explicit mark_filter(const plugin_context& context)
        : only_(context.options.text("only"))
        , drops_(context.options.flag("drop"))
        , doubles_(context.options.flag("double"))
        , throws_(context.options.flag("throw")) {}

    void apply(event_batch& batch, selection& chosen, selection& matched) override {
        if (throws_) {
            throw std::runtime_error("as asked for");
        }
        for (std::size_t i = 0, end = chosen.size(); i < end; ++i) {
            const std::uint32_t at = chosen[i];
            if (!only_.empty() && batch.events[at].get("message")->as_string() != only_) {
                continue;
            }
            matched.push_back(at);
            if (drops_) {
                batch.events[at].cancel();
            }
            if (doubles_) {
                const value text = *batch.events[at].get("message");
                chosen.push_back(static_cast<std::uint32_t>(batch.events.size()));
                batch.add(0).set("message", text);
            }
        }
    }

  private:
    std::string only_;
    bool drops_;
    bool doubles_;
    bool throws_;
};

constexpr setting hold_table[] = {
    {.name = "fails_start", .type = setting_type::boolean, .fallback = "false", .doc = "Fails."},
};

/// Holds events back until it is flushed.
class hold_filter final : public filter {
  public:
    explicit hold_filter(const plugin_context& context)
        : fails_start_(context.options.flag("fails_start")) {}

    result<void> start() override {
        if (fails_start_) {
            return error(std::make_error_code(std::errc::no_such_file_or_directory), "dictionary");
        }
        stage::current().note("start");
        return {};
    }
    void apply(event_batch& batch, selection& chosen, selection& /*matched*/) override {
        const std::lock_guard lock(mutex_);
        for (const std::uint32_t at : chosen) {
            held_.emplace_back(batch.events[at].get("message")->as_string());
            batch.events[at].cancel();
        }
    }
    void flush(std::int64_t now_ns, event_batch& into, bool is_last) override {
        const std::lock_guard lock(mutex_);
        for (const std::string& each : held_) {
            into.add(now_ns).set("message", value::of(into.memory.copy(each)));
        }
        held_.clear();
        if (is_last) {
            stage::current().note("last flush");
        }
    }
    [[nodiscard]] std::size_t held_events() const override { return held_.size(); }
    void close() override { stage::current().note("close"); }

  private:
    bool fails_start_;
    std::mutex mutex_;
    std::vector<std::string> held_;
};

/// Counts without a lock: there is one for each worker. Tells its count at the end.
class own_filter final : public filter {
  public:
    explicit own_filter(const plugin_context& /*context*/) {}
    result<void> start() override {
        stage::current().note("start");
        return {};
    }
    void apply(event_batch& /*batch*/, selection& chosen, selection& /*matched*/) override {
        const auto caller = std::this_thread::get_id();
        LB_ASSERT(owner_ == std::thread::id() || owner_ == caller);
        owner_ = caller;
        count_ += chosen.size();
    }
    void flush(std::int64_t now_ns, event_batch& into, bool is_last) override {
        if (is_last) {
            into.add(now_ns).set(
                "message", value::of(into.memory.copy("saw " + std::to_string(count_)))
            );
        }
    }
    void close() override { stage::current().note("close"); }

  private:
    std::thread::id owner_;
    std::size_t count_ = 0;
};

constexpr setting keep_table[] = {
    {.name = "name", .fallback = "out", .doc = "What it is called."},
    {.name = "needed", .doc = "Must be given.", .required = false},
};

class keep_output final : public output {
  public:
    explicit keep_output(const plugin_context& context) : name_(context.options.text("name")) {}

    result<void> start() override {
        if (stage::current().fails_start) {
            return error(std::make_error_code(std::errc::connection_refused), "no peer");
        }
        return {};
    }

    void
    write(const event_batch& batch, std::span<const std::uint32_t> chosen, ack_token ack) override {
        stage& here = stage::current();
        std::unique_lock lock(here.mutex);
        here.changed.wait(lock, [&] { return !here.blocks_writes || here.finished > 0; });
        if (here.blocks_writes) {
            return;
        }
        for (const std::uint32_t at : chosen) {
            const event& each = batch.events[at];
            std::string line = name_ + ": " + std::string(each.get("message")->as_string()) + "|";
            for (const auto& field : each.fields()) {
                if (field.key != "message" && !field.key.starts_with('@')) {
                    line += (line.back() == '|' ? "" : ",") + std::string(field.key);
                }
            }
            here.written.push_back(std::move(line));
        }
        here.changed.notify_all();
        if (here.holds_back) {
            here.held.push_back(std::move(ack));
            here.changed.notify_all();
        } else {
            lock.unlock();
            ack.delivered();
        }
    }
    void finish(std::chrono::nanoseconds /*limit*/) override {
        stage& here = stage::current();
        {
            const std::lock_guard lock(here.mutex);
            ++here.finished;
        }
        here.changed.notify_all();
    }

  private:
    std::string name_;
};

template <class Base, class Made>
result<std::unique_ptr<Base>> make(const plugin_context& context) {
    return std::unique_ptr<Base>(std::make_unique<Made>(context));
}

const input_row lines_row{"lines", lines_table, make<input, lines_input>};
const filter_row mark_row{"mark", mark_table, make<filter, mark_filter>};
const filter_row hold_row{"hold", hold_table, make<filter, hold_filter>, {.flushes = true}};
const filter_row own_row{
    "own", hold_table, make<filter, own_filter>, {.flushes = true, .is_per_worker = true}};
const output_row keep_row{"keep", keep_table, make<output, keep_output>};

} // namespace

stage::stage() {
    on_stage = this;
}
stage::~stage() {
    on_stage = nullptr;
}
void stage::note(const char* what) {
    const std::lock_guard lock(mutex);
    notes.emplace_back(what);
}
stage& stage::current() {
    LB_ASSERT(on_stage != nullptr);
    return *on_stage;
}

void stage::release() {
    std::vector<ack_token> free;
    {
        const std::lock_guard lock(mutex);
        free.swap(held);
        holds_back = false;
    }
    for (ack_token& each : free) {
        each.delivered();
    }
}

const plugin_registry& test_plugins() {
    static const plugin_registry all{
        {&lines_row}, {&mark_row, &hold_row, &own_row}, {&keep_row}, {}};
    return all;
}

pipelines::pipeline::loaded
bench::load(std::string_view config, pipelines::pipeline_settings settings) {
    conf::source from;
    conf::problems wrong;
    REQUIRE(from.add("a.conf", config, wrong));
    settings.data_directory = "/tmp";
    return pipelines::pipeline::load(
        from, settings, {test_plugins(), time, counters, *files, logger(), "tester"}
    );
}

bool bench::run(std::string_view config) {
    auto made = load(config);
    for (const auto& each : made.errors) {
        FAIL(each.text());
    }
    ran = std::move(made.made);
    REQUIRE(ran->start().has_value());
    return ran->wait();
}

} // namespace logboom::testing
