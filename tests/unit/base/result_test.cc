#include "base/result.h"

#include <doctest/doctest.h>

#include <memory>
#include <sstream>

namespace kitchen {

enum class errc { too_hot = 1, too_cold = 2 };

const char* describe(errc value) {
    return value == errc::too_hot ? "the soup is too hot" : "the soup is too cold";
}

LB_ERROR_ENUM(errc, "kitchen")

} // namespace kitchen

template <>
struct std::is_error_code_enum<kitchen::errc> : std::true_type {};

using namespace logboom;

namespace {

result<std::unique_ptr<int>> cook(int degrees, int& calls) {
    ++calls;
    if (degrees > 60) {
        return error(kitchen::errc::too_hot, "table 3");
    }
    return std::make_unique<int>(degrees);
}

result<int> serve(int degrees, int& calls, bool& is_served) {
    LB_TRY(const auto soup, cook(degrees, calls));
    is_served = true;
    return *soup;
}

result<void> taste(int degrees, int& calls) {
    LB_CHECK(cook(degrees, calls));
    return {};
}

} // namespace

TEST_SUITE("base/result") {
    TEST_CASE("LB_TRY hands the value on, also one that can only be moved, and asks once") {
        int calls = 0;
        bool is_served = false;
        const auto outcome = serve(40, calls, is_served);
        REQUIRE(outcome.has_value());
        CHECK(*outcome == 40);
        CHECK(calls == 1);
        CHECK(is_served);
    }

    TEST_CASE("LB_TRY and LB_CHECK return the error as it is and do nothing after it") {
        int calls = 0;
        bool is_served = false;
        const auto outcome = serve(90, calls, is_served);
        REQUIRE(outcome.has_error());
        CHECK(outcome.error().code == kitchen::errc::too_hot);
        CHECK(outcome.error().context == "table 3");
        CHECK_FALSE(is_served);
        CHECK(taste(90, calls).has_error());
        CHECK_FALSE(taste(20, calls).has_error());
        CHECK(calls == 3);
    }

    TEST_CASE("an error speaks with its context and the sentence of its code") {
        const error with(kitchen::errc::too_cold, "table 4");
        CHECK(with.text() == "table 4: the soup is too cold");
        CHECK(error(kitchen::errc::too_cold).text() == "the soup is too cold");
        CHECK(std::string(with.code.category().name()) == "kitchen");
        std::ostringstream out;
        out << with;
        CHECK(out.str() == with.text());
    }

    TEST_CASE("errors are the same when their codes are") {
        CHECK(error(kitchen::errc::too_cold, "a") == error(kitchen::errc::too_cold, "b"));
        CHECK_FALSE(error(kitchen::errc::too_cold) == error(kitchen::errc::too_hot));
        const std::error_code same_number(2, std::system_category());
        CHECK_FALSE(error(kitchen::errc::too_cold) == error(same_number));
    }

    TEST_CASE("value() of an error throws it with its sentence") {
        const result<int> failed = error(kitchen::errc::too_hot, "table 5");
        bool is_thrown = false;
        try {
            static_cast<void>(failed.value());
        } catch (const error_exception& thrown) {
            is_thrown = true;
            CHECK(std::string(thrown.what()) == "table 5: the soup is too hot");
            CHECK(thrown.why().code == kitchen::errc::too_hot);
        }
        CHECK(is_thrown);
    }

    TEST_CASE("last_os_error keeps errno") {
        errno = ENOTDIR;
        const error why = last_os_error("/a/b");
        CHECK(why.code == std::errc::not_a_directory);
        CHECK(why.text() == "/a/b: Not a directory");
    }
}
