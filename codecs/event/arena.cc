#include "codecs/event/arena.h"

#include <algorithm>

namespace logboom {

void* arena::allocate_slow(std::size_t size, std::size_t alignment) {
    const std::size_t wanted = size + alignment;
    const std::size_t chunk = std::max(wanted, chunk_size_);
    chunk_size_ = std::min(chunk_size_ * 2, chunk_size_max);
    chunks_.push_back(std::make_unique_for_overwrite<std::byte[]>(chunk));
    reserved_ += chunk;
    std::byte* begin = chunks_.back().get();
    if (wanted > chunk_size_max / 4) {
        // A big one gets a chunk of its own; what is left of the current chunk stays in use.
        const auto at = (reinterpret_cast<std::uintptr_t>(begin) + alignment - 1) & ~(alignment - 1);
        return reinterpret_cast<void*>(at);
    }
    next_ = begin;
    end_ = begin + chunk;
    return allocate(size, alignment);
}

} // namespace logboom
