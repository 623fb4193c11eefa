#include "event/value.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <limits>
#include <random>
#include <string>
#include <vector>

using namespace logboom;

namespace {

value text(std::string_view given) {
    return value::of(given);
}

} // namespace

TEST_SUITE("event/value") {
    TEST_CASE("values are equal when their kinds are") {
        CHECK(value() == value());
        CHECK(value::of(std::int64_t{5}) == value::of(std::int64_t{5}));
        CHECK_FALSE(value::of(std::int64_t{5}) == text("5"));
        CHECK_FALSE(value::of(std::int64_t{5}) == value::of(5.0));
        CHECK_FALSE(value::of(std::int64_t{1}) == value::of(true));
        CHECK_FALSE(value::of(std::int64_t{0}) == value());
        CHECK_FALSE(value::timestamp(7) == value::of(std::int64_t{7}));
        CHECK_FALSE(text("") == value());
    }

    TEST_CASE("maps are equal whatever their order, lists are not") {
        arena memory;
        value left = value::new_map(memory);
        value right = value::new_map(memory);
        left.as_map().put(memory, "a", value::of(true));
        left.as_map().put(memory, "b", text("x"));
        right.as_map().put(memory, "b", text("x"));
        CHECK_FALSE(left == right);
        right.as_map().put(memory, "a", value::of(true));
        CHECK(left == right);
        right.as_map().put(memory, "a", value::of(false));
        CHECK_FALSE(left == right);

        value one = value::new_array(memory);
        value other = value::new_array(memory);
        one.as_array().push_back(memory, left);
        one.as_array().push_back(memory, text("x"));
        other.as_array().push_back(memory, text("x"));
        CHECK_FALSE(one == other);
        other.as_array().push_back(memory, left);
        CHECK_FALSE(one == other);
    }

    TEST_CASE("a number of 64 bits without a sign keeps every digit") {
        constexpr auto greatest = std::numeric_limits<std::uint64_t>::max();
        constexpr auto limit = std::uint64_t{std::numeric_limits<std::int64_t>::max()};
        CHECK(value::of(limit).is(value_kind::integer));
        CHECK(value::of(limit + 1).is(value_kind::real));
        CHECK(value::of(limit + 1).as_unsigned() == limit + 1);
        CHECK(value::of(greatest).as_unsigned() == greatest);
        CHECK(value::of(greatest).as_real() == doctest::Approx(1.8446744073709552e19));
        // As floats they would be equal.
        CHECK_FALSE(value::of(greatest) == value::of(greatest - 1));
        CHECK(value::of(greatest) == value::of(1.8446744073709552e19));
        CHECK_FALSE(value::of(1.5).is_unsigned());
    }

    TEST_CASE("a clone shares nothing with what it was made of") {
        arena memory;
        value copy;
        {
            arena other;
            value made = value::new_map(other);
            value list = value::new_array(other);
            list.as_array().push_back(other, text(other.copy("deep")));
            made.as_map().put(other, other.copy("list"), list);
            copy = made.clone(memory);
            list.as_array().push_back(other, value());
            made.as_map().put(other, "more", value());
        }
        REQUIRE(copy.as_map().size == 1);
        const value* const list = copy.as_map().find("list");
        REQUIRE(list != nullptr);
        REQUIRE(list->as_array().size == 1);
        CHECK(list->as_array().items[0].as_string() == "deep");
    }

    TEST_CASE("a clone of the containers shares texts alone") {
        arena memory;
        value made = value::new_map(memory);
        value list = value::new_array(memory);
        list.as_array().push_back(memory, text("deep"));
        made.as_map().put(memory, "list", list);
        const value copy = made.clone_containers(memory);
        list.as_array().push_back(memory, value());
        const value_array& copied = copy.as_map().find("list")->as_array();
        CHECK(copied.size == 1);
        CHECK(copied.items[0].as_string().data() == list.as_array().items[0].as_string().data());
    }

    TEST_CASE("a map keeps the order in which its keys came, whatever is put and erased") {
        for (unsigned seed = 0; seed < 100; ++seed) {
            CAPTURE(seed);
            std::mt19937 random(seed);
            arena memory;
            value made = value::new_map(memory);
            value_map& map = made.as_map();
            std::vector<std::pair<std::string, std::int64_t>> model;
            const auto find = [&](const std::string& key) {
                return std::find_if(model.begin(), model.end(), [&](const auto& each) {
                    return each.first == key;
                });
            };
            for (std::int64_t i = 0; i < 60; ++i) {
                const std::string key(1, static_cast<char>('a' + random() % 12));
                const auto known = find(key);
                if (random() % 3 == 0) {
                    CHECK(map.erase(key) == (known != model.end()));
                    if (known != model.end()) {
                        model.erase(known);
                    }
                } else {
                    map.put(memory, memory.copy(key), value::of(i));
                    known == model.end() ? void(model.emplace_back(key, i))
                                         : void(known->second = i);
                }
            }
            std::vector<std::pair<std::string, std::int64_t>> found;
            for (const map_entry& each : map) {
                found.emplace_back(each.key, each.item.as_integer());
            }
            CHECK(found == model);
        }
    }
}
