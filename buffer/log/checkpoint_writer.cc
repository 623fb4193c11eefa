#include "buffer/log/checkpoint_writer.h"

#include "base/assertion.h"

#include <utility>

namespace logboom::log {
namespace {

/// In the order of writing. The start first: recovery may find less than it, never more.
constexpr std::pair<const char*, offset_checkpoint checkpoint_values::*> checkpoint_files[] = {
    {"log-start-offset-checkpoint", &checkpoint_values::starts},
    {"recovery-point-offset-checkpoint", &checkpoint_values::recovery_points},
    {"cleaner-offset-checkpoint", &checkpoint_values::cleaned},
    {"replication-offset-checkpoint", &checkpoint_values::watermarks},
};

} // namespace

checkpoint_writer::checkpoint_writer(env& files, std::string directory)
    : files_(files), directory_(std::move(directory)) {}

result<checkpoint_values> checkpoint_writer::read() {
    checkpoint_values found;
    for (std::size_t i = 0; i < known_.size(); ++i) {
        const auto& [name, values] = checkpoint_files[i];
        LB_TRY(found.*values, read_offset_checkpoint(files_, join_path(directory_, name)));
        known_[i] = found.*values;
    }
    return found;
}

result<void> checkpoint_writer::write(std::uint64_t number, const checkpoint_values& values) {
    const std::lock_guard guard(mutex_);
    if (number < written_) {
        return {};
    }
    LB_ASSERT(number > 0);
    written_ = number;
    for (std::size_t i = 0; i < known_.size(); ++i) {
        const auto& [name, member] = checkpoint_files[i];
        if (known_[i] == values.*member) {
            continue;
        }
        known_[i].reset();
        LB_CHECK(write_offset_checkpoint(files_, join_path(directory_, name), values.*member));
        known_[i] = values.*member;
    }
    return {};
}

} // namespace logboom::log
