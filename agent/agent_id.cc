#include "agent/agent_id.h"

#include "base/fnv1a.h"
#include "base/ids.h"

#include <fmt/format.h>

#include <array>
#include <mutex>

namespace logboom::agent {
namespace {

constexpr std::size_t id_size_max = 256;
constexpr std::string_view unknown_mark = "-";

/// What tells one machine from another: a hash each of systemd's id and of the firmware's, which a
/// hypervisor gives to a clone anew; "-" where it is not known. Device numbers would not do, they
/// change with a reboot, and host names and addresses do with a container.
using machine_marks = std::array<std::string, 2>;

std::string mark_from(env& disk, const std::string& path) {
    auto text = read_file(disk, path, id_size_max);
    if (text.has_error() || text->empty() || *text == "\n" || *text == "uninitialized\n") {
        return std::string(unknown_mark);
    }
    return fmt::format("{:016x}", fnv1a(*text));
}

machine_marks marks_of_machine(env& disk) {
    return {mark_from(disk, "/etc/machine-id"), mark_from(disk, "/sys/class/dmi/id/product_uuid")};
}

struct kept_id {
    std::string id;
    machine_marks machine{std::string(unknown_mark), std::string(unknown_mark)};
};

/// "id", newline, and the marks with a space between them; versions before had the id alone. The
/// id is empty when `text` is something else.
kept_id parse_id(std::string_view text) {
    kept_id out;
    const std::size_t newline = text.find('\n');
    const std::string_view id = text.substr(0, newline);
    uuid parsed;
    if (!uuid::parse(id, parsed)) {
        return out;
    }
    out.id = id;
    if (newline == std::string_view::npos) {
        return out;
    }
    text.remove_prefix(newline + 1);
    const std::string_view marks = text.substr(0, text.find('\n'));
    if (const std::size_t space = marks.find(' '); space != std::string_view::npos) {
        out.machine = {std::string(marks.substr(0, space)), std::string(marks.substr(space + 1))};
    }
    return out;
}

std::string text_of(const kept_id& kept) {
    return fmt::format("{}\n{} {}\n", kept.id, kept.machine[0], kept.machine[1]);
}

/// Takes what is known now; false when something that was known is another.
bool is_same_machine(machine_marks& kept, const machine_marks& now) {
    for (std::size_t i = 0; i < kept.size(); ++i) {
        if (kept[i] == unknown_mark) {
            kept[i] = now[i];
        } else if (now[i] != unknown_mark && now[i] != kept[i]) {
            return false;
        }
    }
    return true;
}

} // namespace

result<std::string> load_agent_id(env& disk, const std::string& data_directory, const logger& log) {
    // Several inputs of one process may ask at the same time for the first time.
    static std::mutex only_one;
    const std::lock_guard lock(only_one);
    const std::string path = join_path(data_directory, "agent.id");
    std::string before;
    if (disk.exists(path)) {
        LB_TRY(before, read_file(disk, path, id_size_max));
    }
    const machine_marks now = marks_of_machine(disk);
    kept_id kept = parse_id(before);
    if (!kept.id.empty() && !is_same_machine(kept.machine, now)) {
        const std::string other = std::exchange(kept.id, uuid::random().text());
        kept.machine = now;
        log.warn(
            "The data directory was copied from another machine: the agent gets an id of its own, "
            "so that its lines have names of their own. path={} was={} is={}",
            path,
            other,
            kept.id
        );
    } else if (kept.id.empty()) {
        kept = {uuid::random().text(), now};
    }
    if (const std::string text = text_of(kept); text != before) {
        LB_CHECK(disk.make_directories(data_directory));
        LB_CHECK(replace_file(disk, path, text));
    }
    return kept.id;
}

} // namespace logboom::agent
