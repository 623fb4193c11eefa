#include "agent/file/record_book.h"

namespace logboom::agent {

void record_book::mark(followed_file& which) {
    if (!which.marks.unsaved) {
        which.marks.unsaved = true;
        unsaved_.push_back(which.key);
    }
}

void record_book::begin(followed_file& which) {
    which.is_durable = false;
    fresh_.push_back(which.key);
    mark(which);
}

void record_book::retire(followed_file& which) {
    if (which.marks.unsaved) {
        state_.put(which.progress.record());
    }
    if (which.names.links == 0) {
        state_.remove(which.progress.identity());
    } else {
        state_.retire(which.progress.identity());
    }
}

void record_book::save() {
    for (const file_key key : unsaved_) {
        if (const auto found = files_.find(key); found != files_.end()) {
            found->second.marks.unsaved = false;
            state_.put(found->second.progress.record());
        }
    }
    unsaved_.clear();
}

void record_book::saved() {
    for (const file_key key : fresh_) {
        if (const auto found = files_.find(key); found != files_.end()) {
            found->second.is_durable = true;
        }
    }
    fresh_.clear();
}

} // namespace logboom::agent
