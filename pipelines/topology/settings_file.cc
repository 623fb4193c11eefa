#include "pipelines/topology/settings_file.h"

#include "pipelines/conf/variables.h"
#include "pipelines/topology/errc.h"

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

namespace logboom::pipelines {
namespace {

constexpr std::size_t file_size_max = std::size_t{1024} * 1024;
constexpr int depth_max = 16;

class flattener {
  public:
    explicit flattener(std::string path) : path_(std::move(path)) {}

    result<void> add(const YAML::Node& from, const std::string& prefix, int depth) {
        if (!from.IsMap() || depth > depth_max) {
            return error(errc::not_a_map, position(from).text());
        }
        for (const auto& entry : from) {
            const std::string key = prefix + entry.first.as<std::string>("");
            if (entry.second.IsMap()) {
                LB_CHECK(add(entry.second, key + ".", depth + 1));
            } else if (!entry.second.IsNull()) {
                LB_TRY(config_value value, read_value(entry.second, depth + 1));
                settings.push_back({key, std::move(value), position(entry.first)});
            }
        }
        return {};
    }

    flat_settings settings;

  private:
    [[nodiscard]] source_position position(const YAML::Node& of) const {
        const YAML::Mark mark = of.Mark();
        return {path_, mark.line + 1, mark.column + 1};
    }

    result<config_value> read_value(const YAML::Node& from, int depth) {
        if (from.IsSequence() && depth <= depth_max) {
            config_value::array items;
            for (const auto& each : from) {
                LB_TRY(config_value item, read_value(each, depth + 1));
                items.push_back(std::move(item));
            }
            return config_value{std::move(items), position(from)};
        }
        if (!from.IsScalar()) {
            return error(errc::not_a_map, position(from).text());
        }
        std::string undefined;
        std::string text =
            conf::substitute_variables(from.Scalar(), conf::environment_variable, undefined);
        if (!undefined.empty()) {
            return error(
                errc::undefined_variable, position(from).text() + ": ${" + undefined + "}"
            );
        }
        return config_value{std::move(text), position(from)};
    }

    std::string path_;
};

/// (A YAML::Node can be made of anything, an error too: no result<YAML::Node>.)
result<void> load(env& files, const std::string& path, YAML::Node& into) {
    LB_TRY(const std::string text, read_file(files, path, file_size_max));
    try {
        into = YAML::Load(text);
    } catch (const YAML::Exception& why) {
        return error(
            errc::bad_yaml,
            fmt::format("{}:{}:{}: {}", path, why.mark.line + 1, why.mark.column + 1, why.msg)
        );
    }
    return {};
}

} // namespace

result<flat_settings> read_settings_file(env& files, const std::string& path) {
    YAML::Node root;
    LB_CHECK(load(files, path, root));
    flattener into(path);
    if (!root.IsNull()) {
        LB_CHECK(into.add(root, "", 0));
    }
    return std::move(into.settings);
}

result<std::vector<flat_settings>> read_pipelines_file(env& files, const std::string& path) {
    YAML::Node root;
    LB_CHECK(load(files, path, root));
    if (!root.IsSequence()) {
        return error(errc::not_a_list, path);
    }
    std::vector<flat_settings> all;
    for (const auto& each : root) {
        flattener into(path);
        LB_CHECK(into.add(each, "", 0));
        all.push_back(std::move(into.settings));
    }
    return all;
}

} // namespace logboom::pipelines
