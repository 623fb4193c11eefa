#include "buffer/broker/group/coordinator.h"

namespace logboom::broker {

group_coordinator::group_coordinator(
    coordinator_options options,
    const clock& time,
    append_call append,
    metrics& counters,
    logger messages
)
    : groups_(std::move(options), time, std::move(append), counters, std::move(messages))
    , members_(groups_, counters)
    , offsets_(groups_, counters) {}

void group_coordinator::loaded(partition_id partition, group_loader::images groups) {
    for (group_entry* const each : groups_.loaded(partition, std::move(groups))) {
        members_.watch(*each);
    }
}

void group_coordinator::remove(
    const delete_api::request& request, std::function<void(const delete_api::response&)> answer
) {
    struct collected {
        delete_api::response told;
        std::size_t missing = 1;
        std::function<void(const delete_api::response&)> answer;
    };
    const auto all = std::make_shared<collected>();
    all->answer = std::move(answer);
    const auto finish_one = [all] {
        if (--all->missing == 0) {
            all->answer(all->told);
        }
    };
    for (const std::string_view id : request.groups) {
        error_code why = groups_.check(id, group_table::name_rule::any);
        const group_entry* const found = groups_.find(id);
        if (why == error_code::none && found == nullptr) {
            why = error_code::group_id_not_found;
        } else if (why == error_code::none && !found->state.is_vacant()) {
            why = error_code::non_empty_group;
        }
        const std::size_t index = all->told.results.size();
        all->told.results.push_back({std::string(id), wire(why)});
        if (why != error_code::none) {
            continue;
        }
        ++all->missing;
        groups_.messages().info("A group is deleted. group={}", id);
        groups_.erase(std::string(id), [all, index, finish_one](bool done) {
            if (!done) {
                all->told.results[index].error = wire(error_code::coordinator_not_available);
            }
            finish_one();
        });
    }
    finish_one();
}

} // namespace logboom::broker
