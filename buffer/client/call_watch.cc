#include "buffer/client/call_watch.h"

namespace logboom::client {
namespace {

using namespace std::chrono_literals;

constexpr int poll_ms = 50;
constexpr auto bearable_call = 1s;

} // namespace

call_watch::call_watch(
    rd_kafka_t* client,
    const connection_trouble& trouble,
    std::string servers,
    waiting_notice notice
)
    : client_(client)
    , trouble_(trouble)
    , servers_(std::move(servers))
    , notice_(std::move(notice))
    , thread_([this](const std::stop_token& stop) { run(stop); }) {}

void call_watch::run(const std::stop_token& stop) {
    time said;
    while (!stop.stop_requested()) {
        rd_kafka_poll(client_, poll_ms);
        time begin;
        {
            const std::lock_guard lock(mutex_);
            begin = begin_;
        }
        if (begin == time() || begin == said || !notice_ ||
            std::chrono::steady_clock::now() - begin < bearable_call) {
            continue;
        }
        said = begin;
        const std::string cause = trouble_.cause();
        notice_(cause.empty() ? "an answer from " + servers_ : cause);
    }
}

} // namespace logboom::client
