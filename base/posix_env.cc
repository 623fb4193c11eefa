// The machine's file system: each call with its errno and path, and what is made with our modes.
#include "base/env.h"

#include <cerrno>
#include <cstdio>
#include <dirent.h>
#include <fcntl.h>
#include <filesystem>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

namespace logboom {
namespace {

class descriptor_guard {
  public:
    explicit descriptor_guard(int fd) noexcept : fd_(fd) {}
    ~descriptor_guard() { ::close(fd_); }
    descriptor_guard(const descriptor_guard&) = delete;
    descriptor_guard& operator=(const descriptor_guard&) = delete;
    [[nodiscard]] int get() const noexcept { return fd_; }

  private:
    int fd_;
};

class posix_file final : public file {
  public:
    posix_file(int fd, std::string path) : fd_(fd), path_(std::move(path)) {}

    result<std::size_t> pread(mutable_bytes into, std::uint64_t at) const override {
        std::size_t done = 0;
        while (done < into.size()) {
            const auto count = ::pread(
                fd_.get(), into.data() + done, into.size() - done, static_cast<off_t>(at + done)
            );
            if (count < 0 && errno == EINTR) {
                continue;
            }
            if (count < 0) {
                return last_os_error(path_);
            }
            if (count == 0) {
                break;
            }
            done += static_cast<std::size_t>(count);
        }
        return done;
    }

    result<void> pwrite(bytes_view from, std::uint64_t at) override {
        std::size_t done = 0;
        while (done < from.size()) {
            const auto count = ::pwrite(
                fd_.get(), from.data() + done, from.size() - done, static_cast<off_t>(at + done)
            );
            if (count < 0 && errno == EINTR) {
                continue;
            }
            if (count < 0) {
                return last_os_error(path_);
            }
            done += static_cast<std::size_t>(count);
        }
        return {};
    }

    result<void> truncate(std::uint64_t size) override {
        if (::ftruncate(fd_.get(), static_cast<off_t>(size)) != 0) {
            return last_os_error(path_);
        }
        return {};
    }

    result<void> sync() override {
        if (::fdatasync(fd_.get()) != 0) {
            return last_os_error(path_);
        }
        return {};
    }

    result<std::uint64_t> size() const override {
        struct stat status {};
        if (::fstat(fd_.get(), &status) != 0) {
            return last_os_error(path_);
        }
        return static_cast<std::uint64_t>(status.st_size);
    }

    int descriptor() const noexcept override { return fd_.get(); }

  private:
    descriptor_guard fd_;
    std::string path_;
};

class posix_lock final : public file_lock {
  public:
    explicit posix_lock(int fd) : fd_(fd) {}

  private:
    descriptor_guard fd_;
};

result<void> make_directory(const std::string& path) {
    if (::mkdir(path.c_str(), directory_mode) == 0) {
        // The umask may have taken something away.
        return ::chmod(path.c_str(), directory_mode) == 0 ? result<void>() : last_os_error(path);
    }
    const int why = errno;
    struct stat status {};
    if (why == EEXIST && ::stat(path.c_str(), &status) == 0 && !S_ISDIR(status.st_mode)) {
        return error(std::make_error_code(std::errc::not_a_directory), path);
    }
    return why == EEXIST ? result<void>() : error({why, std::system_category()}, path);
}

class posix_env final : public env {
  public:
    result<std::unique_ptr<file>> open(const std::string& path, open_mode mode) override {
        int flags = O_CLOEXEC;
        switch (mode) {
        case open_mode::read_only:
            flags |= O_RDONLY;
            break;
        case open_mode::read_write:
            flags |= O_RDWR;
            break;
        case open_mode::truncate:
            flags |= O_RDWR | O_TRUNC;
            break;
        }
        if (mode != open_mode::read_only) {
            LB_TRY(const int made, open_private(path, flags));
            return std::unique_ptr<file>(std::make_unique<posix_file>(made, path));
        }
        const int fd = ::open(path.c_str(), flags);
        if (fd < 0) {
            return last_os_error(path);
        }
        return std::unique_ptr<file>(std::make_unique<posix_file>(fd, path));
    }

    bool exists(const std::string& path) override { return ::access(path.c_str(), F_OK) == 0; }

    bool is_directory(const std::string& path) override {
        struct stat status {};
        return ::stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode);
    }

    result<unsigned> permissions(const std::string& path) override {
        struct stat status {};
        if (::stat(path.c_str(), &status) != 0) {
            return last_os_error(path);
        }
        return status.st_mode & 07777U;
    }

    result<std::vector<std::string>> list(const std::string& path) override {
        std::error_code code;
        std::vector<std::string> names;
        for (std::filesystem::directory_iterator at(path, code), end; !code && at != end;
             at.increment(code)) {
            names.push_back(at->path().filename().string());
        }
        if (code) {
            return error(code, path);
        }
        return names;
    }

    result<void> make_directories(const std::string& path) override {
        if (path.empty() || is_directory(path)) {
            return {};
        }
        const std::string parent = parent_path(path);
        if (parent != path && parent != ".") {
            LB_CHECK(make_directories(parent));
        }
        return make_directory(path);
    }

    result<void> rename(const std::string& from, const std::string& to) override {
        if (::rename(from.c_str(), to.c_str()) != 0) {
            return last_os_error(from + " -> " + to);
        }
        return {};
    }

    result<void> remove(const std::string& path) override {
        if (::unlink(path.c_str()) != 0) {
            return last_os_error(path);
        }
        return {};
    }

    result<void> remove_tree(const std::string& path) override {
        std::error_code code;
        std::filesystem::remove_all(path, code);
        return as_result(code, path);
    }

    result<void> sync_directory(const std::string& path) override {
        const int fd = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (fd < 0) {
            return last_os_error(path);
        }
        const descriptor_guard guard(fd);
        if (::fsync(fd) != 0) {
            return last_os_error(path);
        }
        return {};
    }

    result<std::unique_ptr<file_lock>> lock(const std::string& path) override {
        LB_TRY(const int fd, open_private(path, O_RDWR | O_CLOEXEC));
        auto held = std::make_unique<posix_lock>(fd);
        if (::flock(fd, LOCK_EX | LOCK_NB) != 0) {
            return last_os_error(path);
        }
        return std::unique_ptr<file_lock>(std::move(held));
    }

  private:
    static result<void> as_result(std::error_code code, const std::string& path) {
        if (code) {
            return error(code, path);
        }
        return {};
    }
};

} // namespace

result<int> open_private(const std::string& path, int flags) {
    for (;;) {
        const int found = ::open(path.c_str(), flags);
        if (found >= 0) {
            return found;
        }
        if (errno != ENOENT) {
            return last_os_error(path);
        }
        const int made = ::open(path.c_str(), flags | O_CREAT | O_EXCL, file_mode);
        if (made >= 0) {
            // The umask may have taken something away.
            if (::fchmod(made, file_mode) == 0) {
                return made;
            }
            error why = last_os_error(path);
            ::close(made);
            return why;
        }
        // Another one may have made it meanwhile; a link to nothing would be "there" for ever.
        if (errno != EEXIST || ::access(path.c_str(), F_OK) != 0) {
            return last_os_error(path);
        }
    }
}

std::unique_ptr<env> make_posix_env() {
    return std::make_unique<posix_env>();
}

} // namespace logboom
