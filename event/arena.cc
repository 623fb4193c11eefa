#include "event/arena.h"

#include <algorithm>
#include <mutex>

namespace logboom {
namespace {

using chunk_memory = std::unique_ptr<std::byte[]>;

/// What is kept for the next batches; the rest is freed.
#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
// A sanitizer must see every chunk die.
constexpr std::size_t pooled_chunks_max = 0;
#else
constexpr std::size_t pooled_chunks_max = 16;
#endif
#else
constexpr std::size_t pooled_chunks_max = 16;
#endif

class chunk_pool {
  public:
    chunk_memory take() {
        {
            const std::lock_guard lock(mutex_);
            if (!free_.empty()) {
                chunk_memory taken = std::move(free_.back());
                free_.pop_back();
                return taken;
            }
        }
        return std::make_unique_for_overwrite<std::byte[]>(arena::chunk_size_max);
    }
    void give(std::vector<chunk_memory>& chunks) {
        const std::lock_guard lock(mutex_);
        while (!chunks.empty() && free_.size() < pooled_chunks_max) {
            free_.push_back(std::move(chunks.back()));
            chunks.pop_back();
        }
    }

  private:
    std::mutex mutex_;
    std::vector<chunk_memory> free_;
};

/// Never destroyed: a batch may die after main has returned.
chunk_pool& pool() {
    static chunk_pool& shared = *new chunk_pool;
    return shared;
}

} // namespace

arena::~arena() {
    if (!pooled_chunks_.empty()) {
        pool().give(pooled_chunks_);
    }
}

void* arena::allocate_slow(std::size_t size, std::size_t alignment) {
    const std::size_t wanted = size + alignment;
    if (wanted > chunk_size_max / 4) {
        // A big one gets a chunk of its own; what is left of the current chunk stays in use.
        chunks_.push_back(std::make_unique_for_overwrite<std::byte[]>(wanted));
        reserved_ += wanted;
        const auto begin = reinterpret_cast<std::uintptr_t>(chunks_.back().get());
        return reinterpret_cast<void*>((begin + alignment - 1) & ~(alignment - 1));
    }
    const std::size_t chunk = std::max(wanted, chunk_size_);
    auto& chunks = chunk == chunk_size_max ? pooled_chunks_ : chunks_;
    chunks.push_back(
        chunk == chunk_size_max ? pool().take() : std::make_unique_for_overwrite<std::byte[]>(chunk)
    );
    chunk_size_ = std::min(chunk_size_ * chunk_growth, chunk_size_max);
    reserved_ += chunk;
    next_ = chunks.back().get();
    end_ = next_ + chunk;
    return allocate(size, alignment);
}

} // namespace logboom
