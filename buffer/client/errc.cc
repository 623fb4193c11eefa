#include "buffer/client/errc.h"

#include <librdkafka/rdkafka.h>

#include <cstring>

namespace logboom::client {
namespace {

class response_category final : public std::error_category {
  public:
    [[nodiscard]] const char* name() const noexcept override { return "kafka"; }
    [[nodiscard]] std::string message(int value) const override {
        std::string_view text = rd_kafka_err2str(static_cast<rd_kafka_resp_err_t>(value));
        // Who says so is clear: there is only the broker and us.
        for (const std::string_view prefix : {"Broker: ", "Local: "}) {
            text.remove_prefix(text.starts_with(prefix) ? prefix.size() : 0);
        }
        return std::string(text);
    }
};

const response_category& category() {
    static const response_category instance;
    return instance;
}

} // namespace

error kafka_error(int response_error, std::string context, std::string_view reason) {
    const std::error_code code(response_error, category());
    while (reason.ends_with('.')) {
        reason.remove_suffix(1);
    }
    // Most reasons only repeat the name and the code; some say which setting is wrong.
    const bool repeats =
        context.empty() || strcasestr(std::string(reason).c_str(), context.c_str()) != nullptr;
    if (!reason.empty() &&
        reason != rd_kafka_err2str(static_cast<rd_kafka_resp_err_t>(response_error)) && !repeats) {
        context.append(" (").append(reason).append(")");
    }
    return {code, std::move(context)};
}

bool is_kafka_error(const error& why, int response_error) {
    return why.code == std::error_code(response_error, category());
}

} // namespace logboom::client
