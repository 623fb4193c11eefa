// The memory that files are read into. Batches keep the block their lines lie in alive; a block
// that nobody uses any more comes back and is used again, so that no page is faulted in twice. The
// pool is used by one thread; blocks may be let go on any.
#pragma once

#include "base/bytes.h"

#include <memory>
#include <mutex>
#include <vector>

namespace logboom::agent {

class read_buffers {
  public:
    static constexpr std::size_t block_size = std::size_t{1} << 20U;

    struct space {
        char* data = nullptr;
        std::size_t size = 0;
        std::shared_ptr<const void> owner;
    };
    /// At least `size_min` (at most a block), at most `size_max` bytes.
    space get(std::size_t size_min, std::size_t size_max);
    /// That many bytes of the last space are in use now.
    void use(std::size_t size) noexcept { used_ += size; }

  private:
    struct pool {
        static constexpr std::size_t spare_max = 8;
        std::mutex mutex;
        std::vector<std::unique_ptr<char[]>> spare;
    };
    std::shared_ptr<char> new_block();

    std::shared_ptr<pool> pool_ = std::make_shared<pool>();
    std::shared_ptr<char> block_;
    std::size_t used_ = block_size;
};

} // namespace logboom::agent
