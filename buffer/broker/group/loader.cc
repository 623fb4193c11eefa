#include "buffer/broker/group/loader.h"

#include "codecs/kafka/record_batch_reader.h"

namespace logboom::broker {

namespace {

constexpr std::size_t unpacked_size_max = 64U << 20U;
/// Key of a control record: int16 version, int16 type.
constexpr std::size_t marker_key_size = 4;
constexpr std::int16_t marker_commit = 1;

} // namespace

void group_loader::add(bytes_view batches) {
    while (batches.size() >= kafka::batch_header_size) {
        const kafka::record_batch_view view(batches);
        if (view.length() < 0 || view.size() > batches.size()) {
            break;
        }
        if (view.size() < kafka::batch_header_size || kafka::check_batch(batches).has_error()) {
            ++unreadable_;
        } else {
            add_batch(batches.first(view.size()));
        }
        batches = batches.subspan(view.size());
    }
}

void group_loader::add_batch(bytes_view batch) {
    const kafka::record_batch_view view(batch);
    auto reader = kafka::record_reader::open(batch, unpacked_size_max);
    if (reader.has_error()) {
        ++unreadable_;
        return;
    }
    kafka::record each;
    for (;;) {
        const auto more = reader->next(each);
        if (more.has_error()) {
            ++unreadable_;
            return;
        }
        if (!*more) {
            return;
        }
        ++records_read_;
        if (!each.key) {
            ++unreadable_;
        } else if (view.is_control()) {
            end_transaction(view.producer(), *each.key);
        } else if (view.is_transactional()) {
            auto& kept = transactions_[view.producer()].emplace_back();
            kept.key = bytes::copy_of(*each.key);
            if (each.value) {
                kept.value = bytes::copy_of(*each.value);
            }
        } else {
            apply(*each.key, each.value);
        }
    }
}

void group_loader::end_transaction(producer_id of, bytes_view marker_key) {
    auto open = transactions_.extract(of);
    if (open.empty() || marker_key.size() < marker_key_size) {
        return;
    }
    if (kafka::load_big<std::int16_t>(marker_key.data() + sizeof(std::int16_t)) != marker_commit) {
        return;
    }
    for (const pending_record& each : open.mapped()) {
        apply(each.key.view(), each.value ? std::optional(each.value->view()) : std::nullopt);
    }
}

void group_loader::apply(bytes_view key, std::optional<bytes_view> value) {
    auto decoded = decode_key(key);
    if (decoded.has_error()) {
        ++unreadable_;
    } else if (auto* const at = std::get_if<offset_key>(&*decoded); at != nullptr) {
        apply_offset(std::move(*at), value);
    } else if (const auto* const of = std::get_if<group_key>(&*decoded); of != nullptr) {
        apply_group(of->group, value);
    } else {
        ++unknown_;
    }
}

void group_loader::apply_offset(offset_key key, std::optional<bytes_view> value) {
    if (!value) {
        if (const auto known = images_.find(key.group); known != images_.end()) {
            known->second.offsets.erase(key.at);
        }
        return;
    }
    auto decoded = decode_committed_offset(*value);
    if (decoded.has_error()) {
        ++unreadable_;
        return;
    }
    images_[key.group].offsets.insert_or_assign(std::move(key.at), std::move(*decoded));
}

void group_loader::apply_group(const std::string& group, std::optional<bytes_view> value) {
    if (!value) {
        if (const auto known = images_.find(group); known != images_.end()) {
            known->second.metadata.reset();
        }
        return;
    }
    auto decoded = decode_group_metadata(*value);
    if (decoded.has_error()) {
        ++unreadable_;
        return;
    }
    images_[group].metadata = std::move(*decoded);
}

group_loader::images group_loader::take() {
    std::erase_if(images_, [](const auto& each) {
        return !each.second.metadata && each.second.offsets.empty();
    });
    return std::move(images_);
}

} // namespace logboom::broker
