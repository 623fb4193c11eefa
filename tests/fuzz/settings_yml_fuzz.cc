// logstash.yml of any bytes: settings with names and places, or an error that names the file.
#include "base/memory_env.h"
#include "pipelines/topology/settings_file.h"
#include "tests/fuzz/require.h"

using namespace logboom;
using fuzz::require;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    memory_env files;
    require(files.make_directories("/etc").has_value());
    require(replace_file(files, "/etc/logstash.yml", text).has_value());
    const auto read = pipelines::read_settings_file(files, "/etc/logstash.yml");
    if (read.has_error()) {
        require(read.error().text().find("/etc/logstash.yml") != std::string::npos);
        return 0;
    }
    for (const config_attribute& each : *read) {
        require(each.where.file == "/etc/logstash.yml" && each.where.line >= 1);
    }
    return 0;
}
