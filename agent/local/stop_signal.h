// A descriptor that becomes readable when a stop is requested, for inputs that wait in poll(2). The
// stop_callback lives in the object, so a request is never missed. Owned by run().
#pragma once

#include <cstdint>
#include <stop_token>
#include <sys/eventfd.h>
#include <unistd.h>

namespace logboom::agent {

class stop_signal {
  public:
    explicit stop_signal(const std::stop_token& stop)
        : descriptor_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)), callback_(stop, ring{descriptor_}) {}
    stop_signal(const stop_signal&) = delete;
    stop_signal& operator=(const stop_signal&) = delete;
    ~stop_signal() { close(descriptor_); }

    [[nodiscard]] int descriptor() const noexcept { return descriptor_; }

  private:
    struct ring {
        int descriptor;
        void operator()() const noexcept {
            const std::uint64_t one = 1;
            [[maybe_unused]] const auto written = write(descriptor, &one, sizeof(one));
        }
    };
    int descriptor_;
    std::stop_callback<ring> callback_;
};

} // namespace logboom::agent
