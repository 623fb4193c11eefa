#include "buffer/log/condemned_files.h"

#include "base/assertion.h"

#include <iterator>

namespace logboom::log {

result<void> condemned_files::add(const segment_files& files, offset base, clock::duration due) {
    segment_remains gone{due, {}};
    for (const std::string_view suffix : segment_suffixes) {
        if (!files.exists(base, suffix)) {
            continue;
        }
        const std::string path = files.path(base, suffix);
        const std::string condemned = path + ".deleted";
        LB_CHECK(files.files().rename(path, condemned));
        gone.paths.push_back(condemned);
    }
    remains_.push_back(std::move(gone));
    return {};
}

std::vector<std::string> condemned_files::take_due(clock::duration now) {
    std::vector<std::string> paths;
    while (!remains_.empty() && remains_.front().due <= now) {
        std::vector<std::string>& oldest = remains_.front().paths;
        std::move(oldest.begin(), oldest.end(), std::back_inserter(paths));
        remains_.pop_front();
    }
    LB_ASSERT(remains_.empty() || remains_.front().due > now);
    return paths;
}

} // namespace logboom::log
