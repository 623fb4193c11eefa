// Any text as a config: parsing must end, and conditions that parse must compile or say why not.
#include "pipelines/conf/condition.h"
#include "pipelines/conf/parser.h"

#include <cstdint>

namespace {

using namespace logboom::conf;

void compile_all(const std::vector<statement>& from, problems& into) {
    for (const statement& each : from) {
        const auto* found = std::get_if<branch>(&each.what);
        if (found == nullptr) {
            continue;
        }
        for (const branch_arm& arm : found->arms) {
            if (arm.condition) {
                const auto made = condition::compile(*arm.condition, into);
                logboom::arena memory;
                const logboom::event empty(memory);
                if (made && made->test(empty) == verdict::broken) {
                    (void)made->why_broken(empty);
                }
            }
            compile_all(arm.body, into);
        }
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    source from;
    problems wrong;
    if (!from.add("fuzz.conf", {reinterpret_cast<const char*>(data), size}, wrong)) {
        return 0;
    }
    const parsed made = parse(from, {size % 2 == 0, environment_variable});
    for (const problem& each : made.errors) {
        (void)each.text();
    }
    compile_all(made.tree.inputs, wrong);
    compile_all(made.tree.filters, wrong);
    compile_all(made.tree.outputs, wrong);
    return 0;
}
