// libcurl's multi interface: handles that are used again, one answer for each request.
#include "sinks/http_client/client.h"

#include "base/assertion.h"
#include "sinks/http_client/errc.h"

#include <curl/curl.h>

#include <algorithm>
#include <array>
#include <mutex>

namespace logboom::http {
namespace {

void initialise_once() {
    static std::once_flag once;
    std::call_once(once, [] { LB_ASSERT(curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK); });
}

errc reason_of(CURLcode code, bool answer_was_too_large) {
    if (answer_was_too_large) {
        return errc::answer_too_large;
    }
    switch (code) {
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_COULDNT_CONNECT:
        return errc::cannot_connect;
    case CURLE_OPERATION_TIMEDOUT:
        return errc::timed_out;
    case CURLE_GOT_NOTHING:
    case CURLE_PARTIAL_FILE:
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR:
        return errc::closed_without_answer;
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_PEER_FAILED_VERIFICATION:
        return errc::tls_failed;
    case CURLE_URL_MALFORMAT:
    case CURLE_UNSUPPORTED_PROTOCOL:
        return errc::bad_url;
    default:
        return errc::failed;
    }
}

} // namespace

struct client::transfer {
    ~transfer() {
        curl_slist_free_all(headers);
        curl_easy_cleanup(handle);
    }

    static std::size_t receive(char* data, std::size_t size, std::size_t count, void* self) {
        auto& into = *static_cast<transfer*>(self);
        const std::size_t length = size * count;
        if (length > into.body_size_max - into.body.size()) {
            into.too_large = true;
            return 0;
        }
        into.body.append(data, length);
        return length;
    }

    CURL* handle = nullptr;
    curl_slist* headers = nullptr;
    std::uint64_t tag = 0;
    std::string body;
    std::size_t body_size_max = 0;
    bool too_large = false;
    std::array<char, CURL_ERROR_SIZE> detail{};
};

struct client::state {
    client_options options;
    CURLM* multi = nullptr;
    std::vector<std::unique_ptr<transfer>> running;
    std::vector<std::unique_ptr<transfer>> spare;

    void configure(CURL* handle) const;
    answer finish(CURL* handle, CURLcode code);
};

void client::state::configure(CURL* handle) const {
    const auto set_text = [&](CURLoption option, const std::string& text) {
        if (!text.empty()) {
            curl_easy_setopt(handle, option, text.c_str());
        }
    };
    curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(handle, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
    curl_easy_setopt(handle, CURLOPT_TCP_NODELAY, 1L);
    curl_easy_setopt(handle, CURLOPT_TCP_KEEPALIVE, 1L);
    curl_easy_setopt(
        handle, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(options.connect_timeout.count())
    );
    constexpr long transfer_buffer_size = 256L * 1024;
    curl_easy_setopt(handle, CURLOPT_BUFFERSIZE, transfer_buffer_size);
    curl_easy_setopt(handle, CURLOPT_UPLOAD_BUFFERSIZE, transfer_buffer_size);
    curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, &transfer::receive);
    curl_easy_setopt(handle, CURLOPT_PROXY, options.proxy.c_str());
    curl_easy_setopt(handle, CURLOPT_SSL_VERIFYPEER, options.verify_peer ? 1L : 0L);
    curl_easy_setopt(handle, CURLOPT_SSL_VERIFYHOST, options.verify_peer ? 2L : 0L);
    if (options.accept_gzip) {
        curl_easy_setopt(handle, CURLOPT_ACCEPT_ENCODING, "gzip");
    }
    set_text(CURLOPT_CAINFO, options.ca_file);
    set_text(CURLOPT_SSLCERT, options.certificate_file);
    set_text(CURLOPT_SSLKEY, options.key_file);
}

answer client::state::finish(CURL* handle, CURLcode code) {
    const auto found = std::find_if(running.begin(), running.end(), [&](const auto& each) {
        return each->handle == handle;
    });
    LB_ASSERT(found != running.end());
    std::unique_ptr<transfer> done = std::move(*found);
    running.erase(found);
    answer out;
    out.tag = done->tag;
    if (code == CURLE_OK) {
        long status = 0;
        curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &status);
        out.status = static_cast<int>(status);
        out.body = std::move(done->body);
    } else {
        const std::string detail =
            done->detail[0] != '\0' ? done->detail.data() : curl_easy_strerror(code);
        out.failure = error(reason_of(code, done->too_large), detail);
    }
    curl_multi_remove_handle(multi, handle);
    done->body = {};
    spare.push_back(std::move(done));
    return out;
}

