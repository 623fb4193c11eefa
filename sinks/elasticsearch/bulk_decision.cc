#include "sinks/elasticsearch/bulk_decision.h"

#include "sinks/http_client/status.h"

#include <fmt/format.h>

#include <algorithm>

namespace logboom::sinks {
namespace {

constexpr std::size_t quoted_size_max = 300;

bool is_success(int status) {
    return status >= 200 && status < 300;
}

bool is_temporary(int status) {
    return status == http_status::request_timeout || status == http_status::too_many_requests ||
           status >= http_status::server_error;
}

} // namespace

std::string quote(std::string_view body) {
    return std::string(body.substr(0, std::min(body.size(), quoted_size_max)));
}

std::string
refusal_text(int status, std::size_t items, std::string_view consequence, std::string_view body) {
    return fmt::format(
        "Elasticsearch answered status={} to a bulk of {} items, {}: {}",
        status,
        items,
        consequence,
        quote(body)
    );
}

std::string_view text_of(item_fate fate) noexcept {
    return fate == item_fate::retry     ? "is tried again"
           : fate == item_fate::dropped ? "is dropped"
                                        : "goes to the dead letters";
}

item_fate
decide_item(const bulk_item& item, const item_answer& answer, const decision_options& options) {
    if (is_success(answer.status)) {
        return item_fate::stored;
    }
    if (answer.status == http_status::conflict && item.action == bulk_action::create) {
        return item_fate::duplicate;
    }
    if (answer.status == http_status::conflict && item.is_versioned) {
        return item_fate::superseded;
    }
    if (answer.status == http_status::not_found && item.action == bulk_action::remove &&
        answer.error_type.empty()) {
        return item_fate::superseded;
    }
    const auto& dropped = options.drop_error_types;
    if (std::find(dropped.begin(), dropped.end(), answer.error_type) != dropped.end()) {
        return item_fate::dropped;
    }
    const auto& codes = options.dead_letter_codes;
    if (std::find(codes.begin(), codes.end(), answer.status) != codes.end()) {
        return item_fate::dead_letter;
    }
    const bool is_block =
        answer.status == http_status::forbidden && answer.error_type == "cluster_block_exception";
    return is_block || answer.status == http_status::unauthorized || is_temporary(answer.status)
               ? item_fate::retry
               : item_fate::dead_letter;
}

request_fate decide_request(int status, std::string_view body) {
    if (is_success(status)) {
        return request_fate::answered;
    }
    if (status == http_status::too_large) {
        return request_fate::split;
    }
    if (is_temporary(status)) {
        return request_fate::again;
    }
    if (status == http_status::bad_request) {
        // A parameter of ours that the server does not know has nothing to do with the events.
        const bool is_setting = body.find("unrecognized parameter") != std::string_view::npos;
        return is_setting ? request_fate::pause : request_fate::bisect;
    }
    return request_fate::pause;
}

} // namespace logboom::sinks
