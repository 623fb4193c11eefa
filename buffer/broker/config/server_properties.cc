// Reads what is given, says what is wrong with it, and lets the keys' rows fill the structs. What
// several keys make together (listeners, directories, topic defaults) is put together here.
#include "buffer/broker/config/server_properties.h"

#include "base/config_value.h"
#include "base/settings.h"
#include "buffer/broker/config/properties_file.h"
#include "buffer/broker/config/stored_value.h"

#include <fmt/format.h>

#include <algorithm>

namespace logboom::broker {
namespace {

constexpr std::int32_t port_max = 65535;
constexpr std::string_view listener_prefix = "listener.name.";

/// A key for one listener (listener.name.LISTENER.KEY, before sasl. also
/// listener.name.LISTENER.MECHANISM.KEY) without that.
std::string_view without_listener(std::string_view key) {
    if (!key.starts_with(listener_prefix)) {
        return key;
    }
    const std::size_t name_end = key.find('.', listener_prefix.size());
    if (name_end == std::string_view::npos) {
        return key;
    }
    const std::string_view rest = key.substr(name_end + 1);
    const std::size_t mechanism_end = rest.find(".sasl.");
    return mechanism_end == std::string_view::npos ? rest : rest.substr(mechanism_end + 1);
}

/// The sentence behind "file:line: ".
std::string refusal_of(const config_key& key, std::string_view name, std::string_view value) {
    return fmt::format(
        "{}{} asks for {}, which this broker does not offer: every client that reaches it is "
        "served "
        "without; remove the key if that is meant, and let a proxy or a firewall protect the "
        "listener if not",
        name,
        key.type == config_type::password ? std::string() : fmt::format("={}", value),
        key.doc
    );
}

/// Whether a key that is not known sounds as if it kept somebody out: a slip in a refused one, one
/// that belongs to clients, one of a Kafka to come.
bool sounds_like_protection(std::string_view key, std::string_view nearest) {
    constexpr std::string_view families[] = {"authorizer.", "sasl.", "security.", "ssl.", "super."};
    const config_key* const near = find_broker_key(nearest);
    return (near != nullptr && near->state == key_state::refused) ||
           std::any_of(std::begin(families), std::end(families), [&](std::string_view each) {
               return key.starts_with(each);
           });
}

std::vector<std::string> split(std::string_view text) {
    constexpr std::string_view separators = ", \t";
    std::vector<std::string> parts;
    while (!text.empty()) {
        const std::size_t end = text.find_first_of(separators);
        if (end != 0) {
            parts.emplace_back(text.substr(0, end));
        }
        text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
    }
    return parts;
}

class reading {
  public:
    explicit reading(properties_outcome& out) : out_(out) {}

    /// The last of a name counts.
    void take(const property& entry, const std::string& source) {
        const auto known = std::find_if(given_.begin(), given_.end(), [&](const given_key& each) {
            return each.name == entry.key;
        });
        given_key& mine = known == given_.end() ? given_.emplace_back() : *known;
        mine = {entry.key, std::string(trimmed(entry.value)), {source, entry.line, 0}};
    }

    void finish(const std::string& data_directory) {
        for (const given_key& each : given_) {
            judge(each);
        }
        if (!out_.errors.empty()) {
            return;
        }
        for_each_broker_key([&](const config_key& key) {
            const std::string value = value_of(key.name);
            if (key.to_broker != nullptr && !value.empty()) {
                key.to_broker(out_.config, value);
            }
        });
        fill_log_dirs(data_directory);
        fill_listeners();
        fill_topic_defaults();
        warn_of_replicas();
    }

  private:
    struct given_key {
        std::string name;
        std::string value;
        source_position where;
    };

