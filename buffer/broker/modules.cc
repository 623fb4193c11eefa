#include "buffer/broker/modules.h"

#include "buffer/broker/group/group_module.h"

namespace logboom::broker {

std::vector<std::unique_ptr<broker_module>> make_modules(broker_context& with) {
    std::vector<std::unique_ptr<broker_module>> made;
    made.push_back(make_group_module(with));
    return made;
}

} // namespace logboom::broker
