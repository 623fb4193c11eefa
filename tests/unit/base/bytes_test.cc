#include "base/bytes.h"

#include <doctest/doctest.h>

using namespace logboom;

TEST_SUITE("base/bytes") {
    TEST_CASE("a slice keeps the buffer alive and copies nothing") {
        bytes inner;
        const std::byte* at = nullptr;
        {
            const bytes whole = bytes::copy_of("a log boom");
            inner = whole.slice(2, 3).slice(1, 2);
            at = whole.data() + 3;
        }
        CHECK(inner.text() == "og");
        CHECK(inner.data() == at);
        CHECK(inner.size() == 2);
    }

    TEST_CASE("a copy is independent of what it was made of") {
        std::string source = "before";
        const bytes copy = bytes::copy_of(source);
        source = "after!";
        CHECK(copy.text() == "before");
    }

    TEST_CASE("nothing is empty, and an empty slice may stand at the end") {
        CHECK(bytes().empty());
        CHECK(bytes::copy_of("").empty());
        const bytes some = bytes::copy_of("x");
        CHECK_FALSE(some.empty());
        CHECK(some.slice(1, 0).empty());
    }

    TEST_CASE("the owner goes when the last slice goes") {
        auto owner = std::make_shared<std::string>("abc");
        const std::weak_ptr<std::string> watched = owner;
        bytes first(owner, as_bytes(*owner));
        bytes second = first.slice(1, 1);
        owner.reset();
        first = {};
        CHECK_FALSE(watched.expired());
        CHECK(second.text() == "b");
        second = {};
        CHECK(watched.expired());
    }

    TEST_CASE("text goes through bytes and back with every octet") {
        std::string all;
        for (int i = 0; i < 256; ++i) {
            all.push_back(static_cast<char>(i));
        }
        CHECK(as_text(as_bytes(all)) == all);
    }
}
