// TLS to Elasticsearch: who is trusted, and what is said when nobody is.
#include "sinks/elasticsearch/options.h"
#include "sinks/elasticsearch/output.h"
#include "tests/unit/sinks/elasticsearch/support.h"

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <openssl/ssl.h>

#include <arpa/inet.h>
#include <cstdlib>
#include <filesystem>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>

using namespace logboom;
using namespace logboom::sinks;
using namespace std::chrono_literals;

namespace {

/// Speaks TLS with a certificate of its own and says "stored" to every bulk of one item.
class tls_server {
  public:
    explicit tls_server(const std::string& directory)
        : context_(SSL_CTX_new(TLS_server_method())), listener_(socket(AF_INET, SOCK_STREAM, 0)) {
        REQUIRE(
            SSL_CTX_use_certificate_file(
                context_, (directory + "/cert.pem").c_str(), SSL_FILETYPE_PEM
            ) == 1
        );
        REQUIRE(
            SSL_CTX_use_PrivateKey_file(
                context_, (directory + "/key.pem").c_str(), SSL_FILETYPE_PEM
            ) == 1
        );
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        REQUIRE(bind(listener_, reinterpret_cast<sockaddr*>(&address), size) == 0);
        REQUIRE(listen(listener_, 8) == 0);
        REQUIRE(getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) == 0);
        port = ntohs(address.sin_port);
        acceptor_ = std::thread([this] { accept_all(); });
    }
    ~tls_server() {
        shutdown(listener_, SHUT_RDWR);
        acceptor_.join();
        for (std::thread& each : threads_) {
            each.join();
        }
        close(listener_);
        SSL_CTX_free(context_);
    }
    tls_server(const tls_server&) = delete;
    tls_server& operator=(const tls_server&) = delete;

    int port = 0;
    std::atomic<int> bulks{0};

  private:
    void accept_all() {
        for (int each = accept(listener_, nullptr, nullptr); each >= 0;
             each = accept(listener_, nullptr, nullptr)) {
            threads_.emplace_back([this, each] { serve(each); });
        }
    }
    void serve(int socket) {
        SSL* tls = SSL_new(context_);
        SSL_set_fd(tls, socket);
        std::string text;
        char buffer[4096];
        int count = SSL_accept(tls) == 1 ? SSL_read(tls, buffer, sizeof buffer) : 0;
        for (; count > 0; count = SSL_read(tls, buffer, sizeof buffer)) {
            text.append(buffer, static_cast<std::size_t>(count));
            const bool is_bulk = text.rfind("POST", 0) == 0;
            // A bulk of one item ends with the newline of its document.
            if (!is_bulk ? text.find("\r\n\r\n") == std::string::npos
                         : text.substr(text.size() - 2) != "}\n") {
                continue;
            }
            bulks += is_bulk ? 1 : 0;
            const std::string body =
                is_bulk ? R"({"errors":false,"items":[{"index":{"status":201}}]})" : "{}";
            const std::string out =
                fmt::format("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{}", body.size(), body);
            SSL_write(tls, out.data(), static_cast<int>(out.size()));
            text.clear();
        }
        SSL_free(tls);
        close(socket);
    }

    SSL_CTX* context_;
    int listener_;
    std::vector<std::thread> threads_;
    std::thread acceptor_;
};

struct tls_fixture {
    std::string directory =
        (std::filesystem::temp_directory_path() / fmt::format("logboom-tls-{}", getpid())).string();
    real_clock time;
    metrics registry;
    test::letter_box letters;
    test::verdicts verdicts;

    tls_fixture() {
        std::filesystem::create_directories(directory);
        const std::string command = fmt::format(
            "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost "
            "-addext subjectAltName=DNS:localhost,IP:127.0.0.1 -keyout {0}/key.pem -out "
            "{0}/cert.pem 2>/dev/null",
            directory
        );
        REQUIRE(std::system(command.c_str()) == 0);
    }
    ~tls_fixture() { std::filesystem::remove_all(directory); }

    void send_one(int port, const std::vector<std::pair<const char*, std::string>>& more) {
        plugin_options options("elasticsearch output", elasticsearch_settings);
        options.set("hosts", {fmt::format("https://127.0.0.1:{}", port), {}});
        options.set("index", {std::string("i"), {}});
        for (const auto& [name, text] : more) {
            options.set(name, {text, {}});
        }
        plugin_context context{options, {}, time, registry, logger{}};
        context.dead_letters = &letters;
        auto made = elasticsearch_output.make(context);
        REQUIRE(made.has_value());
        REQUIRE((*made)->start().has_value());
        event_batch batch;
        batch.add(1);
        const selection chosen{0};
        (*made)->write(batch, chosen, verdicts.token());
        (*made)->finish(700ms);
    }
};

} // namespace

TEST_SUITE("sinks/elasticsearch") {
    TEST_CASE_FIXTURE(
        tls_fixture, "TLS with the CA from a file works, without it nothing is sent"
    ) {
        tls_server server(directory);
        send_one(server.port, {{"ssl_certificate_authorities", directory + "/cert.pem"}});
        CHECK(verdicts.delivered == 1);
        CHECK(server.bulks == 1);
        send_one(server.port, {});
        CHECK(verdicts.lost == 1);
        CHECK(server.bulks == 1);
        send_one(server.port, {{"ssl_verification_mode", "none"}});
        CHECK(verdicts.delivered == 2);
    }
}