    /// Says what there is to say about one key, and notes it when it counts.
    void judge(const given_key& given) {
        const config_key* const key = find_broker_key(without_listener(given.name));
        if (key == nullptr) {
            return judge_unknown(given);
        }
        const std::string place = given.where.text();
        const bool is_single = given.name.starts_with(listener_prefix);
        if (key->state == key_state::refused) {
            if (!given.value.empty() && !is_one_of(key->harmless, given.value)) {
                out_.errors.push_back(
                    fmt::format("{}: {}", place, refusal_of(*key, given.name, given.value))
                );
            }
        } else if (key->state == key_state::no_effect) {
            // Kafka's own file is full of these: they are worth a note, not a warning.
            if (!key->doc.starts_with("Accepted")) {
                out_.notes.push_back(
                    fmt::format("{}: {} has no effect: {}", place, given.name, key->doc)
                );
            }
        } else if (key->state == key_state::not_yet) {
            out_.warnings.push_back(fmt::format(
                "{}: {} is accepted but has no effect yet: {}", place, given.name, key->doc
            ));
        } else if (is_single) {
            out_.warnings.push_back(fmt::format(
                "{}: {} has no effect: nothing can be set for one listener, {} counts for all",
                place,
                given.name,
                key->name
            ));
        } else if (const std::string wrong =
                       given.value.empty() ? "" : check_value(*key, given.value);
                   !wrong.empty()) {
            out_.errors.push_back(fmt::format("{}: {} {}", place, given.name, wrong));
        }
        if (!is_single) {
            out_.config.given.insert_or_assign(given.name, given.value);
        }
    }
    void judge_unknown(const given_key& given) {
        std::vector<std::string_view> names;
        for_each_broker_key([&](const config_key& each) { names.push_back(each.name); });
        const std::string_view key = without_listener(given.name);
        const std::string near = nearest_name(key, names);
        const std::string hint = near.empty() ? "" : fmt::format("; did you mean {}?", near);
        constexpr std::string_view harmless = "PLAINTEXT|none|false";
        if (!given.value.empty() && !is_one_of(harmless, given.value) &&
            sounds_like_protection(key, near)) {
            out_.errors.push_back(fmt::format(
                "{}: unknown key {} sounds like a protection, which this broker does not offer; "
                "remove it{}",
                given.where.text(),
                given.name,
                hint
            ));
            return;
        }
        out_.warnings.push_back(
            fmt::format("{}: unknown key {} is ignored{}", given.where.text(), given.name, hint)
        );
    }
    void fail(std::string_view key, const std::string& sentence) {
        const auto found = std::find_if(given_.begin(), given_.end(), [&](const given_key& each) {
            return each.name == key;
        });
        const std::string place = found == given_.end() ? "" : found->where.text() + ": ";
        out_.errors.push_back(fmt::format("{}{}: {}", place, key, sentence));
    }

    /// An empty value is the same as none, as for Kafka's lists and optional keys.
    [[nodiscard]] bool is_given(std::string_view name) const {
        const auto found = out_.config.given.find(name);
        return found != out_.config.given.end() && !found->second.empty();
    }
    /// What is given, else the default.
    [[nodiscard]] std::string value_of(std::string_view name) const {
        return is_given(name) ? out_.config.given.find(name)->second
                              : std::string(find_broker_key(name)->fallback);
    }
    [[nodiscard]] std::vector<std::string> list(std::string_view name) const {
        return split(value_of(name));
    }

    /// A file from a cluster: what one node makes of it is not what its owner expects.
    void warn_of_replicas() {
        if (out_.config.default_replication_factor > 1) {
            out_.warnings.push_back(
                "default.replication.factor is above 1: on a single node no topic comes into being "
                "by itself, or without a replication factor"
            );
        }
        if (out_.config.min_insync_replicas > 1) {
            out_.warnings.push_back(
                "min.insync.replicas is above 1: a single node refuses records sent with acks=all"
            );
        }
    }
    void fill_log_dirs(const std::string& data_directory) {
        out_.config.log_dirs = list("log.dirs");
        if (out_.config.log_dirs.empty()) {
            out_.config.log_dirs = {is_given("log.dir") ? value_of("log.dir") : data_directory};
        }
    }

    /// The finest unit given wins, as in Kafka: coarser ones stand before it in the table.
    void fill_topic_defaults() {
        topic_config& to = out_.config.topic_defaults;
        for (const config_key& key : topic_keys()) {
            if (!key.scales.empty() && is_given(key.name)) {
                to.insert_or_assign(std::string(key.scales), scaled(key));
            }
        }
        for (const config_key& key : topic_keys()) {
            if (key.scales.empty() && !key.name.empty() && is_given(key.name)) {
                to.insert_or_assign(std::string(key.own_name()), value_of(key.name));
            }
        }
    }
    [[nodiscard]] std::string scaled(const config_key& key) const {
        std::int64_t count = 0;
        store_value(count, value_of(key.name));
        const std::int64_t count_max = std::numeric_limits<std::int64_t>::max() / key.unit_ms;
        return std::to_string(count < 0 ? -1 : std::min(count, count_max) * key.unit_ms);
    }

