#include "agent/file/file_source.h"

#include "agent/errc.h"

#include <zlib.h>

#include <cerrno>
#include <fcntl.h>
#include <unistd.h>
#include <vector>

namespace logboom::agent {
namespace {

class descriptor_source final : public file_source {
  public:
    explicit descriptor_source(int descriptor) : descriptor_(descriptor) {}
    ~descriptor_source() override;

    result<void> begin_archive(const std::string& path);
    result<std::size_t> read(char* into, std::size_t size, std::int64_t at) override;
    [[nodiscard]] result<file_stat> stat() const override { return stat_descriptor(descriptor_); }

  private:
    result<std::size_t> read_archive(char* into, std::size_t size, std::int64_t at);

    int descriptor_;
    gzFile_s* archive_ = nullptr;
};

result<void> descriptor_source::begin_archive(const std::string& path) {
    const int second = ::fcntl(descriptor_, F_DUPFD_CLOEXEC, 0);
    archive_ = second < 0 ? nullptr : gzdopen(second, "rb");
    if (archive_ == nullptr) {
        if (second >= 0) {
            ::close(second);
        }
        return last_os_error(path);
    }
    constexpr unsigned buffer_size = 128U * 1024;
    gzbuffer(archive_, buffer_size);
    return {};
}

descriptor_source::~descriptor_source() {
    if (archive_ != nullptr) {
        gzclose_r(archive_);
    }
    ::close(descriptor_);
}

result<std::size_t> descriptor_source::read(char* into, std::size_t size, std::int64_t at) {
    if (archive_ != nullptr) {
        return read_archive(into, size, at);
    }
    while (true) {
        const auto count = ::pread(descriptor_, into, size, at);
        if (count >= 0) {
            return static_cast<std::size_t>(count);
        }
        if (errno != EINTR) {
            return last_os_error("pread");
        }
    }
}

result<std::size_t> descriptor_source::read_archive(char* into, std::size_t size, std::int64_t at) {
    if (gztell(archive_) != at && gzseek(archive_, at, SEEK_SET) != at) {
        return error(errc::damaged_archive);
    }
    const int count = gzread(archive_, into, static_cast<unsigned>(size));
    int code = Z_OK;
    gzerror(archive_, &code);
    if (count < 0 || (count == 0 && code != Z_OK && code != Z_STREAM_END)) {
        return error(errc::damaged_archive);
    }
    return static_cast<std::size_t>(count);
}

} // namespace

result<std::unique_ptr<file_source>> file_source::open(const std::string& path, bool is_archive) {
    const int descriptor = ::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (descriptor < 0) {
        return last_os_error(path);
    }
    auto made = std::make_unique<descriptor_source>(descriptor);
    LB_TRY(const auto found, made->stat());
    if (!found.is_regular) {
        return error(errc::not_a_regular_file, path);
    }
    if (is_archive) {
        LB_CHECK(made->begin_archive(path));
    }
    return std::unique_ptr<file_source>(std::move(made));
}

bool is_archive_valid(const std::string& path) {
    auto source = file_source::open(path, true);
    if (source.has_error()) {
        return false;
    }
    constexpr std::size_t buffer_size = std::size_t{256} * 1024;
    std::vector<char> buffer(buffer_size);
    for (std::int64_t at = 0;;) {
        const auto count = (*source)->read(buffer.data(), buffer.size(), at);
        if (count.has_error() || *count == 0) {
            return count.has_value();
        }
        at += static_cast<std::int64_t>(*count);
    }
}

} // namespace logboom::agent
