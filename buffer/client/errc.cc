#include "buffer/client/errc.h"

#include <librdkafka/rdkafka.h>

namespace logboom::client {
namespace {

class response_category final : public std::error_category {
  public:
    [[nodiscard]] const char* name() const noexcept override { return "kafka"; }
    [[nodiscard]] std::string message(int value) const override {
        return rd_kafka_err2str(static_cast<rd_kafka_resp_err_t>(value));
    }
};

const response_category& category() {
    static const response_category instance;
    return instance;
}

} // namespace

error kafka_error(int response_error, std::string context, std::string_view reason) {
    const std::error_code code(response_error, category());
    if (!reason.empty() && reason != code.message()) {
        context += context.empty() ? "" : ": ";
        context += reason;
    }
    return {code, std::move(context)};
}

bool is_kafka_error(const error& why, int response_error) {
    return why.code == std::error_code(response_error, category());
}

} // namespace logboom::client