client::client(client_options options) : state_(std::make_unique<state>()) {
    initialise_once();
    state_->options = std::move(options);
    state_->multi = curl_multi_init();
    LB_ASSERT(state_->multi != nullptr);
    curl_multi_setopt(state_->multi, CURLMOPT_MAXCONNECTS, state_->options.connections_max);
    curl_multi_setopt(state_->multi, CURLMOPT_PIPELINING, static_cast<long>(CURLPIPE_NOTHING));
}

client::~client() {
    for (const auto& each : state_->running) {
        curl_multi_remove_handle(state_->multi, each->handle);
    }
    state_->running.clear();
    state_->spare.clear();
    curl_multi_cleanup(state_->multi);
}

void client::start(const request& what) {
    std::unique_ptr<transfer> made;
    if (!state_->spare.empty()) {
        made = std::move(state_->spare.back());
        state_->spare.pop_back();
        curl_slist_free_all(std::exchange(made->headers, nullptr));
        curl_easy_reset(made->handle);
    } else {
        made = std::make_unique<transfer>();
        made->handle = curl_easy_init();
        LB_ASSERT(made->handle != nullptr);
    }
    CURL* const handle = made->handle;
    made->tag = what.tag;
    made->body_size_max = state_->options.answer_size_max;
    made->too_large = false;
    made->detail[0] = '\0';
    state_->configure(handle);
    // "Expect: 100-continue" would cost a round trip for each bulk.
    made->headers = curl_slist_append(nullptr, "Expect:");
    for (const std::string& header : what.headers) {
        made->headers = curl_slist_append(made->headers, header.c_str());
    }
    curl_easy_setopt(handle, CURLOPT_URL, what.url.c_str());
    curl_easy_setopt(handle, CURLOPT_HTTPHEADER, made->headers);
    curl_easy_setopt(handle, CURLOPT_WRITEDATA, made.get());
    curl_easy_setopt(handle, CURLOPT_ERRORBUFFER, made->detail.data());
    curl_easy_setopt(handle, CURLOPT_TIMEOUT_MS, static_cast<long>(what.timeout.count()));
    if (what.method == "POST") {
        curl_easy_setopt(handle, CURLOPT_POST, 1L);
        curl_easy_setopt(
            handle, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(what.body.size())
        );
        curl_easy_setopt(handle, CURLOPT_POSTFIELDS, what.body.data());
    } else if (what.method == "HEAD") {
        curl_easy_setopt(handle, CURLOPT_NOBODY, 1L);
    }
    LB_ASSERT(curl_multi_add_handle(state_->multi, handle) == CURLM_OK);
    state_->running.push_back(std::move(made));
}

std::vector<answer> client::poll(std::chrono::milliseconds limit) {
    std::vector<answer> out;
    const auto collect = [&] {
        int running = 0;
        curl_multi_perform(state_->multi, &running);
        int left = 0;
        while (CURLMsg* message = curl_multi_info_read(state_->multi, &left)) {
            if (message->msg == CURLMSG_DONE) {
                // The message dies with the handle's removal.
                CURL* const handle = message->easy_handle;
                const CURLcode code = message->data.result;
                out.push_back(state_->finish(handle, code));
            }
        }
    };
    collect();
    if (out.empty() && limit.count() > 0) {
        curl_multi_poll(state_->multi, nullptr, 0, static_cast<int>(limit.count()), nullptr);
        collect();
    }
    return out;
}

void client::wake() noexcept {
    curl_multi_wakeup(state_->multi);
}

std::size_t client::in_flight() const noexcept {
    return state_->running.size();
}

} // namespace logboom::http
