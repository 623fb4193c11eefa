// One connection: from readable bytes to handlers, and from their answers to the socket, in order.
#include "buffer/broker/net/connection.h"

#include "buffer/broker/net/wrong_protocol.h"
#include "codecs/kafka/messages/18_api_versions.h"

#include <boost/asio/post.hpp>
#include <fmt/format.h>

#include <cerrno>
#include <sys/socket.h>
#include <sys/uio.h>

namespace logboom::broker {
namespace {

/// Reads in a row before others get their turn.
constexpr int reads_per_turn = 4;
/// Sends in a row, so that a fast reader does not hold the loop.
constexpr int sends_per_turn = 64;

bool would_block() {
    return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
}

} // namespace

/// One request's place in the order of answers, shared by the connection and the reply.
struct connection::slot final : response_sink {
    explicit slot(connection& of) : owner(&of) {}

    void send(encoded_response&& made) override {
        answer = std::move(made);
        finish();
    }
    void send_nothing() override {
        answerless = true;
        finish();
    }
    void close(std::string reason) override {
        if (owner != nullptr) {
            owner->refuse(reason);
        }
    }
    [[nodiscard]] bool connected() const noexcept override { return owner != nullptr; }
    void on_disconnect(std::function<void()> call) override { disconnected = std::move(call); }

    void finish() {
        done = true;
        disconnected = nullptr;
        if (owner != nullptr) {
            owner->answered();
        }
    }

