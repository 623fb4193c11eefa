#include "web/api_options.h"

#include <doctest/doctest.h>

using namespace logboom;
using namespace logboom::web;

namespace {

api_outcome read(const std::vector<std::pair<std::string, std::string>>& given) {
    settings values("test", api_settings());
    for (const auto& [name, text] : given) {
        values.set(name, {text, {}});
    }
    CHECK(values.problems().empty());
    return read_api_options(values);
}

} // namespace

TEST_SUITE("web/api_options") {
    TEST_CASE("without options it is open to this machine alone") {
        const api_outcome made = read({});
        REQUIRE(made.server);
        CHECK(made.server->host == "127.0.0.1");
        CHECK(made.server->ports.first == 9600);
        CHECK(made.server->ports.last == 9700);
        CHECK(made.server->credentials.empty());
        CHECK(made.server->tls == nullptr);
        CHECK_FALSE(read({{"api.enabled", "false"}}).server);
    }

    TEST_CASE("a weak password is a warning, or an error when that is wanted") {
        const std::vector<std::pair<std::string, std::string>> weak{
            {"api.auth.type", "basic"},
            {"api.auth.basic.username", "me"},
            {"api.auth.basic.password", "Abcdefgh"}};
        const api_outcome warned = read(weak);
        REQUIRE(warned.server);
        CHECK(warned.server->credentials == "me:Abcdefgh");
        REQUIRE(warned.warnings.size() == 1);
        CHECK(warned.warnings[0] == "api.auth.basic.password has no digit.");
        auto strict = weak;
        strict.emplace_back("api.auth.basic.password_policy.mode", "ERROR");
        CHECK_FALSE(read(strict).server);
        strict.emplace_back("api.auth.basic.password_policy.include.digit", "OPTIONAL");
        CHECK(read(strict).server);
    }

    TEST_CASE("a password or a certificate that protects nothing is told of") {
        const api_outcome made = read(
            {{"api.auth.basic.username", "me"},
             {"api.auth.basic.password", "Abcdefg1"},
             {"api.ssl.enabled", "false"},
             {"api.ssl.keystore.path", "/nowhere"}}
        );
        REQUIRE(made.server);
        CHECK(
            made.warnings ==
            std::vector<std::string>{
                "api.auth.basic.username protects nothing: api.auth.type is not basic.",
                "api.auth.basic.password protects nothing: api.auth.type is not basic.",
                "api.ssl.keystore.path protects nothing: api.ssl.enabled is not true."}
        );
        CHECK(read({{"api.auth.type", "none"}}).warnings.empty());
    }

    TEST_CASE("a protection without what it needs is an error") {
        CHECK(read({{"api.auth.type", "basic"}}).errors.size() == 1);
        CHECK(read({{"api.ssl.enabled", "true"}}).errors.size() == 1);
        CHECK(
            read({{"api.ssl.enabled", "true"}, {"api.ssl.keystore.path", "/nowhere"}}
            ).errors.size() == 1
        );
        CHECK(read({{"api.http.port", "many"}}).errors.size() == 1);
    }
}
