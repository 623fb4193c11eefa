#include "sinks/elasticsearch/bulk.h"

#include "base/assertion.h"

#include <rapidjson/document.h>
#include <zlib.h>

namespace logboom::sinks {

std::string_view name_of(bulk_action action) noexcept {
    switch (action) {
    case bulk_action::index:
        return "index";
    case bulk_action::create:
        return "create";
    case bulk_action::update:
        return "update";
    case bulk_action::remove:
        return "delete";
    }
    return "index";
}

std::string_view bulk::document_of(const bulk_item& item) const {
    if (item.size == item.action_size) {
        return {};
    }
    return std::string_view(body).substr(
        item.begin + item.action_size, item.size - item.action_size - 1
    );
}

void bulk::adopt(const bulk& from, const bulk_item& item) {
    LB_ASSERT(body.size() + item.size <= body_size_max);
    bulk_item copy = item;
    copy.begin = static_cast<std::uint32_t>(body.size());
    body.append(from.text_of(item));
    copy.origin_begin = static_cast<std::uint32_t>(origins.size());
    origins.append(from.origin_of(item));
    const auto& group = from.groups[item.group];
    if (groups.empty() || groups.back() != group) {
        groups.push_back(group);
    }
    copy.group = static_cast<std::uint32_t>(groups.size() - 1);
    items.push_back(copy);
}

void bulk::adopt_all(const bulk& from) {
    LB_ASSERT(body.size() + from.body.size() <= body_size_max);
    const auto body_begin = static_cast<std::uint32_t>(body.size());
    const auto origin_begin = static_cast<std::uint32_t>(origins.size());
    const auto group_begin = static_cast<std::uint32_t>(groups.size());
    body.append(from.body);
    origins.append(from.origins);
    groups.insert(groups.end(), from.groups.begin(), from.groups.end());
    items.reserve(items.size() + from.items.size());
    for (bulk_item item : from.items) {
        item.begin += body_begin;
        item.origin_begin += origin_begin;
        item.group += group_begin;
        items.push_back(item);
    }
}

std::unique_ptr<bulk> bulk::split_off_half() {
    LB_ASSERT(items.size() >= 2);
    auto second = std::make_unique<bulk>();
    const std::size_t keep = items.size() / 2;
    for (std::size_t i = keep; i < items.size(); ++i) {
        second->adopt(*this, items[i]);
    }
    body.resize(items[keep].begin);
    items.resize(keep);
    second->is_retry = is_retry;
    second->attempts = attempts;
    if (!packed.empty()) {
        pack(1);
        second->pack(1);
    }
    return second;
}

void bulk::pack(int level) {
    z_stream stream{};
    constexpr int gzip_window = 15 + 16;
    constexpr int memory_level = 8;
    LB_ASSERT(
        deflateInit2(&stream, level, Z_DEFLATED, gzip_window, memory_level, Z_DEFAULT_STRATEGY) ==
        Z_OK
    );
    packed.resize(deflateBound(&stream, body.size()));
    stream.next_in = reinterpret_cast<Bytef*>(body.data());
    stream.avail_in = static_cast<uInt>(body.size());
    stream.next_out = reinterpret_cast<Bytef*>(packed.data());
    stream.avail_out = static_cast<uInt>(packed.size());
    LB_ASSERT(deflate(&stream, Z_FINISH) == Z_STREAM_END);
    packed.resize(stream.total_out);
    deflateEnd(&stream);
}

action_text parse_action(std::string_view action_line) {
    action_text out;
    rapidjson::Document parsed;
    parsed.Parse<rapidjson::kParseIterativeFlag>(action_line.data(), action_line.size());
    if (parsed.HasParseError() || !parsed.IsObject() || parsed.MemberCount() != 1) {
        return out;
    }
    const auto& inner = parsed.MemberBegin()->value;
    if (!inner.IsObject()) {
        return out;
    }
    const auto text_of = [&](const char* name) -> std::string {
        const auto found = inner.FindMember(name);
        return found != inner.MemberEnd() && found->value.IsString() ? found->value.GetString()
                                                                     : "";
    };
    out.index = text_of("_index");
    out.id = text_of("_id");
    return out;
}

} // namespace logboom::sinks
