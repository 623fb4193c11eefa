// The sender's thread: bulks out, answers to the machine, hosts up and down.
#include "sinks/elasticsearch/sender.h"

#include "sinks/http_client/base64.h"
#include "sinks/http_client/errc.h"

#include <fmt/format.h>
#include <rapidjson/document.h>

#include <algorithm>
#include <limits>

namespace logboom::sinks {
namespace {

constexpr std::int64_t never = std::numeric_limits<std::int64_t>::max();
constexpr std::chrono::milliseconds probe_initial{1000};
constexpr std::chrono::milliseconds probe_timeout{5000};
constexpr std::chrono::milliseconds linger_idle_max{5};

no_answer reason_of(const error& why) {
    if (why.code == http::errc::cannot_connect || why.code == http::errc::tls_failed ||
        why.code == http::errc::bad_url) {
        return no_answer::cannot_connect;
    }
    if (why.code == http::errc::timed_out) {
        return no_answer::timed_out;
    }
    return why.code == http::errc::answer_too_large ? no_answer::answer_too_large
                                                    : no_answer::closed;
}

std::vector<std::string> headers_for(const elasticsearch_options& options, const endpoint& host) {
    std::vector<std::string> out = options.headers;
    out.emplace_back("User-Agent: logboom");
    if (!options.has_authorization && !host.user.empty()) {
        out.push_back(
            "Authorization: Basic " + http::base64_encode(host.user + ":" + host.password)
        );
    }
    return out;
}

} // namespace

sender::sender(parts given)
    : options_(given.options)
    , queue_(given.queue)
    , machine_(std::move(given.machine))
    , counters_(given.counters)
    , time_(given.time)
    , log_(given.log)
    , pool_(
          given.options.hosts.size(),
          std::min<std::chrono::nanoseconds>(probe_initial, given.options.probe_max),
          given.options.probe_max,
          static_cast<std::uint64_t>(given.time.wall().count())
      )
    , client_(given.options.http)
    , lane_host_(given.options.requests_in_flight + 1)
    , deadline_ns_(never) {
    for (const endpoint& host : options_.hosts) {
        host_headers_.push_back(headers_for(options_, host));
    }
}

sender::~sender() {
    finish({});
}

void sender::start() {
    thread_ = std::thread([this] { run(); });
}

void sender::finish(std::chrono::nanoseconds limit) {
    deadline_ns_ = (time_.steady() + limit).count();
    queue_.flush();
    client_.wake();
    if (thread_.joinable()) {
        thread_.join();
    }
    queue_.close();
}

bool sender::is_over(std::chrono::nanoseconds now) const {
    const std::int64_t deadline = deadline_ns_;
    return deadline != never &&
           (now.count() >= deadline || (machine_.is_empty() && queue_.is_empty()));
}

std::optional<std::chrono::nanoseconds> sender::linger() const {
    // While every lane is busy an open bulk has nothing to gain from being sealed.
    if (!machine_.has_free_lane()) {
        return std::nullopt;
    }
    return machine_.is_sending()
               ? options_.linger
               : std::min<std::chrono::nanoseconds>(options_.linger, linger_idle_max);
}

void sender::run() {
    // Says early whether the server is there, and which one it is.
    send_probe(0);
    for (auto now = time_.steady(); !is_over(now); now = time_.steady()) {
        for (bulk_queue::sealed& each : queue_.take(linger())) {
            counters_.body_bytes.add(static_cast<std::int64_t>(each.what->body.size()));
            machine_.add(each.lane, std::move(each.what));
        }
        dispatch(now);
        for (const http::answer& each : client_.poll(time_to_wait(now))) {
            handle(each, time_.steady());
        }
        report_to_queue();
    }
    const std::size_t left = machine_.item_count();
    if (left > 0) {
        counters_.lost.add(static_cast<std::int64_t>(left));
        // What becomes of them is for their input to say.
        log_.warn("Stopped with {} events that Elasticsearch has not confirmed.", left);
    }
    machine_.abandon();
    counters_.in_flight.set(0);
    counters_.unsettled_bytes.set(0);
}

void sender::dispatch(std::chrono::nanoseconds now) {
    while (pool_.has_living()) {
        const auto lane = machine_.next(now);
        if (!lane) {
            break;
        }
        const auto host = pool_.enter();
        LB_ASSERT(host.has_value());
        send_bulk(*lane, *host);
    }
    while (const auto host = pool_.next_probe(now)) {
        send_probe(*host);
    }
}

void sender::send_bulk(std::size_t lane, std::size_t host) {
    const bulk& what = machine_.at(lane);
    http::request request;
    request.tag = lane;
    request.method = "POST";
    request.url = options_.hosts[host].url() + options_.bulk_path;
    request.headers = host_headers_[host];
    request.headers.emplace_back("Content-Type: application/x-ndjson");
    request.headers.push_back(fmt::format("X-Elastic-Event-Count: {}", what.items.size()));
    request.headers.push_back(
        fmt::format("X-Elastic-Uncompressed-Request-Length: {}", what.body.size())
    );
    request.body = what.body;
    if (!what.packed.empty()) {
        request.headers.emplace_back("Content-Encoding: gzip");
        request.body = what.packed;
    }
    request.timeout = options_.timeout;
    counters_.sent_bytes.add(static_cast<std::int64_t>(request.body.size()));
    lane_host_[lane] = host;
    client_.start(request);
}

void sender::send_probe(std::size_t host) {
    http::request request;
    request.tag = probe_tag + host;
    request.method = "GET";
    request.url = options_.hosts[host].url() + options_.probe_path;
    request.headers = host_headers_[host];
    request.timeout = probe_timeout;
    client_.start(request);
}

void sender::handle(const http::answer& answer, std::chrono::nanoseconds now) {
    if (answer.tag >= probe_tag) {
        handle_probe(answer.tag - probe_tag, answer, now);
        return;
    }
    const auto lane = static_cast<std::size_t>(answer.tag);
    const std::size_t host = lane_host_[lane];
    pool_.leave(host);
    if (answer.status != 0) {
        host_answered(host);
        machine_.answered(lane, answer.status, answer.body, now);
        return;
    }
    const no_answer why = reason_of(answer.failure);
    if (why != no_answer::answer_too_large) {
        host_failed(host, answer.failure, now);
    }
    machine_.unanswered(lane, why, answer.failure.text(), now);
}

void sender::handle_probe(
    std::size_t host, const http::answer& answer, std::chrono::nanoseconds now
) {
    if (answer.status == 0) {
        counters_.probe_failures.add();
        host_failed(host, answer.failure, now);
        return;
    }
    // Whatever it says, it is there: some servers know no GET / at all.
    host_answered(host);
    if (!has_said_version_) {
        has_said_version_ = true;
        say_version(host, answer);
    }
}

void sender::host_failed(std::size_t host, const error& why, std::chrono::nanoseconds now) {
    counters_.hosts_up[host].set(0);
    const auto before = pool_.next_probe_at();
    const bool was_alive = pool_.mark_dead(host, now);
    if (was_alive || pool_.next_probe_at() != before) {
        log_.error(
            "No answer from {}: {}; next look in at most {} ms.",
            options_.hosts[host].url(),
            why.text(),
            std::chrono::duration_cast<std::chrono::milliseconds>(pool_.probe_delay(host)).count()
        );
    }
}

void sender::host_answered(std::size_t host) {
    counters_.hosts_up[host].set(1);
    if (pool_.mark_alive(host)) {
        log_.info("{} answers again.", options_.hosts[host].url());
    }
}

void sender::say_version(std::size_t host, const http::answer& answer) const {
    rapidjson::Document parsed;
    parsed.Parse<rapidjson::kParseIterativeFlag>(answer.body.data(), answer.body.size());
    std::string name = "Elasticsearch";
    std::string number;
    if (!parsed.HasParseError() && parsed.IsObject()) {
        const auto version = parsed.FindMember("version");
        if (version != parsed.MemberEnd() && version->value.IsObject()) {
            const auto distribution = version->value.FindMember("distribution");
            const auto text = version->value.FindMember("number");
            if (distribution != version->value.MemberEnd() && distribution->value.IsString()) {
                name = distribution->value.GetString();
            }
            if (text != version->value.MemberEnd() && text->value.IsString()) {
                number = text->value.GetString();
            }
        }
    }
    log_.info(
        "Connected to {} {} at {} (status={}).",
        name,
        number.empty() ? "of unknown version" : number,
        options_.hosts[host].url(),
        answer.status
    );
}

void sender::report_to_queue() {
    if (const std::size_t released = machine_.take_released(); released > 0) {
        queue_.release(released);
    }
    counters_.unsettled_bytes.set(static_cast<std::int64_t>(queue_.unsettled_bytes()));
    if (const auto learnt = machine_.learnt_body_size()) {
        queue_.set_body_size_max(*learnt);
    }
    if (const bool is_full = machine_.retry_lane_is_full(); is_full != is_retry_lane_full_) {
        is_retry_lane_full_ = is_full;
        queue_.set_retry_lane_full(is_full);
        if (is_full) {
            log_.error(
                "{} events wait for a retry; no more are taken until Elasticsearch accepts them.",
                machine_.retry_items()
            );
        }
    }
}

std::chrono::milliseconds sender::time_to_wait(std::chrono::nanoseconds now) const {
    constexpr std::chrono::nanoseconds longest = std::chrono::seconds(1);
    std::chrono::nanoseconds until = now + longest;
    const auto consider = [&](std::optional<std::chrono::nanoseconds> when) {
        until = when ? std::min(until, *when) : until;
    };
    consider(queue_.next_due(linger()));
    consider(pool_.next_probe_at());
    if (pool_.has_living()) {
        consider(machine_.wake_at(now));
    }
    const std::int64_t deadline = deadline_ns_;
    consider(std::chrono::nanoseconds(deadline));
    if (until <= now) {
        return std::chrono::milliseconds(0);
    }
    // Rounded up: waking early would spin until the time has come.
    return std::chrono::ceil<std::chrono::milliseconds>(until - now);
}

} // namespace logboom::sinks
