#include "pipelines/conf/merge.h"

#include <algorithm>

namespace logboom::conf {
namespace {

using array = config_value::array;
using hash = config_value::hash;

bool contains(const array& in, const config_value& wanted) {
    return std::any_of(in.begin(), in.end(), [&](const config_value& each) {
        return same_value(each, wanted);
    });
}

/// Ruby's array union, which is how values of one key inside merged hashes join.
void join_as_union(config_value& into, const config_value& later) {
    if (auto* mine = std::get_if<hash>(&into.data);
        mine && std::holds_alternative<hash>(later.data)) {
        merge_attribute(into, later);
        return;
    }
    if (same_value(into, later)) {
        return;
    }
    array joined;
    for (const config_value* each : {static_cast<const config_value*>(&into), &later}) {
        if (const auto* items = std::get_if<array>(&each->data)) {
            std::copy_if(
                items->begin(),
                items->end(),
                std::back_inserter(joined),
                [&](const auto& x) { return !contains(joined, x); }
            );
        } else if (!contains(joined, *each)) {
            joined.push_back(*each);
        }
    }
    into.data = std::move(joined);
}

bool same_entry(const config_entry& left, const config_entry& right) {
    return left.key == right.key && same_value(left.value, right.value);
}

} // namespace

bool same_value(const config_value& left, const config_value& right) {
    if (left.data.index() != right.data.index()) {
        return false;
    }
    if (const auto* items = std::get_if<array>(&left.data)) {
        const auto& others = std::get<array>(right.data);
        return std::equal(items->begin(), items->end(), others.begin(), others.end(), same_value);
    }
    if (const auto* entries = std::get_if<hash>(&left.data)) {
        const auto& others = std::get<hash>(right.data);
        return std::equal(
            entries->begin(), entries->end(), others.begin(), others.end(), same_entry
        );
    }
    if (std::holds_alternative<config_value::plugin>(left.data)) {
        return std::get<config_value::plugin>(left.data) ==
               std::get<config_value::plugin>(right.data);
    }
    return left.scalar_text() == right.scalar_text();
}

void merge_attribute(config_value& into, const config_value& later) {
    if (auto* mine = std::get_if<hash>(&into.data)) {
        if (const auto* theirs = std::get_if<hash>(&later.data)) {
            for (const config_entry& entry : *theirs) {
                const auto found = std::find_if(mine->begin(), mine->end(), [&](const auto& each) {
                    return each.key == entry.key;
                });
                if (found == mine->end()) {
                    mine->push_back(entry);
                } else {
                    join_as_union(found->value, entry.value);
                }
            }
            return;
        }
    }
    if (auto* mine = std::get_if<array>(&into.data)) {
        if (const auto* theirs = std::get_if<array>(&later.data)) {
            mine->insert(mine->end(), theirs->begin(), theirs->end());
        } else {
            mine->push_back(later);
        }
        return;
    }
    if (same_value(into, later)) {
        return;
    }
    array both{std::move(into)};
    if (const auto* theirs = std::get_if<array>(&later.data)) {
        both.insert(both.end(), theirs->begin(), theirs->end());
    } else {
        both.push_back(later);
    }
    config_value joined;
    joined.where = both.front().where;
    joined.data = std::move(both);
    into = std::move(joined);
}

} // namespace logboom::conf
