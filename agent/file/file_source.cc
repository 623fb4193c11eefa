#include "agent/file/file_source.h"

#include "agent/errc.h"
#include "agent/file/gzip_source.h"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <unistd.h>
#include <vector>

namespace logboom::agent {
namespace {

class descriptor_source final : public file_source {
  public:
    explicit descriptor_source(int descriptor) : descriptor_(descriptor) {}
    ~descriptor_source() override { ::close(descriptor_); }

    result<std::size_t> read(char* into, std::size_t size, std::int64_t at) override;
    result<blank_run> measure_blank(std::int64_t at, std::int64_t size_max) override;
    [[nodiscard]] result<file_stat> stat() const override { return stat_descriptor(descriptor_); }
    [[nodiscard]] writers find_writers() const override;

  private:
    int descriptor_;
};

result<std::size_t> descriptor_source::read(char* into, std::size_t size, std::int64_t at) {
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

result<blank_run> descriptor_source::measure_blank(std::int64_t at, std::int64_t size_max) {
    constexpr std::size_t read_size = std::size_t{64} * 1024;
    std::vector<char> buffer(read_size);
    blank_run out;
    while (out.nuls < size_max) {
        const std::int64_t from = at + out.size();
        const auto data = ::lseek(descriptor_, from, SEEK_DATA);
        if (data < 0 && errno == ENXIO) {
            LB_TRY(const file_stat found, stat());
            out.holes += std::max<std::int64_t>(found.size - from, 0);
            out.is_last = true;
            return out;
        }
        // Not every file system can tell.
        const std::int64_t hole = std::max<std::int64_t>(data - from, 0);
        LB_TRY(const std::size_t count, read(buffer.data(), buffer.size(), from + hole));
        out.holes += hole;
        const std::string_view found(buffer.data(), count);
        const std::size_t text = found.find_first_not_of('\0');
        out.nuls += static_cast<std::int64_t>(std::min(text, count));
        out.is_over = text != std::string_view::npos;
        out.is_last = count == 0;
        if (out.is_over || out.is_last) {
            return out;
        }
    }
    return out;
}

writers descriptor_source::find_writers() const {
    // On a network file system the writers may be on other machines.
    if (is_remote(descriptor_)) {
        return writers::unknown;
    }
    // The kernel gives a read lease only while nobody writes. Who opens the file before it is given
    // back makes a signal, which by default would end the process.
    ::fcntl(descriptor_, F_SETSIG, SIGURG);
    if (::fcntl(descriptor_, F_SETLEASE, F_RDLCK) == 0) {
        ::fcntl(descriptor_, F_SETLEASE, F_UNLCK);
        return writers::none;
    }
    return errno == EAGAIN ? writers::some : writers::unknown;
}

} // namespace

result<std::unique_ptr<file_source>> file_source::open(const std::string& path, bool is_archive) {
    const int descriptor = ::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (descriptor < 0) {
        return last_os_error(path);
    }
    std::unique_ptr<file_source> made = std::make_unique<descriptor_source>(descriptor);
    LB_TRY(const auto found, made->stat());
    if (!found.is_regular) {
        return error(errc::not_a_regular_file, path);
    }
    if (is_archive) {
        made = std::make_unique<gzip_source>(std::move(made));
    }
    return made;
}

std::unique_ptr<file_source>
file_source::open_known(const std::string& path, const file_identity& identity) {
    auto source = open(path, false);
    if (source.has_error()) {
        return nullptr;
    }
    const auto found = (*source)->stat();
    const bool is_it = found.has_value() && found->identity == identity;
    return is_it ? *std::move(source) : nullptr;
}

} // namespace logboom::agent