    struct parsed_listener {
        std::string name;
        std::string host;
        std::int32_t port = 0;
    };
    /// "NAME://host:port"; the host may be empty, 0.0.0.0, a name or [v6].
    bool parse_listener(std::string_view key, const std::string& text, parsed_listener& into) {
        const std::size_t scheme = text.find("://");
        const std::size_t colon = text.rfind(':');
        if (scheme == std::string::npos || scheme == 0 || colon <= scheme + 2) {
            fail(key, fmt::format("\"{}\" must look like PLAINTEXT://host:9092", text));
            return false;
        }
        into.name = text.substr(0, scheme);
        into.host = text.substr(scheme + 3, colon - scheme - 3);
        if (into.host.size() >= 2 && into.host.front() == '[' && into.host.back() == ']') {
            into.host = into.host.substr(1, into.host.size() - 2);
        }
        const char* end = text.data() + text.size();
        const auto read = std::from_chars(text.data() + colon + 1, end, into.port);
        if (read.ec != std::errc{} || read.ptr != end || into.port < 0 || into.port > port_max) {
            fail(key, fmt::format("\"{}\" has no port between 0 and 65535", text));
            return false;
        }
        return true;
    }
    std::string protocol_of(const std::string& name) {
        for (const std::string& each : list("listener.security.protocol.map")) {
            const std::size_t colon = each.find(':');
            if (each.substr(0, colon) == name && colon != std::string::npos) {
                return each.substr(colon + 1);
            }
        }
        return name;
    }
    void fill_listeners() {
        const std::vector<std::string> left_out = list("controller.listener.names");
        out_.config.listeners.clear();
        if (!is_given("listeners") && fill_old_listener()) {
            return fill_advertised();
        }
        for (const std::string& text : list("listeners")) {
            parsed_listener each;
            if (!parse_listener("listeners", text, each)) {
                return;
            }
            if (std::find(left_out.begin(), left_out.end(), each.name) != left_out.end()) {
                out_.notes.push_back(
                    "listener " + text + " is left out: it is for KRaft controllers"
                );
                continue;
            }
            if (const std::string protocol = protocol_of(each.name); protocol != "PLAINTEXT") {
                fail(
                    "listeners",
                    fmt::format(
                        "{} wants {}; only PLAINTEXT is supported (put a TLS proxy in front, or a "
                        "PLAINTEXT listener on a trusted address)",
                        text,
                        protocol
                    )
                );
                return;
            }
            out_.config.listeners.push_back({each.name, each.host, each.port, "", 0});
        }
        if (out_.config.listeners.empty()) {
            fail("listeners", "at least one PLAINTEXT listener is needed");
        }
        fill_advertised();
    }
    /// The keys of Kafka before 0.9, which it took until 3.0; false when none is given.
    bool fill_old_listener() {
        constexpr const char* keys[] = {
            "port", "host.name", "advertised.port", "advertised.host.name"};
        if (std::none_of(std::begin(keys), std::end(keys), [&](const char* key) {
                return is_given(key);
            })) {
            return false;
        }
        listener_config made;
        made.host = value_of("host.name");
        made.advertised_host = value_of("advertised.host.name");
        store_value(made.port, value_of("port"));
        if (is_given("advertised.port")) {
            store_value(made.advertised_port, value_of("advertised.port"));
        }
        out_.config.listeners.push_back(std::move(made));
        return true;
    }
    void fill_advertised() {
        for (const std::string& text : list("advertised.listeners")) {
            parsed_listener each;
            if (!parse_listener("advertised.listeners", text, each)) {
                return;
            }
            if (each.host == "0.0.0.0") {
                fail("advertised.listeners", text + " names no address that clients could use");
                return;
            }
            bool found = false;
            for (listener_config& mine : out_.config.listeners) {
                if (mine.name == each.name) {
                    mine.advertised_host = each.host;
                    mine.advertised_port = each.port;
                    found = true;
                }
            }
            const auto left_out = list("controller.listener.names");
            if (!found &&
                std::find(left_out.begin(), left_out.end(), each.name) == left_out.end()) {
                fail("advertised.listeners", text + " is not the name of one of the listeners");
            }
        }
    }

    properties_outcome& out_;
    /// In the order in which they were first given.
    std::vector<given_key> given_;
};

} // namespace

broker_config default_broker_config() {
    broker_config made;
    for_each_broker_key([&](const config_key& key) {
        if (key.to_broker != nullptr && !key.fallback.empty()) {
            key.to_broker(made, key.fallback);
        }
    });
    return made;
}

properties_outcome read_server_properties(
    const std::string& file_name,
    std::string_view text,
    const std::vector<std::string>& overrides,
    const std::string& data_directory
) {
    properties_outcome out;
    reading from(out);
    for (const property& each : parse_properties(text)) {
        from.take(each, file_name);
    }
    for (const std::string& each : overrides) {
        const std::size_t equals = each.find('=');
        if (equals == std::string::npos || equals == 0) {
            out.errors.push_back("--override: \"" + each + "\" must be key=value");
            continue;
        }
        from.take({each.substr(0, equals), each.substr(equals + 1), 0}, "--override");
    }
    from.finish(data_directory);
    return out;
}

} // namespace logboom::broker
