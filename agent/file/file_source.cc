#include "agent/file/file_source.h"

#include "agent/errc.h"
#include "agent/file/gzip_source.h"

#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <unistd.h>

namespace logboom::agent {
namespace {

class descriptor_source final : public file_source {
  public:
    explicit descriptor_source(int descriptor) : descriptor_(descriptor) {}
    ~descriptor_source() override { ::close(descriptor_); }

    result<std::size_t> read(char* into, std::size_t size, std::int64_t at) override;
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
