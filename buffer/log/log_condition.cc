#include "buffer/log/log_condition.h"

#include "base/assertion.h"
#include "base/metric_list.h"
#include "buffer/log/errc.h"

#include <cerrno>
#include <chrono>

namespace logboom::log {
namespace {

constexpr auto shortage_message_pause = std::chrono::minutes(1);

bool is_shortage(const std::error_code& code) noexcept {
    return code == std::errc::no_space_on_device ||
           code == std::error_code(EDQUOT, std::system_category()) ||
           code == std::errc::too_many_files_open ||
           code == std::errc::too_many_files_open_in_system;
}

} // namespace

log_condition::log_condition(const log_context& context, std::string directory, label_values labels)
    : directory_(std::move(directory))
    , time_(context.time)
    , messages_(context.messages)
    , failures_(
          context.counters, declared("logboom_log_storage_failures_total"), std::move(labels)
      ) {}

error log_condition::storage_failed() const {
    return {errc::storage_failed, directory_};
}

result<void> log_condition::require_open() const {
    return is_open() ? result<void>() : storage_failed();
}

void log_condition::close() {
    LB_ASSERT(!failed_);
    LB_ASSERT(!closed_);
    closed_ = true;
}

error log_condition::fail(const error& why) {
    LB_ASSERT(why.code);
    if (!failed_) {
        failed_ = true;
        failures_.add();
        messages_.error(
            "A partition is closed because its disk failed. directory={} error={}",
            directory_,
            why.text()
        );
    }
    LB_ASSERT(!is_open());
    return {errc::storage_failed, why.text()};
}

error log_condition::refuse(const error& why) {
    if (!is_shortage(why.code)) {
        return fail(why);
    }
    failures_.add();
    const auto now = time_.steady();
    if (!warned_at_ || now - *warned_at_ >= shortage_message_pause) {
        warned_at_ = now;
        messages_.error(
            "A partition takes no records until there is room. directory={} error={}",
            directory_,
            why.text()
        );
    }
    return {errc::storage_failed, why.text()};
}

} // namespace logboom::log
