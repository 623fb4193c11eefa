#include "agent/file/read_buffers.h"

#include <algorithm>

namespace logboom::agent {

std::shared_ptr<char> read_buffers::new_block() {
    std::unique_ptr<char[]> memory;
    {
        const std::lock_guard lock(pool_->mutex);
        if (!pool_->spare.empty()) {
            memory = std::move(pool_->spare.back());
            pool_->spare.pop_back();
        }
    }
    if (!memory) {
        memory = std::make_unique_for_overwrite<char[]>(block_size);
    }
    return {memory.release(), [home = pool_](char* block) {
                std::unique_ptr<char[]> back(block);
                const std::lock_guard lock(home->mutex);
                if (home->spare.size() < pool::spare_max) {
                    home->spare.push_back(std::move(back));
                }
            }};
}

read_buffers::space read_buffers::get(std::size_t size_min, std::size_t size_max) {
    LB_ASSERT(size_min > 0 && size_min <= block_size);
    if (!block_ || block_size - used_ < size_min) {
        block_.reset();
        block_ = new_block();
        used_ = 0;
    }
    return {block_.get() + used_, std::min(size_max, block_size - used_), block_};
}

} // namespace logboom::agent
