// An event's address (index, id, stream, routing) and its two lines of a bulk body.
#include "sinks/elasticsearch/encoder.h"

#include "base/assertion.h"
#include "event/json_writer.h"

#include <fmt/format.h>

namespace logboom::sinks {
namespace {

std::optional<bulk_action> action_of(std::string_view name) {
    for (const bulk_action each :
         {bulk_action::index, bulk_action::create, bulk_action::update, bulk_action::remove}) {
        if (name_of(each) == name) {
            return each;
        }
    }
    return std::nullopt;
}

/// [@metadata][_ingest_document], which the elastic_integration filter fills.
const value_map* ingest_document_of(const event& from) {
    const value* found = from.metadata().find("_ingest_document");
    return found != nullptr && found->is(value_kind::map) ? &found->as_map() : nullptr;
}

/// True when the map has a scalar of that name, which is then in `out`.
bool take_text(const value_map* from, std::string_view name, std::string& out) {
    const value* found = from == nullptr ? nullptr : from->find(name);
    if (found == nullptr || found->is_nil()) {
        return false;
    }
    out.clear();
    append_sprintf_text(*found, out);
    return true;
}

void append_member(std::string_view name, std::string_view text, std::string& out) {
    if (text.empty()) {
        return;
    }
    if (out.back() != '{') {
        out += ',';
    }
    out += '"';
    out += name;
    out += "\":";
    append_json_string(text, out);
}

const value_map* stream_fields_of(const event& from) {
    const value* found = from.get("data_stream");
    return found != nullptr && found->is(value_kind::map) ? &found->as_map() : nullptr;
}

} // namespace

/// Kept per thread, so that its strings keep their memory.
struct event_encoder::address {
    bulk_action action = bulk_action::index;
    const value_map* overrides = nullptr;
    std::string index;
    std::string id;
    bool id_is_origin = false;
    std::string version;
    std::string version_type;
    std::string scratch;
};

event_encoder::event_encoder(target_options target)
    : target_(std::move(target))
    , index_(target_.index)
    , action_(target_.action)
    , id_(target_.document_id)
    , routing_(target_.routing)
    , pipeline_(target_.pipeline)
    , version_(target_.version)
    , upsert_(target_.upsert)
    , has_id_(!target_.document_id.empty())
    , constant_stream_(fmt::format(
          "{}-{}-{}", target_.stream_type, target_.stream_dataset, target_.stream_namespace
      )) {
    std::string fields = "{";
    append_member("type", target_.stream_type, fields);
    append_member("dataset", target_.stream_dataset, fields);
    append_member("namespace", target_.stream_namespace, fields);
    constant_stream_fields_ = "\"data_stream\":" + fields + "}";
}

std::string_view event_encoder::stream_part(
    const value_map* of_event, std::string_view name, const std::string& fallback
) const {
    const value* found =
        target_.auto_routing && of_event != nullptr ? of_event->find(name) : nullptr;
    return found != nullptr && found->is(value_kind::string) && !found->as_string().empty()
               ? found->as_string()
               : std::string_view(fallback);
}

void event_encoder::stream_name(const event& from, std::string& out) const {
    const value_map* fields = target_.auto_routing ? stream_fields_of(from) : nullptr;
    if (fields == nullptr) {
        out = constant_stream_;
        return;
    }
    out = stream_part(fields, "type", target_.stream_type);
    out += '-';
    out += stream_part(fields, "dataset", target_.stream_dataset);
    out += '-';
    out += stream_part(fields, "namespace", target_.stream_namespace);
}

std::optional<event_encoder::refusal>
event_encoder::resolve_index(const event& from, address& at) const {
    if (take_text(at.overrides, "index", at.index)) {
        return std::nullopt;
    }
    if (target_.is_data_stream) {
        stream_name(from, at.index);
        return std::nullopt;
    }
    at.index.clear();
    if (index_.render(from, at.index)) {
        return std::nullopt;
    }
    refusal why;
    why.type = "bad_index_name";
    why.reason = fmt::format("the event lacks a field of the index name {}", target_.index);
    why.is_dropped = !target_.dead_letter_bad_index_name;
    return why;
}

void event_encoder::resolve_id(const event& from, address& at) const {
    at.id_is_origin = false;
    if (take_text(at.overrides, "id", at.id)) {
        return;
    }
    at.id.clear();
    if (has_id_) {
        id_.render(from, at.id);
    } else if (target_.id_from_origin && from.origin.is_known()) {
        from.origin.append_text(at.id);
        at.id_is_origin = true;
    }
}

std::optional<event_encoder::refusal> event_encoder::resolve(const event& from, address& at) const {
    at.overrides = ingest_document_of(from);
    at.scratch.clear();
    action_.render(from, at.scratch);
    const auto action = action_of(at.scratch);
    if (!action) {
        return refusal{"bad_action", fmt::format("'{}' is no action", at.scratch), {}, {}, false};
    }
    at.action = *action;
    auto refused = resolve_index(from, at);
    resolve_id(from, at);
    if (!refused && at.id.size() > id_size_max) {
        refused = refusal{
            "id_too_long",
            fmt::format("the _id has {} bytes, Elasticsearch takes {}", at.id.size(), id_size_max),
            at.index,
            at.id,
            false};
    }
    if (refused) {
        return refused;
    }
    if (!take_text(at.overrides, "version", at.version)) {
        at.version.clear();
        version_.render(from, at.version);
    }
    if (!take_text(at.overrides, "version_type", at.version_type)) {
        at.version_type = target_.version_type;
    }
    return std::nullopt;
}

void event_encoder::append_action(const event& from, const address& at, std::string& out) const {
    out += "{\"";
    out += name_of(at.action);
    out += "\":{";
    append_member("_index", at.index, out);
    append_member("_id", at.id, out);
    std::string text;
    if (take_text(at.overrides, "routing", text) || !target_.routing.empty()) {
        if (text.empty()) {
            routing_.render(from, text);
        }
        append_member("routing", text, out);
        text.clear();
    }
    const bool has_override = take_text(at.overrides, "pipeline", text) ||
                              take_text(&from.metadata(), "target_ingest_pipeline", text);
    if (has_override || !target_.pipeline.empty()) {
        if (!has_override) {
            pipeline_.render(from, text);
        }
        append_member("pipeline", text, out);
    }
    append_member("version", at.version, out);
    append_member("version_type", at.version_type, out);
    if (at.action == bulk_action::update && target_.retry_on_conflict > 0) {
        out += fmt::format(",\"retry_on_conflict\":{}", target_.retry_on_conflict);
    }
    out += "}}\n";
}

void event_encoder::append_source(const event& from, std::string& out) const {
    const bool is_synced = target_.is_data_stream && target_.sync_fields;
    const value* const own = is_synced ? from.get("data_stream") : nullptr;
    if (own == nullptr) {
        append_json(from, out);
        if (is_synced) {
            out.pop_back();
            if (out.back() != '{') {
                out += ',';
            }
            out += constant_stream_fields_;
            out += '}';
        }
        return;
    }
    if (!own->is(value_kind::map)) {
        append_json(from, out);
        return;
    }
    out += '{';
    for (const map_entry& entry : from.fields()) {
        if (entry.key == "data_stream") {
            continue;
        }
        append_json_string(entry.key, out);
        out += ':';
        append_json(entry.item, out);
        out += ',';
    }
    const value_map& fields = own->as_map();
    out += "\"data_stream\":{";
    append_member("type", stream_part(&fields, "type", target_.stream_type), out);
    append_member("dataset", stream_part(&fields, "dataset", target_.stream_dataset), out);
    append_member("namespace", stream_part(&fields, "namespace", target_.stream_namespace), out);
    for (const map_entry& entry : fields) {
        if (entry.key != "type" && entry.key != "dataset" && entry.key != "namespace") {
            out += ',';
            append_json_string(entry.key, out);
            out += ':';
            append_json(entry.item, out);
        }
    }
    out += "}}";
}

void event_encoder::append_document(const event& from, const address& at, std::string& out) const {
    if (at.action != bulk_action::update) {
        append_source(from, out);
        return;
    }
    out += "{\"doc\":";
    append_source(from, out);
    if (target_.doc_as_upsert) {
        out += ",\"doc_as_upsert\":true";
    } else if (!target_.upsert.empty()) {
        out += ",\"upsert\":";
        const std::size_t begin = out.size();
        upsert_.render(from, out);
        // A line end inside would end the document.
        for (std::size_t i = begin; i < out.size(); ++i) {
            out[i] = out[i] == '\n' || out[i] == '\r' ? ' ' : out[i];
        }
    }
    out += '}';
}

std::optional<event_encoder::refusal>
event_encoder::encode(const event& from, std::uint32_t group, bulk& into) const {
    thread_local address at;
    if (auto refused = resolve(from, at)) {
        return refused;
    }
    bulk_item item;
    item.begin = static_cast<std::uint32_t>(into.body.size());
    item.group = group;
    item.action = at.action;
    item.id_is_origin = at.id_is_origin;
    item.is_versioned = !at.version_type.empty() && at.version_type != "internal";
    append_action(from, at, into.body);
    item.action_size = static_cast<std::uint32_t>(into.body.size() - item.begin);
    if (at.action != bulk_action::remove) {
        append_document(from, at, into.body);
        into.body += '\n';
    }
    const std::size_t size = into.body.size() - item.begin;
    if (size > document_size_max) {
        into.body.resize(item.begin);
        return refusal{
            "document_too_large",
            fmt::format("the document has {} bytes", size),
            at.index,
            at.id,
            false};
    }
    item.size = static_cast<std::uint32_t>(size);
    if (from.origin.is_known() && !at.id_is_origin) {
        at.scratch.clear();
        from.origin.append_text(at.scratch);
        item.origin_begin = static_cast<std::uint32_t>(into.origins.size());
        item.origin_size =
            static_cast<std::uint16_t>(std::min<std::size_t>(at.scratch.size(), UINT16_MAX));
        into.origins.append(at.scratch, 0, item.origin_size);
    }
    into.items.push_back(item);
    return std::nullopt;
}

} // namespace logboom::sinks
