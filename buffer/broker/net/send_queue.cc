#include "buffer/broker/net/send_queue.h"

#include "base/assertion.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/uio.h>

namespace logboom::broker {
namespace {

/// Of a region, in one call.
constexpr std::size_t region_chunk = 1 << 20;
constexpr std::size_t vectors_max = 64;
/// A larger string is sent from where it is instead of being joined with its neighbour.
constexpr std::size_t join_size_max = 32 << 10;

constexpr const char* file_too_short = "a file ended before its records did";

send_queue::outcome failed_send() {
    if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR) {
        return {};
    }
    return {.failure = std::strerror(errno)};
}

} // namespace

void send_queue::add_bytes(std::string_view bytes) {
    if (!items_.empty() && !items_.back().is_file() && items_.back().bytes.size() < join_size_max) {
        items_.back().bytes.append(bytes);
    } else {
        items_.push_back({std::string(bytes), {}, 0});
    }
    held_ += bytes.size();
}

void send_queue::add(encoded_response&& answer) {
    if (answer.gaps.empty() && answer.head.size() >= join_size_max) {
        held_ += answer.head.size();
        items_.push_back({std::move(answer.head), {}, 0});
        return;
    }
    const std::string_view head = answer.head;
    std::size_t begun = 0;
    for (const kafka::wire_writer::gap& gap : answer.gaps) {
        add_bytes(head.substr(begun, gap.position - begun));
        begun = gap.position;
        for (log::log_slice& slice : answer.regions.at(gap.token)) {
            items_.push_back({{}, std::move(slice), 0});
        }
    }
    add_bytes(head.substr(begun));
}

send_queue::outcome send_queue::send_some(int socket) {
    LB_ASSERT(!items_.empty());
    if (!items_.front().is_file()) {
        return send_bytes(socket);
    }
    return items_.front().region.source->descriptor() < 0 ? load_region() : send_region(socket);
}

send_queue::outcome send_queue::send_bytes(int socket) {
    iovec vectors[vectors_max];
    msghdr message{};
    message.msg_iov = vectors;
    std::size_t offered = 0;
    bool region_follows = false;
    for (item& each : items_) {
        region_follows = each.is_file();
        if (region_follows || message.msg_iovlen == vectors_max) {
            break;
        }
        const std::size_t left = each.bytes.size() - each.sent;
        vectors[message.msg_iovlen++] = {each.bytes.data() + each.sent, left};
        offered += left;
    }
    const int flags = MSG_NOSIGNAL | (region_follows ? MSG_MORE : 0);
    const ssize_t sent = ::sendmsg(socket, &message, flags);
    if (sent < 0) {
        return failed_send();
    }
    drop_sent(static_cast<std::size_t>(sent));
    return {static_cast<std::size_t>(sent), static_cast<std::size_t>(sent) == offered, {}};
}

void send_queue::drop_sent(std::size_t size) {
    LB_ASSERT(size <= held_);
    held_ -= size;
    while (!items_.empty() && !items_.front().is_file()) {
        const std::size_t rest = items_.front().bytes.size() - items_.front().sent;
        if (size < rest) {
            items_.front().sent += size;
            break;
        }
        size -= rest;
        items_.pop_front();
    }
}

send_queue::outcome send_queue::load_region() {
    item& front = items_.front();
    const std::size_t chunk = std::min(front.region.length - front.sent, region_chunk);
    std::string copy(chunk, '\0');
    const mutable_bytes into(reinterpret_cast<std::byte*>(copy.data()), copy.size());
    const auto read = front.region.source->pread(into, front.region.position + front.sent);
    if (read.has_error() || *read != chunk) {
        return {.failure = file_too_short};
    }
    front.sent += chunk;
    if (front.sent == front.region.length) {
        items_.pop_front();
    }
    held_ += copy.size();
    items_.push_front({std::move(copy), {}, 0});
    return {.may_go_on = true};
}

send_queue::outcome send_queue::send_region(int socket) {
    item& front = items_.front();
    const std::size_t chunk = std::min(front.region.length - front.sent, region_chunk);
    auto position = static_cast<off_t>(front.region.position + front.sent);
    const ssize_t sent = ::sendfile(socket, front.region.source->descriptor(), &position, chunk);
    if (sent == 0) {
        return {.failure = file_too_short};
    }
    if (sent < 0) {
        return failed_send();
    }
    front.sent += static_cast<std::size_t>(sent);
    if (front.sent == front.region.length) {
        items_.pop_front();
    }
    return {static_cast<std::size_t>(sent), static_cast<std::size_t>(sent) == chunk, {}};
}

} // namespace logboom::broker
