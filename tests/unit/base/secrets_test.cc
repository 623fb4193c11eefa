#include "base/secrets.h"

#include <doctest/doctest.h>

using namespace logboom;

TEST_SUITE("base/secrets") {
    TEST_CASE("the value after a secret's name is masked, however it is written") {
        for (const auto& [given, wanted] : {
                 std::pair{R"(password => "geheim")", R"(password => "***")"},
                 {R"(password => 'ge"heim' user => "me")", R"(password => '***' user => "me")"},
                 {R"(password => "ge\"heim" a => 1)", R"(password => "***" a => 1)"},
                 {"password=>geheim }", "password=>*** }"},
                 {R"(password => "geheim)", R"(password => "***)"},
                 {R"(password "geheim")", R"(password "***")"},
                 {R"("Authorization" => "ApiKey geheim")", R"("Authorization" => "***")"},
                 {R"(["password", "geheim"])", R"(["password", "***"])"},
                 {R"(api_key => ["geheim", "geheim"])", "api_key => [***]"},
                 {R"({"api_key":"geheim","a":1})", R"({"api_key":"***","a":1})"},
                 {R"("{\"token\":\"geheim\",\"a\":1}")", R"("{\"token\":\"***\",\"a\":1}")"},
                 {"ssl.key.password=geheim\nnext=1", "ssl.key.password=***\nnext=1"},
                 {"PassWord:geheim", "PassWord:***"},
                 {R"(pasword => "geheim" ssl_key_pasword => "geheim")",
                  R"(pasword => "***" ssl_key_pasword => "***")"},
                 {"sasl_jaas_config => \"Module required\n password='geheim';\"",
                  "sasl_jaas_config => \"***\""},
             }) {
            CAPTURE(given);
            CHECK(without_secrets(given) == wanted);
            CHECK(without_secrets(wanted) == wanted);
        }
    }

    TEST_CASE("the user of a URL is masked, its host is not") {
        for (const auto& [given, wanted] : {
                 std::pair{"https://me:geheim@es:9200/x", "https://***@es:9200/x"},
                 {R"(["https://me:ge/he@im@es", "http://es:9200"])",
                  R"(["https://***@es", "http://es:9200"])"},
                 {"http://es:9200/_bulk", "http://es:9200/_bulk"},
                 {"https://geheim@", "https://***@"},
                 {R"(hosts => "https://me:ge heim@es" a => "b@c")",
                  R"(hosts => "https://***@es" a => "b@c")"},
                 {"url=http://es:9200 mail=b@c", "url=http://es:9200 mail=b@c"},
                 {R"(hosts => ["me:ge/heim@es:9200"])", R"(hosts => ["***@es:9200"])"},
                 {"me:geheim@es:99999: no such port", "***@es:99999: no such port"},
             }) {
            CAPTURE(given);
            CHECK(without_secrets(given) == wanted);
            CHECK(without_secrets(wanted) == wanted);
        }
    }

    TEST_CASE("sentences about secrets stay as they are") {
        for (const char* each : {
                 "setting 'password' of elasticsearch output must be a single value, not an array.",
                 "password and api_key exclude one another",
                 "Unknown setting 'pasword'; did you mean 'password'?",
                 "password: it is empty, and the api_key, too",
                 "the file jaas_path \"/etc/jaas\" cannot be read",
                 "/etc/secret.conf:2:5: it is wrong",
                 "",
                 "password",
                 "password =>",
                 "a => \"b\" ://",
             }) {
            CHECK(without_secrets(each) == each);
        }
    }
}
