#include "codecs/text/json_reader.h"

#include <rapidjson/error/en.h>
#include <rapidjson/reader.h>

#include <algorithm>
#include <cstring>
#include <limits>
#include <numeric>
#include <vector>

namespace logboom {
namespace {

constexpr unsigned parse_flags = rapidjson::kParseInsituFlag | rapidjson::kParseIterativeFlag |
                                 rapidjson::kParseFullPrecisionFlag;

/// Above this many keys repeated ones are looked for by sorting.
constexpr std::uint32_t few_keys = 16;

/// Keeps of each key the last entry, where its first one stood, or in order of the last when many.
void drop_repeated_few(value_map& map) {
    for (std::uint32_t i = 1; i < map.size;) {
        map_entry& entry = map.entries[i];
        map_entry* const earlier = std::find_if(map.entries, &entry, [&](const map_entry& each) {
            return each.key == entry.key;
        });
        if (earlier == &entry) {
            ++i;
            continue;
        }
        earlier->item = entry.item;
        std::copy(&entry + 1, map.end(), &entry);
        --map.size;
    }
}

void drop_repeated_many(value_map& map) {
    std::vector<std::uint32_t> order(map.size);
    std::iota(order.begin(), order.end(), 0U);
    std::stable_sort(order.begin(), order.end(), [&](std::uint32_t left, std::uint32_t right) {
        return map.entries[left].key < map.entries[right].key;
    });
    std::vector<bool> keep(map.size, true);
    for (std::size_t i = 1; i < order.size(); ++i) {
        keep[order[i - 1]] = map.entries[order[i - 1]].key != map.entries[order[i]].key;
    }
    std::uint32_t kept = 0;
    for (std::uint32_t i = 0; i < map.size; ++i) {
        if (keep[i]) {
            map.entries[kept++] = map.entries[i];
        }
    }
    map.size = kept;
}

/// Receives the parser's events and builds the value; returns false to stop the parser.
class builder {
  public:
    builder(arena& memory, int depth_max) : memory_(memory), depth_max_(depth_max) {}

    bool Null() { return add(value()); }
    bool Bool(bool flag) { return add(value::of(flag)); }
    bool Int(int number) { return add(value::of(std::int64_t{number})); }
    bool Uint(unsigned number) { return add(value::of(std::int64_t{number})); }
    bool Int64(std::int64_t number) { return add(value::of(number)); }
    bool Uint64(std::uint64_t number) {
        constexpr std::uint64_t integer_max = std::numeric_limits<std::int64_t>::max();
        return number <= integer_max ? add(value::of(static_cast<std::int64_t>(number)))
                                     : add(value::of(static_cast<double>(number)));
    }
    bool Double(double number) { return add(value::of(number)); }
    bool RawNumber(const char* /*text*/, rapidjson::SizeType /*size*/, bool /*copy*/) {
        return false;
    }
    bool String(const char* text, rapidjson::SizeType size, bool /*copy*/) {
        return add(value::of(std::string_view(text, size)));
    }
    bool Key(const char* text, rapidjson::SizeType size, bool /*copy*/) {
        open_.back().key = {text, size};
        return true;
    }
    bool StartObject() { return open(value::new_map(memory_)); }
    bool StartArray() { return open(value::new_array(memory_)); }
    bool EndObject(rapidjson::SizeType /*count*/) {
        value_map& map = open_.back().container.as_map();
        map.size <= few_keys ? drop_repeated_few(map) : drop_repeated_many(map);
        return close();
    }
    bool EndArray(rapidjson::SizeType /*count*/) { return close(); }

    [[nodiscard]] const value& root() const { return root_; }
    [[nodiscard]] bool is_too_deep() const { return too_deep_; }

  private:
    struct level {
        value container;
        std::string_view key;
    };

    bool add(const value& item) {
        if (open_.empty()) {
            root_ = item;
            return true;
        }
        level& here = open_.back();
        if (here.container.is(value_kind::map)) {
            here.container.as_map().append(memory_, here.key, item);
        } else {
            here.container.as_array().push_back(memory_, item);
        }
        return true;
    }
    bool open(const value& container) {
        too_deep_ = open_.size() >= static_cast<std::size_t>(depth_max_);
        if (too_deep_) {
            return false;
        }
        open_.push_back({container, {}});
        return true;
    }
    bool close() {
        const value done = open_.back().container;
        open_.pop_back();
        return add(done);
    }

    arena& memory_;
    int depth_max_;
    std::vector<level> open_;
    value root_;
    bool too_deep_ = false;
};

} // namespace

result<value> read_json(std::string_view text, arena& memory, const json_limits& limits) {
    if (text.size() > limits.text_size) {
        return error(text_errc::json_too_long, std::to_string(text.size()) + " bytes");
    }
    // The parser wants a terminated copy that it may write to.
    char* const copy = memory.allocate_array<char>(text.size() + 1);
    std::copy(text.begin(), text.end(), copy);
    copy[text.size()] = '\0';

    builder into(memory, limits.depth);
    rapidjson::InsituStringStream from(copy);
    rapidjson::Reader reader;
    const rapidjson::ParseResult parsed = reader.Parse<parse_flags>(from, into);
    if (into.is_too_deep()) {
        return error(
            text_errc::json_too_deep, "more than " + std::to_string(limits.depth) + " levels"
        );
    }
    if (parsed.IsError()) {
        return error(
            text_errc::bad_json,
            std::string(rapidjson::GetParseError_En(parsed.Code())) + " (byte " +
                std::to_string(parsed.Offset()) + ")"
        );
    }
    // A raw NUL looks like the end of the text.
    if (from.Tell() < text.size()) {
        return error(text_errc::bad_json, "a zero byte at byte " + std::to_string(from.Tell()));
    }
    return into.root();
}

} // namespace logboom
