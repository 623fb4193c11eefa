// sink_load URL COUNT WORKERS [SETTING=VALUE...]: events of about 275 B of JSON straight into the
// elasticsearch output, without a pipeline: its own ceiling and its own CPU. Prints documents a
// second and CPU a document, and checks that every batch was delivered.
#include "sinks/elasticsearch/options.h"
#include "sinks/elasticsearch/output.h"

#include <fmt/core.h>

#include <atomic>
#include <cstdio>
#include <exception>
#include <sys/resource.h>
#include <thread>

namespace {

using namespace logboom;

class printing_letters final : public dead_letter_queue {
  public:
    void write(const dead_letter& letter, ack_token ack) override {
        if (count++ == 0) {
            fmt::print(
                "first dead letter: status={} type={} reason={} id={}\n",
                letter.status,
                letter.error_type,
                letter.reason,
                letter.id
            );
        }
        ack.delivered();
    }
    std::atomic<int> count{0};
};

double cpu_seconds() {
    rusage used{};
    getrusage(RUSAGE_SELF, &used);
    const auto seconds = [](const timeval& time) {
        return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
    };
    return seconds(used.ru_utime) + seconds(used.ru_stime);
}

void fill(event_batch& batch, std::int64_t now_ns, int first, int count) {
    static const std::string filler(150, 'x');
    for (int i = 0; i < count; ++i) {
        event& made = batch.add(now_ns);
        value host = value::new_map(batch.memory);
        host.as_map().append(batch.memory, "name", value::of(std::string_view("machine-1")));
        made.set("host", host);
        made.set("path", value::of(std::string_view("/var/log/service/application.log")));
        made.set(
            "message", value::of(batch.memory.copy(fmt::format("line {} {}", first + i, filler)))
        );
        made.origin = {
            .stream = "AAAAAAAAAAAAAAAAAAAAAA/0", .position = first + i, .topic = "logs"};
    }
}

int run(int argument_count, char** given) {
    if (argument_count < 4) {
        std::fputs("usage: sink_load URL COUNT WORKERS [SETTING=VALUE...]\n", stderr);
        return 2;
    }
    const int count = std::stoi(given[2]);
    const int workers = std::stoi(given[3]);
    plugin_options options("elasticsearch output", sinks::elasticsearch_settings);
    options.set("hosts", {std::string(given[1]), {}});
    for (int i = 4; i < argument_count; ++i) {
        const std::string text = given[i];
        const auto equals = text.find('=');
        options.set(text.substr(0, equals), {text.substr(equals + 1), {}});
    }
    for (const settings_problem& each : options.problems()) {
        fmt::print(stderr, "{}\n", each.text);
        return 78;
    }
    real_clock time;
    metrics counters;
    printing_letters letters;
    plugin_context context{options, {}, time, counters, logger::named("elasticsearch")};
    context.dead_letters = &letters;
    auto made = sinks::elasticsearch_output.make(context);
    if (made.has_error()) {
        fmt::print(stderr, "{}\n", made.error().text());
        return 78;
    }
    output& to = **made;
    if (to.start().has_error()) {
        return 1;
    }
    std::atomic<int> next{0};
    std::atomic<int> delivered{0};
    std::atomic<int> lost{0};
    std::atomic<std::int64_t> own_ns{0};
    constexpr int batch_size = 1000;
    const auto begin = time.steady();
    const double cpu_begin = cpu_seconds();
    const auto work = [&](std::uint64_t key) {
        for (int first = next.fetch_add(batch_size); first < count;
             first = next.fetch_add(batch_size)) {
            timespec before{};
            timespec after{};
            clock_gettime(CLOCK_THREAD_CPUTIME_ID, &before);
            const int size = std::min(batch_size, count - first);
            event_batch batch;
            batch.order_key = key;
            fill(batch, time.wall().count(), first, size);
            selection chosen;
            for (int i = 0; i < size; ++i) {
                chosen.push_back(static_cast<std::uint32_t>(i));
            }
            clock_gettime(CLOCK_THREAD_CPUTIME_ID, &after);
            own_ns +=
                (after.tv_sec - before.tv_sec) * 1'000'000'000 + after.tv_nsec - before.tv_nsec;
            to.write(batch, chosen, ack_token([&, size](ack_verdict verdict) {
                         (verdict == ack_verdict::delivered ? delivered : lost) += size;
                     }));
        }
    };
    std::vector<std::thread> threads;
    for (int i = 0; i < workers; ++i) {
        threads.emplace_back(work, static_cast<std::uint64_t>(i));
    }
    for (std::thread& each : threads) {
        each.join();
    }
    to.finish(std::chrono::minutes(10));
    const double took = std::chrono::duration<double>(time.steady() - begin).count();
    const double cpu = cpu_seconds() - cpu_begin - static_cast<double>(own_ns) / 1e9;
    rusage used{};
    getrusage(RUSAGE_SELF, &used);
    fmt::print(
        "docs/s={:.0f} us_cpu_per_doc={:.3f} delivered={} lost={} dead_letters={} rss_mib={} "
        "bytes_per_doc={}\n",
        count / took,
        cpu / count * 1e6,
        delivered.load(),
        lost.load(),
        letters.count.load(),
        used.ru_maxrss / 1024,
        counters.sum("logboom_elasticsearch_body_bytes_total") / count
    );
    return delivered == count ? 0 : 1;
}

} // namespace

int main(int count, char** given) {
    try {
        return run(count, given);
    } catch (const std::exception& why) {
        std::fprintf(stderr, "sink_load: %s\n", why.what());
        return 1;
    }
}
