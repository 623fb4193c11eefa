// Takes sentences of librdkafka apart, and keeps what they say of brokers and partitions.
#include "buffer/client/connection_trouble.h"

#include <charconv>
#include <cstdint>
#include <optional>

namespace logboom::client {
namespace {

void drop_front(std::string_view& text, std::string_view end_of_it) {
    const auto end = text.find(end_of_it);
    text.remove_prefix(end == std::string_view::npos ? 0 : end + end_of_it.size());
}

void drop_back(std::string_view& text, std::string_view begin_of_it) {
    text = text.substr(0, text.rfind(begin_of_it));
}

/// The alert of a TLS server to whom we speak plainly (0x15 0x03 ...), read as the size of an
/// answer.
bool is_tls_alert(std::string_view reason) {
    drop_front(reason, "Invalid response size ");
    std::uint32_t size = 0;
    std::from_chars(reason.data(), reason.data() + reason.size(), size);
    constexpr std::uint32_t alert = 0x1503;
    return size >> 16U == alert;
}

/// Who a reason is about.
struct broker_name {
    std::string_view address;
    /// "1", or "bootstrap".
    std::string_view id;
};

/// Takes "host:port/bootstrap: " or "host:port/1: " off the front.
std::optional<broker_name> take_broker_name(std::string_view& reason) {
    drop_front(reason, "://");
    const auto name_end = reason.find(": ");
    const auto slash = reason.find('/');
    if (name_end == std::string_view::npos || slash > name_end) {
        return std::nullopt;
    }
    const broker_name name{reason.substr(0, slash), reason.substr(slash + 1, name_end - slash - 1)};
    reason.remove_prefix(name_end + 2);
    return name;
}

/// "logs [0]" of "[thrd:a:1/1]: a:1/1: logs [0]: MessageSet with ...".
std::string_view partition_named(std::string_view text) {
    drop_back(text, ": MessageSet ");
    const auto begin = text.rfind(": ");
    return begin == std::string_view::npos ? text : text.substr(begin + 2);
}

} // namespace

std::string plain_reason(std::string_view reason) {
    std::string_view rest = reason;
    drop_back(rest, " (after ");
    std::string plain;
    if (const auto broker = take_broker_name(rest)) {
        plain = broker->address;
        if (broker->id != "bootstrap") {
            plain.append(" (broker ").append(broker->id).append(")");
        }
        plain += ": ";
    }
    if (rest.starts_with("Connect to ")) {
        plain += "cannot connect: ";
        drop_front(rest, " failed: ");
    } else if (rest.starts_with("Failed to resolve")) {
        plain += "cannot resolve the name: ";
        drop_front(rest, "': ");
    }
    const bool has_said_nothing =
        rest.starts_with("Disconnected") &&
        reason.find("in state APIVERSION_QUERY") != std::string_view::npos;
    // What newer librdkafkas guess behind it is ours to say.
    plain += has_said_nothing ? "Disconnected" : rest;
    if (const auto openssl = plain.find("error:"); openssl != std::string::npos) {
        // "error:0A000126:SSL routines::unexpected eof while reading".
        const auto words = plain.rfind("::");
        plain.replace(
            openssl, words == std::string::npos ? 0 : words + 2 - openssl, "TLS handshake failed: "
        );
        if (plain.ends_with("unexpected eof while reading") ||
            plain.find("wrong version number") != std::string::npos) {
            plain += "; does the broker speak TLS there?";
        }
    }
    // Newer librdkafkas say the same in words of their own, or only that it is over.
    if (const auto guess = plain.find(": connecting to a PLAINTEXT broker listener?");
        guess != std::string::npos) {
        plain.replace(guess, std::string::npos, "; does the broker speak TLS there?");
    } else if (reason.find("in state SSL_HANDSHAKE") != std::string_view::npos && rest.starts_with("Disconnected")) {
        plain += "; does the broker speak TLS there?";
    }
    if (has_said_nothing) {
        plain += " before the broker said its version: is it a TLS port (security.protocol)?";
    }
    if (is_tls_alert(rest)) {
        plain += "; it speaks TLS: is security.protocol right?";
    }
    return plain;
}

std::string_view repeated_produce_error(std::string_view facility, std::string_view text) {
    constexpr std::string_view mark = "encountered error: ";
    if (facility != "MSGSET" || text.find(mark) == std::string_view::npos) {
        return {};
    }
    drop_front(text, mark);
    drop_back(text, " (actions");
    return text;
}

bool is_connect_failure(rd_kafka_resp_err_t code, std::string_view reason) {
    return code == RD_KAFKA_RESP_ERR__RESOLVE || code == RD_KAFKA_RESP_ERR__SSL ||
           code == RD_KAFKA_RESP_ERR__AUTHENTICATION ||
           (code == RD_KAFKA_RESP_ERR__TRANSPORT &&
            reason.find("Connect to ") != std::string_view::npos);
}

bool is_unanswered(rd_kafka_resp_err_t code) {
    switch (code) {
    case RD_KAFKA_RESP_ERR__TIMED_OUT:
    case RD_KAFKA_RESP_ERR__TRANSPORT:
    case RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN:
    case RD_KAFKA_RESP_ERR__RESOLVE:
    case RD_KAFKA_RESP_ERR__SSL:
    case RD_KAFKA_RESP_ERR__AUTHENTICATION:
    case RD_KAFKA_RESP_ERR__BAD_MSG:
        return true;
    default:
        return false;
    }
}

void connection_trouble::on_error(rd_kafka_resp_err_t code, std::string_view reason) {
    const std::lock_guard lock(mutex_);
    if (code == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN) {
        is_cut_off_ = true;
        return;
    }
    cause_ = plain_reason(reason);
    if (const auto broker = take_broker_name(reason)) {
        keep("broker " + std::string(broker->id), cause_);
    }
}

void connection_trouble::on_log(std::string_view facility, std::string_view text) {
    if (const std::string_view error = repeated_produce_error(facility, text); !error.empty()) {
        const std::lock_guard lock(mutex_);
        cause_ = error;
        keep(std::string(partition_named(text)), cause_);
    }
}

void connection_trouble::keep(std::string&& subject, const std::string& cause) {
    constexpr std::size_t subjects_max = 1000;
    if (causes_.size() < subjects_max || causes_.contains(subject)) {
        causes_[std::move(subject)] = cause;
    }
}

std::string connection_trouble::find(const std::string& subject) const {
    const std::lock_guard lock(mutex_);
    const auto found = causes_.find(subject);
    return found == causes_.end() ? std::string{} : found->second;
}

std::string connection_trouble::cause_of_broker(std::int32_t id) const {
    return find("broker " + std::to_string(id));
}

std::string connection_trouble::cause_of_partition(const topic_partition& at) const {
    return find(at.topic + " [" + std::to_string(at.partition.value()) + "]");
}

void connection_trouble::clear() {
    const std::lock_guard lock(mutex_);
    cause_.clear();
    causes_.clear();
    is_cut_off_ = false;
}

std::string connection_trouble::cause() const {
    const std::lock_guard lock(mutex_);
    return cause_;
}

bool connection_trouble::is_cut_off() const {
    const std::lock_guard lock(mutex_);
    return is_cut_off_;
}

} // namespace logboom::client
