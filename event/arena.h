// The memory of one event batch: a bump allocator that frees everything at once. What is allocated
// here lives exactly as long as the arena; nothing in it has a destructor. Not thread-safe: a batch
// is owned by one thread at a time. Full-sized chunks come from a small pool that all arenas share:
// batches are made on one thread and freed on another, which general allocators answer with page
// faults.
#pragma once

#include "base/bytes.h"

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

namespace logboom {

class arena {
  public:
    static constexpr std::size_t chunk_size_first = std::size_t{16} * 1024;
    static constexpr std::size_t chunk_size_max = std::size_t{256} * 1024;
    static constexpr std::size_t chunk_growth = 4;

    arena() = default;
    ~arena();
    arena(const arena&) = delete;
    arena& operator=(const arena&) = delete;

    /// `size` bytes, uninitialised, aligned for any value.
    void* allocate(std::size_t size, std::size_t alignment = alignof(std::max_align_t)) {
        auto at = (reinterpret_cast<std::uintptr_t>(next_) + alignment - 1) & ~(alignment - 1);
        if (at + size > reinterpret_cast<std::uintptr_t>(end_) || next_ == nullptr) [[unlikely]] {
            return allocate_slow(size, alignment);
        }
        next_ = reinterpret_cast<std::byte*>(at + size);
        return reinterpret_cast<void*>(at);
    }
    template <class T>
    T* allocate_array(std::size_t count) {
        static_assert(std::is_trivially_destructible_v<T>);
        return static_cast<T*>(allocate(count * sizeof(T), alignof(T)));
    }
    /// A copy that lives as long as the arena.
    std::string_view copy(std::string_view text) {
        if (text.empty()) {
            return {};
        }
        auto* into = static_cast<char*>(allocate(text.size(), 1));
        std::memcpy(into, text.data(), text.size());
        return {into, text.size()};
    }
    /// Keeps somebody else's buffer alive as long as the arena, so that views into it may be stored
    /// in events without a copy (the agent's read buffer, librdkafka's message).
    void keep(std::shared_ptr<const void> owner) { kept_.push_back(std::move(owner)); }

    [[nodiscard]] std::size_t bytes_reserved() const noexcept { return reserved_; }

  private:
    void* allocate_slow(std::size_t size, std::size_t alignment);

    std::byte* next_ = nullptr;
    std::byte* end_ = nullptr;
    std::size_t chunk_size_ = chunk_size_first;
    std::size_t reserved_ = 0;
    std::vector<std::unique_ptr<std::byte[]>> chunks_;
    /// Those of exactly chunk_size_max, which go back to the pool.
    std::vector<std::unique_ptr<std::byte[]>> pooled_chunks_;
    std::vector<std::shared_ptr<const void>> kept_;
};

} // namespace logboom
