// One client's connection: reads frames, calls handlers in the order of arrival, writes answers in
// that same order. Handlers may answer later; meanwhile the connection goes on reading until too
// many answers are owed or too many bytes wait to be sent. Everything runs on the loop, without
// suspending where the socket is ready; file regions leave by sendfile(2).
//
// Shared: kept alive by the server's list and by its own socket waits. Closed once, for any reason.
#pragma once

#include "base/metrics.h"
#include "buffer/broker/core/complaints.h"
#include "buffer/broker/core/handler_table.h"
#include "buffer/broker/net/frame_assembler.h"
#include "buffer/broker/net/send_queue.h"

#include <boost/asio/ip/tcp.hpp>

#include <deque>
#include <memory>
#include <optional>
#include <vector>

namespace logboom::broker {

struct connection_limits {
    /// socket.request.max.bytes.
    std::size_t frame_size_max{};
    /// Requests read and not answered yet.
    std::size_t unanswered_max = 512;
    /// Bytes of answers in memory that the client has not taken.
    std::size_t unsent_max = 4 << 20;
};

/// What all connections of a server share; outlives them.
struct connection_context {
    const handler_table& handlers;
    memory_budget& budget;
    complaints& grumbles;
    const clock& time;
    logger messages;
    /// Where everybody reads to; see frame_assembler.
    mutable_bytes scratch;
    connection_limits limits;
    counter requests;
    counter refused;
    counter received_bytes;
    counter sent_bytes;
    /// From the arrival of a request to when its answer is handed to the kernel. By api key, of
    /// those that are offered.
    std::vector<std::optional<histogram>> durations;
    /// The connection is closed and may go.
    std::function<void(const class connection&)> on_closed;
};

class connection : public std::enable_shared_from_this<connection> {
  public:
    connection(connection_context& shared, boost::asio::ip::tcp::socket socket, client_info client);
    ~connection();

    void start();
    /// Takes no more requests; closes when the answers that are owed have left.
    void finish();
    /// At once. `reason` is for the debug log.
    void close(const std::string& reason);

    [[nodiscard]] bool is_open() const noexcept { return open_; }
    [[nodiscard]] const client_info& client() const noexcept { return client_; }
    /// When something last came or left, on the steady clock.
    [[nodiscard]] clock::duration last_activity() const noexcept { return last_activity_; }
    /// When the frame that is not whole yet began; nothing when there is none.
    [[nodiscard]] std::optional<clock::duration> frame_began() const noexcept;
    /// No request waits for an answer.
    [[nodiscard]] bool is_idle() const noexcept { return slots_.empty(); }

  private:
    struct slot;
    struct answered_requests {
        const histogram* duration;
        clock::duration came_at;
        std::int64_t count;
    };

    void wait_readable();
    void wait_writable();
    void on_readable();
    /// False when there is nothing more to read for now.
    bool receive_some();
    void dispatch_frames();
    void dispatch(mutable_bytes frame);
    void
    dispatch_to(const handler_table::entry& handler, raw_request& call, kafka::wire_reader& from);
    void answer_version_refusal(const kafka::request_header& header);
    [[nodiscard]] bool must_pause() const noexcept;
    void answered();
    void resume();
    void flush();
    void note_answered(const slot& done);
    void observe_answered();
    void refuse(const std::string& sentence);
    void explain_bad_frame();

    connection_context& shared_;
    boost::asio::ip::tcp::socket socket_;
    client_info client_;
    frame_assembler frames_;
    std::deque<std::shared_ptr<slot>> slots_;
    send_queue out_;
    clock::duration last_activity_{};
    clock::duration frame_began_{};
    /// Answered since the clock was last looked at; requests that came together are one.
    std::vector<answered_requests> answered_;
    bool open_ = true;
    bool finishing_ = false;
    bool reading_ = false;
    bool writing_ = false;
    bool busy_ = false;
    bool starved_ = false;
    bool spoke_ = false;
};

} // namespace logboom::broker
