// logstash.yml of any bytes: settings with names and places, or an error that names the file.
#include "base/memory_env.h"
#include "pipelines/topology/settings_file.h"

#include <cstdlib>

using namespace logboom;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    memory_env files;
    if (files.make_directories("/etc").has_error() ||
        replace_file(files, "/etc/logstash.yml", text).has_error()) {
        std::abort();
    }
    const auto read = pipelines::read_settings_file(files, "/etc/logstash.yml");
    if (read.has_error()) {
        if (read.error().text().find("/etc/logstash.yml") == std::string::npos) {
            std::abort();
        }
        return 0;
    }
    for (const config_attribute& each : *read) {
        if (each.where.file != "/etc/logstash.yml" || each.where.line < 1) {
            std::abort();
        }
    }
    return 0;
}
