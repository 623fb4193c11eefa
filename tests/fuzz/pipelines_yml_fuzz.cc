// pipelines.yml of any bytes: pipelines, each of settings with names and places, or an error that
// names the file.
#include "base/memory_env.h"
#include "pipelines/topology/settings_file.h"
#include "tests/fuzz/require.h"

using namespace logboom;
using fuzz::require;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    memory_env files;
    require(files.make_directories("/etc").has_value());
    require(replace_file(files, "/etc/pipelines.yml", text).has_value());
    const auto read = pipelines::read_pipelines_file(files, "/etc/pipelines.yml");
    if (read.has_error()) {
        require(read.error().text().find("/etc/pipelines.yml") != std::string::npos);
        return 0;
    }
    for (const pipelines::flat_settings& pipeline : *read) {
        for (const config_attribute& each : pipeline) {
            require(each.where.file == "/etc/pipelines.yml" && each.where.line >= 1);
        }
    }
    return 0;
}
