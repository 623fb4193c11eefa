#include "cli/data_directory.h"

#include <doctest/doctest.h>

#include <cstdlib>
#include <optional>
#include <unistd.h>

using namespace logboom::cli;

namespace {

/// As somebody who is not root, with this environment, while it lives.
class somebody {
  public:
    somebody(const char* home, const char* state) {
        was_root_ = geteuid() == 0;
        if (was_root_) {
            constexpr uid_t nobody = 65534;
            REQUIRE(seteuid(nobody) == 0);
        }
        set("HOME", home);
        set("XDG_STATE_HOME", state);
    }
    ~somebody() {
        set("HOME", home_ ? home_->c_str() : nullptr);
        set("XDG_STATE_HOME", state_ ? state_->c_str() : nullptr);
        if (was_root_) {
            CHECK(seteuid(0) == 0);
        }
    }
    somebody(const somebody&) = delete;
    somebody& operator=(const somebody&) = delete;

  private:
    static std::optional<std::string> value_of(const char* name) {
        const char* const found = std::getenv(name);
        return found == nullptr ? std::nullopt : std::optional<std::string>(found);
    }
    static void set(const char* name, const char* value) {
        value == nullptr ? unsetenv(name) : setenv(name, value, 1);
    }

    std::optional<std::string> home_ = value_of("HOME");
    std::optional<std::string> state_ = value_of("XDG_STATE_HOME");
    bool was_root_ = false;
};

} // namespace

TEST_SUITE("cli/data_directory") {
    TEST_CASE("state lies below the home of who runs it, or where XDG says") {
        {
            const somebody runs("/home/x", nullptr);
            CHECK(default_data_directory() == "/home/x/.local/state/logboom");
        }
        {
            const somebody runs("/home/x", "/state");
            CHECK(default_data_directory() == "/state/logboom");
        }
        // A relative one is to be ignored, the specification says.
        {
            const somebody runs("/home/x", "state");
            CHECK(default_data_directory() == "/home/x/.local/state/logboom");
        }
    }

    TEST_CASE("who has no home, and root, use the system's place") {
        {
            const somebody runs("", nullptr);
            CHECK(default_data_directory() == "/var/lib/logboom");
        }
        {
            const somebody runs(nullptr, "/state");
            CHECK(default_data_directory() == "/var/lib/logboom");
        }
        if (geteuid() == 0) {
            CHECK(default_data_directory() == "/var/lib/logboom");
        }
    }
}
