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
                 {R"("X-Api-Key" => "geheim" "x-auth" => "geheim" "Cookie" => "geheim")",
                  R"("X-Api-Key" => "***" "x-auth" => "***" "Cookie" => "***")"},
                 {R"(pass => "geheim" user_pwd => "geheim" private_key => "geheim")",
                  R"(pass => "***" user_pwd => "***" private_key => "***")"},
                 {R"("[http][token]" => "geheim" if [token] == "geheim")",
                  R"("[http][token]" => "***" if [token] == "***")"},
                 {"password => # of the cluster\n \"geheim\" a => 1",
                  "password => # of the cluster\n \"***\" a => 1"},
                 {"sasl_jaas_config => \"Module required\n password='geheim';\"",
                  "sasl_jaas_config => \"***\""},
             }) {
            CAPTURE(given);
            CHECK(without_secrets(given) == wanted);
            CHECK(without_secrets(wanted) == wanted);
        }
    }

    TEST_CASE("a name is secret with a slip or two, and with words around it") {
        for (const std::string word :
             {"password", "passphrase", "cloud_auth", "authorization", "api_key"}) {
            CHECK(is_secret_name(word));
            CHECK(is_secret_name("xpack.my_" + word + "s"));
            const bool is_long = word.size() > 7;
            for (std::size_t i = 0; i < word.size(); ++i) {
                for (std::size_t k = is_long ? 0 : i; k <= i; ++k) {
                    std::string slipped = word;
                    slipped[i] = slipped[k] = 'Z';
                    CHECK_MESSAGE(is_secret_name(slipped), slipped);
                }
            }
        }
        for (const char* secret :
             {"X-Api.Key",
              "PASSWD",
              "my-pwd",
              "pw",
              "Cookie",
              "auth",
              "x-auth",
              "ssl.keystore.key"}) {
            CHECK_MESSAGE(is_secret_name(secret), secret);
        }
        for (const char* open :
             {"",
              "topic",
              "partition",
              "ssl.client.auth",
              "password_file",
              "token.url",
              "spawned",
              "pass-through",
              "author"}) {
            CHECK_MESSAGE(is_secret_name(open) == (std::string_view(open) == "pass-through"), open);
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
                 {R"(url => "https://h/?token=geheim&x=1&sig=geheim" a => 1)",
                  R"(url => "https://h/?token=***&x=1&sig=***" a => 1)"},
                 {"https://me:geheim@h/?a=b@c&apikey=geheim#key=1",
                  "https://***@c&apikey=***#key=***"},
                 {"jdbc:mysql://h/db?user=u&password=geheim x",
                  "jdbc:mysql://h/db?user=u&password=*** x"},
                 {"jdbc:sqlserver://h:1433;user=u;password=geheim",
                  "jdbc:sqlserver://h:1433;user=u;password=***"},
                 {"http://h/password/?keys=1&code", "http://h/password/?keys=1&code"},
                 {"me:geheim@es:99999: no such port", "***@es:99999: no such port"},
                 {"user/password=hunter2", "user/password=***"},
                 {"\"/db/password\" => \"x\"", "\"/db/password\" => \"***\""},
                 {"PUT /v1/token=abc", "PUT /v1/token=***"},
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
                 "jaas_path \"/etc/jaas\": No such file or directory",
                 "ssl.client.auth=required bypass=1 authors=x api.auth.type: none",
                 "password: # nothing",
                 "",
                 "password",
                 "password =>",
                 "a => \"b\" ://",
             }) {
            CHECK(without_secrets(each) == each);
        }
    }

    TEST_CASE("a value that is told to be secret is masked wherever it stands") {
        keep_secret("hunter-2-hunter");
        keep_secret("hunter-2-hunter");
        keep_secret("short");
        CHECK(
            without_secrets("must be true or false, not \"hunter-2-hunter\" hunter-2-hunter") ==
            "must be true or false, not \"***\" ***"
        );
        CHECK(without_secrets("in short") == "in short");
    }
}
