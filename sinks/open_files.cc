// The files of the file output: opened, noticed when gone, flushed, closed when idle.
#include "sinks/open_files.h"

#include "base/assertion.h"
#include "base/env.h"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace logboom {
namespace {

/// zlib's window for a gzip header instead of its own.
constexpr int gzip_window_bits = 15 + 16;
constexpr int gzip_memory_level = 8;
constexpr std::size_t piece_size = std::size_t{64} * 1024;

result<void> make_directories(const std::string& path, int mode) {
    if (path.empty() || path == "/") {
        return {};
    }
    if (::mkdir(path.c_str(), 0777) == 0) {
        if (mode >= 0 && ::chmod(path.c_str(), static_cast<mode_t>(mode)) != 0) {
            return last_os_error(path);
        }
        return {};
    }
    if (errno == EEXIST) {
        return {};
    }
    if (errno != ENOENT) {
        return last_os_error(path);
    }
    LB_CHECK(make_directories(parent_path(path), mode));
    if (::mkdir(path.c_str(), 0777) != 0 && errno != EEXIST) {
        return last_os_error(path);
    }
    if (mode >= 0 && ::chmod(path.c_str(), static_cast<mode_t>(mode)) != 0) {
        return last_os_error(path);
    }
    return {};
}

} // namespace

class open_files::one_file {
  public:
    one_file(int descriptor, const struct stat& about, const file_options& options)
        : descriptor_(descriptor)
        , device_(about.st_dev)
        , inode_(about.st_ino)
        , overwrites_(options.overwrites) {
        if (options.gzip) {
            stream_ = std::make_unique<z_stream>();
            begin_member();
        }
    }
    ~one_file() {
        if (stream_) {
            if (!overwrites_) {
                end_member();
                static_cast<void>(drain());
            }
            deflateEnd(stream_.get());
        }
        ::close(descriptor_);
    }
    one_file(const one_file&) = delete;
    one_file& operator=(const one_file&) = delete;

    [[nodiscard]] bool is_at(const std::string& path) const {
        struct stat about {};
        return ::stat(path.c_str(), &about) == 0 && about.st_dev == device_ &&
               about.st_ino == inode_;
    }

    result<void> write(std::string_view& text) {
        LB_CHECK(drain());
        if (overwrites_) {
            return replace(text);
        }
        if (!stream_) {
            return write_out(text);
        }
        while (!text.empty()) {
            const std::string_view piece = text.substr(0, piece_size);
            const bool is_last = piece.size() == text.size();
            compress(piece, is_last ? Z_SYNC_FLUSH : Z_NO_FLUSH);
            text.remove_prefix(piece.size());
            LB_CHECK(drain());
        }
        return {};
    }

    std::uint64_t last_write = 0;
    bool is_active = true;

  private:
    void begin_member() {
        if (stream_->state != nullptr) {
            deflateEnd(stream_.get());
        }
        *stream_ = {};
        const int code = deflateInit2(
            stream_.get(),
            Z_DEFAULT_COMPRESSION,
            Z_DEFLATED,
            gzip_window_bits,
            gzip_memory_level,
            Z_DEFAULT_STRATEGY
        );
        LB_ASSERT(code == Z_OK);
    }
    void end_member() { compress({}, Z_FINISH); }
    /// Into compressed_, which drain() writes: so that an error of the disk loses nothing.
    void compress(std::string_view text, int flush) {
        std::array<char, piece_size> buffer{};
        stream_->next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
        stream_->avail_in = static_cast<uInt>(text.size());
        do {
            stream_->next_out = reinterpret_cast<Bytef*>(buffer.data());
            stream_->avail_out = static_cast<uInt>(buffer.size());
            const int code = deflate(stream_.get(), flush);
            LB_ASSERT(code != Z_STREAM_ERROR);
            compressed_.append(buffer.data(), buffer.size() - stream_->avail_out);
        } while (stream_->avail_out == 0);
    }
    result<void> drain() {
        std::string_view rest = compressed_;
        auto written = write_out(rest);
        compressed_.erase(0, compressed_.size() - rest.size());
        return written;
    }
    result<void> write_out(std::string_view& text) const {
        while (!text.empty()) {
            const ssize_t written = ::write(descriptor_, text.data(), text.size());
            if (written >= 0) {
                text.remove_prefix(static_cast<std::size_t>(written));
            } else if (errno != EINTR) {
                return last_os_error("write");
            }
        }
        return {};
    }
    result<void> replace(std::string_view& text) {
        if (::ftruncate(descriptor_, 0) != 0 || ::lseek(descriptor_, 0, SEEK_SET) != 0) {
            return last_os_error("truncate");
        }
        if (stream_) {
            begin_member();
            compress(text, Z_FINISH);
            std::string_view rest = compressed_;
            auto written = write_out(rest);
            compressed_.clear();
            LB_CHECK(std::move(written));
            text = {};
            return {};
        }
        // After an error the whole is written again.
        std::string_view rest = text;
        LB_CHECK(write_out(rest));
        text = {};
        return {};
    }

    int descriptor_;
    dev_t device_;
    ino_t inode_;
    bool overwrites_;
    std::unique_ptr<z_stream> stream_;
    std::string compressed_;
};

open_files::open_files(const file_options& options) : options_(options) {}
open_files::~open_files() = default;

result<void> open_files::open(const std::string& path) {
    const auto held = files_.find(path);
    if (held != files_.end()) {
        if (held->second->is_at(path)) {
            return {};
        }
        files_.erase(held);
    }
    LB_CHECK(make_directories(parent_path(path), options_.directory_mode));
    const int append = options_.overwrites ? 0 : O_APPEND;
    const int mode = options_.file_mode >= 0 ? options_.file_mode : 0666;
    const int descriptor =
        ::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | append, static_cast<mode_t>(mode));
    if (descriptor < 0) {
        return last_os_error(path);
    }
    struct stat about {};
    if (::fstat(descriptor, &about) != 0) {
        auto why = last_os_error(path);
        ::close(descriptor);
        return why;
    }
    if (files_.size() >= options_.open_max) {
        close_oldest();
    }
    files_.emplace(path, std::make_unique<one_file>(descriptor, about, options_));
    return {};
}

result<void> open_files::write(const std::string& path, std::string_view& text) {
    const auto held = files_.find(path);
    LB_ASSERT(held != files_.end());
    held->second->last_write = ++writes_;
    held->second->is_active = true;
    return held->second->write(text);
}

void open_files::close_oldest() {
    const auto oldest =
        std::min_element(files_.begin(), files_.end(), [](const auto& left, const auto& right) {
            return left.second->last_write < right.second->last_write;
        });
    files_.erase(oldest);
}

void open_files::close_stale() {
    for (auto each = files_.begin(); each != files_.end();) {
        if (each->second->is_active) {
            each->second->is_active = false;
            ++each;
        } else {
            each = files_.erase(each);
        }
    }
}

void open_files::close_all() {
    files_.clear();
}

} // namespace logboom
