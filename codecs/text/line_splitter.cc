#include "codecs/text/line_splitter.h"

namespace logboom {

std::size_t line_splitter::find(std::string_view in, std::size_t from) const noexcept {
    if (delimiter_.empty()) {
        return std::string_view::npos;
    }
    std::size_t at =
        delimiter_.size() == 1 ? in.find(delimiter_.front(), from) : in.find(delimiter_, from);
    while (at != std::string_view::npos && at % unit_ != 0) {
        at = in.find(delimiter_, at + 1);
    }
    return at;
}

std::size_t line_splitter::split(
    std::string_view text, std::size_t search_from, bool is_in_data, const receiver& into
) const {
    std::size_t taken = 0;
    std::size_t at = find(text, search_from);
    while (at != std::string_view::npos) {
        into({text.substr(taken, at - taken), is_in_data, false});
        taken = at + delimiter_.size();
        at = find(text, taken);
    }
    return taken;
}

void line_splitter::feed(std::string_view data, const receiver& into) {
    if (held_.empty()) {
        held_.assign(data.substr(split(data, 0, true, into)));
    } else {
        // The delimiter may have begun in what is held.
        const std::size_t overlap = delimiter_.empty() ? 0 : delimiter_.size() - 1;
        const std::size_t from = held_.size() > overlap ? held_.size() - overlap : 0;
        held_.append(data);
        held_.erase(0, split(held_, from, false, into));
    }
    if (held_.size() > held_max_) {
        // Whole units, or what comes behind would never be cut again.
        const std::size_t whole = held_.size() - held_.size() % unit_;
        into({std::string_view(held_).substr(0, whole), false, true});
        held_.erase(0, whole);
    }
}

void line_splitter::flush(const receiver& into) {
    if (!held_.empty()) {
        into({held_, false, false});
        held_.clear();
    }
}

} // namespace logboom
