// The answer to one request, on its way. A handler gets it together with the request and answers
// when it can: at once, after the disk, when a group has gathered. Until then the connection goes
// on with the requests behind it, but answers leave in the order in which requests came.
#pragma once

#include "buffer/log/partition_log.h"
#include "codecs/kafka/frame_header.h"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace logboom::broker {

/// Bytes, and the file regions that belong in their gaps (gap.token is the index into `regions`).
struct encoded_response {
    std::string head;
    std::vector<kafka::wire_writer::gap> gaps;
    /// One list of slices for each gap.
    std::vector<std::vector<log::log_slice>> regions;
};

/// Where an answer goes: a place in a connection's queue, or a test. All on the loop.
class response_sink {
  public:
    virtual ~response_sink() = default;
    /// Once; a whole frame, size first.
    virtual void send(encoded_response&& answer) = 0;
    /// Once, instead of send(): this request gets no answer (acks=0).
    virtual void send_nothing() = 0;
    /// Once, instead of send(): the connection ends; `reason` goes to the log.
    virtual void close(std::string reason) = 0;
    /// False when the client is gone, and nobody will see an answer.
    [[nodiscard]] virtual bool connected() const noexcept = 0;
    /// `call` when the client goes away before the answer was given.
    virtual void on_disconnect(std::function<void()> call) = 0;
};

/// An untyped answer: the sink and what the response header needs. Move-only. One that is dropped
/// unanswered ends the connection, so that no client waits for ever.
class reply_base {
  public:
    reply_base() = default;
    /// The sink may be shared with the connection that keeps its place; the answer is given here.
    reply_base(std::shared_ptr<response_sink> to, std::int32_t correlation_id, api_version version)
        : to_(std::move(to)), correlation_id_(correlation_id), version_(version) {}
    reply_base(reply_base&&) noexcept = default;
    reply_base& operator=(reply_base&& other) noexcept {
        drop();
        to_ = std::move(other.to_);
        correlation_id_ = other.correlation_id_;
        version_ = other.version_;
        return *this;
    }
    reply_base(const reply_base&) = delete;
    reply_base& operator=(const reply_base&) = delete;
    ~reply_base() { drop(); }

    [[nodiscard]] api_version version() const noexcept { return version_; }
    /// Not answered yet.
    [[nodiscard]] bool pending() const noexcept { return to_ != nullptr; }
    [[nodiscard]] bool connected() const noexcept { return to_ && to_->connected(); }
    void on_disconnect(std::function<void()> call) {
        if (to_) {
            to_->on_disconnect(std::move(call));
        }
    }
    void send_nothing() { std::exchange(to_, nullptr)->send_nothing(); }
    void close(std::string reason) { std::exchange(to_, nullptr)->close(std::move(reason)); }

  protected:
    void send_encoded(encoded_response&& answer) {
        std::exchange(to_, nullptr)->send(std::move(answer));
    }
    [[nodiscard]] std::int32_t correlation_id() const noexcept { return correlation_id_; }

  private:
    void drop() noexcept {
        if (to_) {
            std::exchange(to_, nullptr)->close("its handler gave no answer");
        }
    }

    std::shared_ptr<response_sink> to_;
    std::int32_t correlation_id_ = 0;
    api_version version_{0};
};

template <class Api>
class reply : public reply_base {
    /// Most answers are no longer: one allocation.
    static constexpr std::size_t usual_size = 128;

  public:
    reply() = default;
    explicit reply(reply_base base) : reply_base(std::move(base)) {}

    /// `regions` fill the gaps of `body` (record_data::gap_token).
    void send(
        const typename Api::response& body, std::vector<std::vector<log::log_slice>>&& regions = {}
    ) {
        send_as(body, version(), std::move(regions));
    }
    /// In another version than was asked (ApiVersions).
    void send_as(
        const typename Api::response& body,
        api_version as,
        std::vector<std::vector<log::log_slice>>&& regions = {}
    ) {
        kafka::wire_writer to;
        to.reserve(usual_size);
        to.integer<std::int32_t>(0);
        const auto in = kafka::context_of<Api>(as);
        kafka::write_response_header(correlation_id(), Api::spec.key, in.flexible, to);
        kafka::encode(body, in, to);
        to.patch(0, static_cast<std::int32_t>(to.total_size() - sizeof(std::int32_t)));
        std::vector<kafka::wire_writer::gap> gaps = to.take_gaps();
        send_encoded({to.take_buffer(), std::move(gaps), std::move(regions)});
    }
};

} // namespace logboom::broker
