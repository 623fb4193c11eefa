// Inflating a gzip file piece by piece, also while it is being written.
#include "agent/file/gzip_source.h"

#include "agent/errc.h"

#include <algorithm>

namespace logboom::agent {
namespace {

constexpr std::size_t compressed_at_once = std::size_t{128} * 1024;
/// The largest window, and a gzip header.
constexpr int window_bits = 15 + 16;
constexpr unsigned char magic_first = 0x1f;

} // namespace

gzip_source::gzip_source(std::unique_ptr<file_source> compressed)
    : compressed_(std::move(compressed)), buffer_(compressed_at_once) {
    if (inflateInit2(&stream_, window_bits) != Z_OK) {
        throw std::bad_alloc();
    }
}

gzip_source::~gzip_source() {
    inflateEnd(&stream_);
}

void gzip_source::restart() {
    inflateReset(&stream_);
    stream_.avail_in = 0;
    fetched_ = 0;
    given_ = 0;
    is_between_members_ = false;
    is_over_ = false;
    is_damaged_ = false;
}

result<std::size_t> gzip_source::read(char* into, std::size_t size, std::int64_t at) {
    LB_CHECK(skip_to(at));
    return given_ < at ? 0 : inflate_into(into, size);
}

result<void> gzip_source::skip_to(std::int64_t at) {
    if (at < given_) {
        restart();
    }
    std::vector<char> dropped(given_ < at ? compressed_at_once : 0);
    while (given_ < at) {
        const auto left = static_cast<std::size_t>(at - given_);
        LB_TRY(
            const std::size_t count, inflate_into(dropped.data(), std::min(left, dropped.size()))
        );
        if (count == 0) {
            break;
        }
    }
    return {};
}

result<bool> gzip_source::refill() {
    LB_TRY(
        const std::size_t count,
        compressed_->read(reinterpret_cast<char*>(buffer_.data()), buffer_.size(), fetched_)
    );
    fetched_ += static_cast<std::int64_t>(count);
    stream_.next_in = buffer_.data();
    stream_.avail_in = static_cast<unsigned>(count);
    return count > 0;
}

void gzip_source::begin_member() {
    // Tapes and block devices pad with zeros.
    while (stream_.avail_in > 0 && *stream_.next_in == 0) {
        ++stream_.next_in;
        --stream_.avail_in;
    }
    if (stream_.avail_in == 0) {
        return;
    }
    if (*stream_.next_in != magic_first) {
        is_over_ = true;
        return;
    }
    inflateReset(&stream_);
    is_between_members_ = false;
}

result<std::size_t> gzip_source::inflate_into(char* into, std::size_t size) {
    stream_.next_out = reinterpret_cast<unsigned char*>(into);
    stream_.avail_out = static_cast<unsigned>(size);
    while (stream_.avail_out > 0 && !is_over_ && !is_damaged_) {
        if (stream_.avail_in == 0) {
            LB_TRY(const bool has_more, refill());
            if (!has_more) {
                break;
            }
        }
        if (is_between_members_) {
            begin_member();
            continue;
        }
        const int outcome = inflate(&stream_, Z_NO_FLUSH);
        if (outcome == Z_STREAM_END) {
            is_between_members_ = true;
        } else if (outcome != Z_OK && outcome != Z_BUF_ERROR) {
            is_damaged_ = true;
        }
    }
    const std::size_t count = size - stream_.avail_out;
    given_ += static_cast<std::int64_t>(count);
    if (count == 0 && is_damaged_) {
        return error(errc::damaged_archive, stream_.msg == nullptr ? "" : stream_.msg);
    }
    return count;
}

} // namespace logboom::agent
