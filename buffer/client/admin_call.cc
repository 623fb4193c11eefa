#include "buffer/client/admin_call.h"

#include "buffer/client/errc.h"

#include <array>

namespace logboom::client {

result<event_handle> call_admin(
    rd_kafka_t* client,
    rd_kafka_admin_op_t operation,
    std::chrono::milliseconds limit,
    const admin_request& request
) {
    const admin_options options(rd_kafka_AdminOptions_new(client, operation));
    const queue_handle queue(rd_kafka_queue_new(client));
    std::array<char, 256> text{};
    const auto code = rd_kafka_AdminOptions_set_request_timeout(
        options.get(), static_cast<int>(limit.count()), text.data(), text.size()
    );
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR) {
        return kafka_error(code, text.data());
    }
    request(options.get(), queue.get());
    // The library's own time-out comes first; this only bounds the wait for its answer.
    constexpr std::chrono::milliseconds grace{2000};
    event_handle event(rd_kafka_queue_poll(queue.get(), static_cast<int>((limit + grace).count())));
    if (!event) {
        return error(errc::no_broker);
    }
    const rd_kafka_resp_err_t failed = rd_kafka_event_error(event.get());
    if (failed == RD_KAFKA_RESP_ERR__TIMED_OUT || failed == RD_KAFKA_RESP_ERR__TRANSPORT) {
        return error(errc::no_broker);
    }
    if (failed != RD_KAFKA_RESP_ERR_NO_ERROR) {
        return kafka_error(failed, {}, rd_kafka_event_error_string(event.get()));
    }
    return event;
}

} // namespace logboom::client
