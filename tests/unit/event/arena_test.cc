#include "event/arena.h"

#include <doctest/doctest.h>

#include <cstring>
#include <random>
#include <string>
#include <vector>

using namespace logboom;

TEST_SUITE("event/arena") {
    TEST_CASE("whatever its size and alignment, what was allocated stays as it was written") {
        std::mt19937 random(3);
        struct block {
            unsigned char* begin;
            std::size_t size;
            unsigned char fill;
        };
        std::vector<block> blocks;
        arena memory;
        for (int i = 0; i < 3000; ++i) {
            const std::size_t alignment = std::size_t{1} << random() % 5;
            const std::size_t size = random() % 100 == 0 ? random() % 200'000 : random() % 300;
            void* const at = memory.allocate(size, alignment);
            CHECK(reinterpret_cast<std::uintptr_t>(at) % alignment == 0);
            const auto fill = static_cast<unsigned char>(i);
            std::memset(at, fill, size);
            blocks.push_back({static_cast<unsigned char*>(at), size, fill});
        }
        for (const block& each : blocks) {
            bool is_whole = true;
            for (std::size_t i = 0; i < each.size; ++i) {
                is_whole = is_whole && each.begin[i] == each.fill;
            }
            CHECK(is_whole);
        }
    }

    TEST_CASE("a small batch reserves little, and a large block no more than itself") {
        arena memory;
        CHECK(memory.bytes_reserved() == 0);
        static_cast<void>(memory.allocate(1));
        CHECK(memory.bytes_reserved() == arena::chunk_size_first);
        constexpr std::size_t large = arena::chunk_size_max * 3;
        static_cast<void>(memory.allocate(large, 1));
        CHECK(memory.bytes_reserved() == arena::chunk_size_first + large + 1);
        // What was left of the first chunk is still used.
        static_cast<void>(memory.allocate(1000));
        CHECK(memory.bytes_reserved() == arena::chunk_size_first + large + 1);
    }

    TEST_CASE("a copy is one, and of nothing there is none") {
        arena memory;
        std::string text = "words";
        const std::string_view copy = memory.copy(text);
        text = "gone!";
        CHECK(copy == "words");
        CHECK(memory.copy("").empty());
        CHECK(memory.copy(std::string_view("a\0b", 3)).size() == 3);
    }

    TEST_CASE("a buffer that is kept lives as long as the arena") {
        const auto buffer = std::make_shared<std::string>("chunk");
        {
            arena memory;
            memory.keep(buffer);
            CHECK(buffer.use_count() == 2);
        }
        CHECK(buffer.use_count() == 1);
    }
}