    /// Nobody once the connection is closed.
    connection* owner;
    bool done = false;
    bool answerless = false;
    encoded_response answer;
    std::function<void()> disconnected;
    /// Of a request that a handler answers.
    const histogram* duration = nullptr;
    clock::duration came_at{};
};

connection::connection(
    connection_context& shared, boost::asio::ip::tcp::socket socket, client_info client
)
    : shared_(shared)
    , socket_(std::move(socket))
    , client_(std::move(client))
    , frames_(shared.budget, shared.limits.frame_size_max)
    , last_activity_(shared.time.steady()) {}

connection::~connection() {
    for (const auto& each : slots_) {
        each->owner = nullptr;
    }
}

void connection::start() {
    boost::system::error_code ignored;
    socket_.non_blocking(true, ignored);
    socket_.set_option(boost::asio::ip::tcp::no_delay(true), ignored);
    wait_readable();
}

std::optional<clock::duration> connection::frame_began() const noexcept {
    return frames_.is_inside_frame() ? std::optional(frame_began_) : std::nullopt;
}

void connection::finish() {
    finishing_ = true;
    if (slots_.empty() && out_.empty()) {
        close("the broker is stopping");
    }
}

void connection::close(const std::string& reason) {
    if (!open_) {
        return;
    }
    open_ = false;
    shared_.messages.debug("A connection ended. client={} reason={}", client_.name, reason);
    boost::system::error_code ignored;
    socket_.close(ignored);
    const auto abandoned = std::move(slots_);
    slots_.clear();
    out_.clear();
    const auto keep = shared_from_this();
    for (const auto& each : abandoned) {
        each->owner = nullptr;
    }
    for (const auto& each : abandoned) {
        if (const auto call = std::move(each->disconnected)) {
            call();
        }
    }
    shared_.on_closed(*this);
}

void connection::refuse(const std::string& sentence) {
    if (!open_) {
        return;
    }
    shared_.refused.add();
    shared_.grumbles.warn(
        client_.host, fmt::format("Closed a connection: {}. client={}", sentence, client_.name)
    );
    close(sentence);
}

void connection::wait_readable() {
    if (!open_ || reading_ || starved_ || finishing_) {
        return;
    }
    reading_ = true;
    socket_.async_wait(
        boost::asio::ip::tcp::socket::wait_read,
        [self = shared_from_this()](const boost::system::error_code& code) {
            self->reading_ = false;
            if (!code) {
                self->on_readable();
            }
        }
    );
}

void connection::wait_writable() {
    if (!open_ || writing_) {
        return;
    }
    writing_ = true;
    socket_.async_wait(
        boost::asio::ip::tcp::socket::wait_write,
        [self = shared_from_this()](const boost::system::error_code& code) {
            self->writing_ = false;
            if (!code && self->open_) {
                self->flush();
                if (!self->must_pause()) {
                    self->on_readable();
                }
            }
        }
    );
}

bool connection::must_pause() const noexcept {
    return slots_.size() >= shared_.limits.unanswered_max ||
           out_.held() >= shared_.limits.unsent_max;
}

void connection::on_readable() {
    if (!open_ || finishing_ || busy_) {
        return;
    }
    const auto keep = shared_from_this();
    busy_ = true;
    dispatch_frames();
    for (int i = 0; i < reads_per_turn && open_ && !must_pause(); ++i) {
        if (!receive_some()) {
            break;
        }
    }
    busy_ = false;
    const bool was_paused = must_pause();
    flush();
    // A paused connection is woken by what it is waiting for: see answered() and wait_writable().
    if (!open_ || must_pause()) {
        return;
    }
    was_paused ? resume() : wait_readable();
}

bool connection::receive_some() {
    if (!shared_.budget.may_read(frames_.held())) {
        starved_ = true;
        shared_.budget.wait([weak = weak_from_this()] {
            if (const auto self = weak.lock()) {
                self->starved_ = false;
                self->wait_readable();
            }
        });
        return false;
    }
    const auto into = frames_.buffers(shared_.scratch);
    iovec vectors[2];
    msghdr message{};
    message.msg_iov = vectors;
    for (const mutable_bytes each : into) {
        if (!each.empty()) {
            vectors[message.msg_iovlen++] = {each.data(), each.size()};
        }
    }
    const ssize_t size = ::recvmsg(socket_.native_handle(), &message, 0);
    if (size <= 0) {
        if (size < 0 && would_block()) {
            return false;
        }
        close(size == 0 ? "the client closed it" : std::strerror(errno));
        return false;
    }
    const bool was_inside = frames_.is_inside_frame();
    frames_.received(static_cast<std::size_t>(size));
    shared_.received_bytes.add(size);
    last_activity_ = shared_.time.steady();
    dispatch_frames();
    frames_.stash();
    if (frames_.is_inside_frame() && !was_inside) {
        frame_began_ = last_activity_;
    }
    const std::size_t room = into[0].size() + into[1].size();
    return static_cast<std::size_t>(size) == room;
}

void connection::dispatch_frames() {
    while (open_ && !must_pause()) {
        const auto frame = frames_.next();
        if (!frame) {
            break;
        }
        spoke_ = true;
        frame_began_ = last_activity_;
        dispatch(*frame);
    }
    if (open_ && frames_.status() != frame_assembler::verdict::fine) {
        explain_bad_frame();
    }
}

void connection::explain_bad_frame() {
    const std::string_view found = frames_.offending();
    if (const char* guess = spoke_ ? nullptr : guess_protocol(found)) {
        refuse(fmt::format(
            "this looks like {}, but this is a port for Kafka clients; check the client's address "
            "and protocol",
            guess
        ));
        return;
    }
    const auto size =
        kafka::load_big_endian<std::int32_t>(reinterpret_cast<const std::byte*>(found.data()));
    refuse(
        frames_.status() == frame_assembler::verdict::too_small
            ? fmt::format("a request of {} bytes is too small to be one", size)
            : fmt::format(
                  "a request of {} bytes is larger than socket.request.max.bytes={}",
                  size,
                  shared_.limits.frame_size_max
              )
    );
}

void connection::dispatch(mutable_bytes frame) {
    shared_.requests.add();
    kafka::wire_reader from(frame);
    raw_request call;
    call.client = &client_;
    call.header = kafka::read_header_start(from);
    const handler_table::entry* handler = shared_.handlers.find(call.header.api_key);
    if (handler == nullptr) {
        refuse(fmt::format("api key {} is not offered here", call.header.api_key));
        return;
    }
    if (!handler->spec.speaks(call.header.version)) {
        if (handler->spec.key == kafka::api_versions_api::spec.key) {
            answer_version_refusal(call.header);
            return;
        }
        refuse(fmt::format(
            "{} version {} is not offered here, only {} to {}",
            handler->spec.name,
            call.header.version.value(),
            handler->spec.version_min,
            handler->spec.version_max
        ));
        return;
    }
    dispatch_to(*handler, call, from);
}

void connection::dispatch_to(
    const handler_table::entry& handler, raw_request& call, kafka::wire_reader& from
) {
    kafka::read_header_rest(from, handler.spec.flexible(call.header.version), call.header);
    if (from.failed()) {
        refuse(fmt::format("a {} request has a malformed header", handler.spec.name));
        return;
    }
    const bytes_view body = from.take(from.remaining());
    // The frame is ours and writable; the reader only sees it as const.
    call.body = {const_cast<std::byte*>(body.data()), body.size()};
    auto place = std::make_shared<slot>(*this);
    const auto key = static_cast<std::size_t>(handler.spec.key);
    LB_ASSERT(key < shared_.durations.size() && shared_.durations[key]);
    place->duration = &*shared_.durations[key];
    place->came_at = last_activity_;
    slots_.push_back(place);
    shared_.messages.debug(
        "A request came. api={} version={} client={} client_id={}",
        handler.spec.name,
        call.header.version.value(),
        client_.name,
        call.header.client_id.value_or("")
    );
    handler.call(
        call, reply_base(std::move(place), call.header.correlation_id, call.header.version)
    );
}

void connection::answer_version_refusal(const kafka::request_header& header) {
    constexpr std::int16_t unsupported_version = 35;
    auto place = std::make_shared<slot>(*this);
    slots_.push_back(place);
    reply<kafka::api_versions_api> answer(
        reply_base(std::move(place), header.correlation_id, header.version)
    );
    const kafka::api_spec& own = kafka::api_versions_api::spec;
    kafka::api_versions_api::response body;
    body.error = unsupported_version;
    body.ranges.push_back({own.key, own.version_min, own.version_max});
    answer.send_as(body, api_version(0));
}

void connection::answered() {
    if (!open_) {
        return;
    }
    const bool was_paused = must_pause();
    while (!slots_.empty() && slots_.front()->done) {
        note_answered(*slots_.front());
        if (!slots_.front()->answerless) {
            out_.add(std::move(slots_.front()->answer));
        }
        slots_.pop_front();
    }
    if (busy_) {
        return;
    }
    const auto keep = shared_from_this();
    flush();
    if (was_paused && open_ && !must_pause()) {
        resume();
    }
}

/// In a turn of its own: whoever answered may be in the middle of a frame in the shared scratch.
void connection::resume() {
    boost::asio::post(socket_.get_executor(), [self = shared_from_this()] { self->on_readable(); });
}

void connection::flush() {
    const auto keep = shared_from_this();
    bool more = true;
    for (int i = 0; i < sends_per_turn && open_ && more && !out_.empty(); ++i) {
        const send_queue::outcome done = out_.send_some(socket_.native_handle());
        more = done.may_go_on;
        if (done.sent > 0) {
            last_activity_ = shared_.time.steady();
            shared_.sent_bytes.add(static_cast<std::int64_t>(done.sent));
        }
        if (!done.failure.empty()) {
            close(done.failure);
        }
    }
    observe_answered();
    if (open_ && !out_.empty()) {
        wait_writable();
    } else if (open_ && finishing_ && slots_.empty()) {
        close("the broker is stopping");
    }
}

void connection::note_answered(const slot& done) {
    if (done.duration == nullptr) {
        return;
    }
    if (!answered_.empty() && answered_.back().duration == done.duration &&
        answered_.back().came_at == done.came_at) {
        ++answered_.back().count;
        return;
    }
    answered_.push_back({done.duration, done.came_at, 1});
}

/// One look at the clock for all of a turn.
void connection::observe_answered() {
    if (answered_.empty()) {
        return;
    }
    const auto now = shared_.time.steady();
    for (const answered_requests& each : answered_) {
        each.duration->observe(now - each.came_at, each.count);
    }
    answered_.clear();
}

} // namespace logboom::broker
