// A SAX reader of the answer to a bulk: only what was not simply stored is kept.
#include "sinks/elasticsearch/bulk_response.h"

#include <rapidjson/memorystream.h>
#include <rapidjson/reader.h>

namespace logboom::sinks {
namespace {

/// Depths: 1 the answer, 2 its items, 3 an item, 4 what became of it, 5 its error, 6 the error's
/// cause. Deeper: skipped.
class handler : public rapidjson::BaseReaderHandler<rapidjson::UTF8<>, handler> {
  public:
    explicit handler(std::size_t item_count_max) : item_count_max_(item_count_max) {}

    std::size_t item_count = 0;
    bool saw_items = false;
    std::vector<bulk_item_result> exceptions;

    bool StartObject() {
        ++depth_;
        if (depth_ == item_depth && in_items_) {
            if (item_count == item_count_max_) {
                return false;
            }
            current_ = {};
            cause_.clear();
            current_.index = static_cast<std::uint32_t>(item_count++);
            has_status_ = false;
        }
        return true;
    }
    bool EndObject(rapidjson::SizeType /*members*/) {
        if (depth_ == item_depth && in_items_ && !end_item()) {
            return false;
        }
        --depth_;
        return true;
    }
    bool StartArray() {
        ++depth_;
        if (depth_ == items_depth && key_ == key::items) {
            in_items_ = saw_items = true;
        }
        return true;
    }
    bool EndArray(rapidjson::SizeType /*elements*/) {
        if (depth_ == items_depth) {
            in_items_ = false;
        }
        --depth_;
        return true;
    }
    bool Key(const char* text, rapidjson::SizeType size, bool /*copy*/) {
        const std::string_view name(text, size);
        if (depth_ == 1) {
            key_ = name == "items" ? key::items : key::other;
        } else if (in_items_) {
            key_ = key_of_item(name);
        }
        return true;
    }
    bool Uint(unsigned number) {
        constexpr unsigned status_max = 999;
        if (depth_ == fate_depth && in_items_ && key_ == key::status) {
            has_status_ = number <= status_max;
            current_.status = static_cast<int>(number);
        }
        return true;
    }
    bool String(const char* text, rapidjson::SizeType size, bool /*copy*/) {
        if (!in_items_) {
            return true;
        }
        const std::string_view value(
            text, std::min<std::size_t>(size, bulk_response::text_size_max)
        );
        if (depth_ == fate_depth && key_ == key::error) {
            current_.error_type = value;
        } else if (depth_ == fate_depth && key_ == key::failure_store) {
            current_.is_in_failure_store = value == "used";
        } else if (depth_ == error_depth && key_ == key::error_type) {
            current_.error_type = value;
        } else if (depth_ == error_depth && key_ == key::error_reason) {
            current_.reason = value;
        } else if (depth_ == cause_depth && key_ == key::cause_reason) {
            cause_ = value;
        }
        return true;
    }

  private:
    static constexpr int items_depth = 2;
    static constexpr int item_depth = 3;
    static constexpr int fate_depth = 4;
    static constexpr int error_depth = 5;
    static constexpr int cause_depth = 6;

    enum class key {
        other,
        items,
        status,
        error,
        failure_store,
        error_type,
        error_reason,
        error_other,
        cause,
        cause_reason
    };

    [[nodiscard]] bool in_error() const {
        return key_ == key::error || key_ == key::error_type || key_ == key::error_reason ||
               key_ == key::error_other || in_cause();
    }
    [[nodiscard]] bool in_cause() const { return key_ == key::cause || key_ == key::cause_reason; }
    /// Of something within an item; what is no concern of ours keeps the key it lies in.
    [[nodiscard]] key key_of_item(std::string_view name) const {
        if (depth_ == fate_depth) {
            return name == "status"          ? key::status
                   : name == "error"         ? key::error
                   : name == "failure_store" ? key::failure_store
                                             : key::other;
        }
        if (depth_ == error_depth && in_error()) {
            return name == "type"        ? key::error_type
                   : name == "reason"    ? key::error_reason
                   : name == "caused_by" ? key::cause
                                         : key::error_other;
        }
        if (depth_ == cause_depth && in_cause()) {
            return name == "reason" ? key::cause_reason : key::cause;
        }
        return key_;
    }
    bool end_item() {
        if (!has_status_) {
            return false;
        }
        if (!cause_.empty()) {
            current_.reason += ": " + cause_;
        }
        const bool is_success = current_.status >= 200 && current_.status < 300;
        if (!is_success || current_.is_in_failure_store) {
            exceptions.push_back(std::move(current_));
        }
        return true;
    }

    std::size_t item_count_max_;
    int depth_ = 0;
    bool in_items_ = false;
    bool has_status_ = false;
    key key_ = key::other;
    bulk_item_result current_;
    std::string cause_;
};

} // namespace

std::optional<bulk_response> bulk_response::parse(std::string_view body, std::size_t item_count) {
    rapidjson::MemoryStream stream(body.data(), body.size());
    rapidjson::EncodedInputStream<rapidjson::UTF8<>, rapidjson::MemoryStream> input(stream);
    rapidjson::Reader reader;
    handler seen(item_count);
    constexpr auto flags = rapidjson::kParseIterativeFlag;
    if (!reader.Parse<flags>(input, seen) || !seen.saw_items || seen.item_count != item_count) {
        return std::nullopt;
    }
    bulk_response out;
    out.exceptions = std::move(seen.exceptions);
    return out;
}

} // namespace logboom::sinks
