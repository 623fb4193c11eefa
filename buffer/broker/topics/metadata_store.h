// What must be agreed on by all brokers of a cluster, as versioned values under paths: Kafka's own
// znodes (/brokers/topics/T, /config/topics/T, ...). Writes are compare-and-set, several at a time
// or none; reads come from a snapshot that watches keep fresh. One node keeps it in a file
// (file_metadata_store.h). On the loop.
#pragma once

#include "base/result.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace logboom::broker {

struct metadata_node {
    std::string value;
    /// Counts the writes since creation, from 0.
    std::int32_t version = 0;
};

struct metadata_change {
    enum class kind { create, update, remove };
    /// Whose life the node shares: nobody's, or that of this broker's membership (ephemeral).
    enum class owner { none, this_broker };

    kind what = kind::create;
    std::string path;
    std::string value;
    /// For update and remove: the version that must be there; -1 for any.
    std::int32_t expected_version = -1;
    owner lives_with = owner::none;
};

/// Ends the watch when destroyed.
class metadata_watch {
  public:
    virtual ~metadata_watch() = default;
};

class metadata_store {
  public:
    virtual ~metadata_store() = default;

    [[nodiscard]] virtual std::optional<metadata_node> read(std::string_view path) const = 0;
    /// Names right below `path`, sorted.
    [[nodiscard]] virtual std::vector<std::string> children(std::string_view path) const = 0;
    /// All or nothing. `done` on the loop once the changes are durable and readable, or with
    /// errc::metadata_conflict (a version or an existence was not as expected) or the failure.
    virtual void
    commit(std::vector<metadata_change> changes, std::function<void(result<void>)> done) = 0;
    /// `changed` on the loop after each change at or below `path`, with the path that changed.
    [[nodiscard]] virtual std::unique_ptr<metadata_watch>
    watch(std::string path, std::function<void(const std::string&)> changed) = 0;
};

} // namespace logboom::broker
