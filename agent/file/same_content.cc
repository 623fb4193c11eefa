#include "agent/file/same_content.h"

namespace logboom::agent {
namespace {

/// Less may be a header that many files have.
constexpr std::size_t telling_size = 64;

/// Less than `size` bytes where there are no more, or they cannot be read.
std::string read_up_to(file_source& source, std::size_t size, std::int64_t position) {
    std::string out(size, '\0');
    const auto count = source.read(out.data(), size, position);
    out.resize(count.has_value() ? *count : 0);
    return out;
}

bool is_same(const checkpoint_record& record, std::int64_t size, file_source& source) {
    const std::size_t known = record.prefix.size();
    if (known < telling_size || size < record.size.value() ||
        !record.prefix.fits(read_up_to(source, known, 0))) {
        return false;
    }
    const std::int64_t position = record.position.value();
    if (position <= static_cast<std::int64_t>(known)) {
        return true;
    }
    const std::size_t before = record.marker.size();
    return before > 0 &&
           record.marker.fits(
               read_up_to(source, before, position - static_cast<std::int64_t>(before))
           );
}

} // namespace

std::optional<file_identity>
find_same(const std::vector<const checkpoint_record*>& candidates, file_source& source) {
    const auto found = source.stat();
    for (const checkpoint_record* const each : candidates) {
        if (found.has_value() && is_same(*each, found->size, source)) {
            return each->identity;
        }
    }
    return std::nullopt;
}

} // namespace logboom::agent
