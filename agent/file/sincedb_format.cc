// The lines of the checkpoint file and of Logstash's sincedb, to and from records.
#include "agent/file/sincedb_format.h"

#include "base/crc32c.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <sys/sysmacros.h>

namespace logboom::agent {
namespace {

constexpr std::string_view header_name = "logboom-sincedb ";
/// Without markers.
constexpr std::string_view header_before = "logboom-sincedb 1\n";
constexpr std::int64_t version_newest = 2;
constexpr std::size_t crc_digits = 8;

void append_escaped(std::string& out, std::string_view text) {
    if (text.empty()) {
        out.push_back('-');
        return;
    }
    constexpr unsigned char lowest_plain = 0x21;
    constexpr unsigned char del = 0x7f;
    for (const char each : text) {
        const auto octet = static_cast<unsigned char>(each);
        if (octet < lowest_plain || octet == '%' || octet == del || (each == '-' && text == "-")) {
            out += fmt::format("%{:02x}", octet);
        } else {
            out.push_back(each);
        }
    }
}

template <class Number, class... Base>
bool to_number(std::string_view text, Number& out, Base... base) {
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), out, base...);
    return !text.empty() && code == std::errc{} && end == text.data() + text.size();
}

bool unescape(std::string_view text, std::string& out) {
    if (text == "-") {
        return true;
    }
    constexpr int hexadecimal = 16;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            out.push_back(text[i]);
            continue;
        }
        std::uint8_t octet = 0;
        if (i + 2 >= text.size() || !to_number(text.substr(i + 1, 2), octet, hexadecimal)) {
            return false;
        }
        out.push_back(static_cast<char>(octet));
        i += 2;
    }
    return true;
}

/// Splits at single spaces; at most `count` words, the last takes the rest.
std::vector<std::string_view> words(std::string_view text, std::size_t count) {
    std::vector<std::string_view> out;
    while (out.size() + 1 < count) {
        const auto space = text.find(' ');
        if (space == std::string_view::npos) {
            break;
        }
        out.push_back(text.substr(0, space));
        text.remove_prefix(space + 1);
    }
    out.push_back(text);
    return out;
}

bool parse_identity(const std::vector<std::string_view>& from, file_identity& out) {
    return to_number(from[1], out.device_major) && to_number(from[2], out.device_minor) &&
           to_number(from[3], out.inode) && to_number(from[4], out.birth_ns);
}

/// "-", or size, colon and hash: of a content_marker or content_prefix.
template <class Content>
bool parse_content(std::string_view text, Content& out) {
    constexpr int hexadecimal = 16;
    const auto colon = text.find(':');
    std::size_t size = 0;
    std::uint64_t hash = 0;
    if (colon == std::string_view::npos) {
        return text == "-";
    }
    if (!to_number(text.substr(0, colon), size) || size == 0 || size > Content::reach ||
        !to_number(text.substr(colon + 1), hash, hexadecimal)) {
        return false;
    }
    out = {size, hash};
    return true;
}

template <class Content>
void append_content(std::string& out, const Content& content) {
    if (content.size() > 0) {
        out += fmt::format(" {}:{:x}", content.size(), content.hash());
    } else {
        out.append(" -");
    }
}

/// "-", or the words of an identity with colons between them.
bool parse_origin(std::string_view text, std::optional<file_identity>& out) {
    if (text == "-") {
        return true;
    }
    std::vector<std::string_view> parts{{}};
    for (std::size_t begin = 0, end = 0; end != std::string_view::npos; begin = end + 1) {
        end = text.find(':', begin);
        parts.push_back(text.substr(begin, end - begin));
    }
    constexpr std::size_t identity_words = 4;
    return parts.size() == identity_words + 1 && parse_identity(parts, out.emplace());
}

std::optional<checkpoint_entry> parse_record(std::string_view text) {
    constexpr std::size_t word_count = 15;
    constexpr std::size_t word_count_before = 12;
    auto parts = words(text, word_count);
    if (parts.size() >= word_count_before) {
        parts.resize(word_count, "-");
    }
    checkpoint_record record;
    std::int64_t generation = 0;
    std::int64_t position = 0;
    std::int64_t size = 0;
    std::int64_t changed = 0;
    if (parts.size() != word_count || !parse_identity(parts, record.identity) ||
        !to_number(parts[5], generation) || !to_number(parts[6], position) ||
        !to_number(parts[7], size) || !to_number(parts[8], changed) ||
        (parts[9] != "c" && parts[9] != "-") || generation < 0 || position < 0 || size < 0 ||
        !unescape(parts[10], record.path) || !unescape(parts[11], record.lineage) ||
        !parse_content(parts[12], record.marker) || !parse_content(parts[13], record.prefix) ||
        !parse_origin(parts[14], record.origin)) {
        return std::nullopt;
    }
    record.generation = file_generation(generation);
    record.position = file_position(position);
    record.size = file_position(size);
    record.changed = timestamp_ms(std::max<std::int64_t>(changed, 0));
    record.is_complete = parts[9] == "c";
    return record;
}

std::optional<checkpoint_entry> parse_payload(std::string_view text) {
    if (text.starts_with("f ")) {
        return parse_record(text);
    }
    if (text.starts_with("x ")) {
        constexpr std::size_t word_count = 5;
        const auto parts = words(text, word_count);
        checkpoint_removal removal;
        if (parts.size() == word_count && parse_identity(parts, removal.identity)) {
            return removal;
        }
        return std::nullopt;
    }
    std::int64_t at = 0;
    if (text.starts_with("t ") && to_number(text.substr(2), at)) {
        return checkpoint_time{timestamp_ms(at)};
    }
    return std::nullopt;
}

std::optional<checkpoint_entry> parse_line(std::string_view text) {
    std::uint32_t crc = 0;
    constexpr int hexadecimal = 16;
    if (text.size() <= crc_digits + 1 || text[crc_digits] != ' ' ||
        !to_number(text.substr(0, crc_digits), crc, hexadecimal)) {
        return std::nullopt;
    }
    const std::string_view payload = text.substr(crc_digits + 1);
    return crc32c(as_bytes(payload)) == crc ? parse_payload(payload) : std::nullopt;
}

/// Logstash's Ruby does not split a device number on Linux: it writes 0 and the whole of it.
void split_device(file_identity& identity) {
    constexpr std::uint32_t minor_max_of_anonymous = 0xff;
    if (identity.device_major == 0 && identity.device_minor > minor_max_of_anonymous) {
        const dev_t whole = identity.device_minor;
        identity.device_major = major(whole);
        identity.device_minor = minor(whole);
    }
}

/// "inode major minor position [last_active [path]]"
std::optional<checkpoint_entry> parse_logstash_line(std::string_view text) {
    constexpr std::size_t word_count = 6;
    const auto parts = words(text, word_count);
    checkpoint_record record;
    std::int64_t position = 0;
    if (parts.size() < 4 || !to_number(parts[0], record.identity.inode) ||
        !to_number(parts[1], record.identity.device_major) ||
        !to_number(parts[2], record.identity.device_minor) || !to_number(parts[3], position) ||
        position < 0) {
        return std::nullopt;
    }
    split_device(record.identity);
    record.position = file_position(position);
    double seconds = 0;
    constexpr double seconds_max = 1e12;
    if (parts.size() > 4 && to_number(parts[4], seconds) && seconds >= 0 && seconds < seconds_max) {
        record.changed = timestamp_ms(std::llround(seconds * 1000));
    }
    if (parts.size() == word_count) {
        record.path = parts[5];
        record.lineage = parts[5];
    }
    return record;
}

/// What has no newline is torn.
template <class Parse>
void parse_lines(std::string_view text, parsed_sincedb& out, Parse&& parse) {
    while (!text.empty()) {
        const auto newline = text.find('\n');
        const std::string_view each = text.substr(0, newline);
        const bool is_torn = newline == std::string_view::npos;
        text.remove_prefix(is_torn ? text.size() : newline + 1);
        if (each.empty()) {
            continue;
        }
        if (auto entry = parse(each, is_torn)) {
            out.entries.push_back(std::move(*entry));
        } else {
            ++out.bad_lines;
        }
    }
}

} // namespace

void append_entry(std::string& out, const checkpoint_entry& entry) {
    std::string payload;
    const auto put_identity = [&](char letter, const file_identity& id) {
        payload += fmt::format(
            "{} {} {} {} {}", letter, id.device_major, id.device_minor, id.inode, id.birth_ns
        );
    };
    if (const auto* record = std::get_if<checkpoint_record>(&entry)) {
        put_identity('f', record->identity);
        payload += fmt::format(
            " {} {} {} {} {} ",
            record->generation.value(),
            record->position.value(),
            record->size.value(),
            record->changed.value(),
            record->is_complete ? 'c' : '-'
        );
        append_escaped(payload, record->path);
        payload.push_back(' ');
        append_escaped(payload, record->lineage);
        append_content(payload, record->marker);
        append_content(payload, record->prefix);
        if (const auto& from = record->origin) {
            const auto& [major, minor, inode, birth] = *from;
            payload += fmt::format(" {}:{}:{}:{}", major, minor, inode, birth);
        } else {
            payload.append(" -");
        }
    } else if (const auto* removal = std::get_if<checkpoint_removal>(&entry)) {
        put_identity('x', removal->identity);
    } else {
        payload += fmt::format("t {}", std::get<checkpoint_time>(entry).at.value());
    }
    out += fmt::format("{:08x} {}\n", crc32c(as_bytes(payload)), payload);
}

parsed_sincedb parse_sincedb(std::string_view text) {
    parsed_sincedb out;
    if (text.empty()) {
        return out;
    }
    const auto own = [](std::string_view each, bool is_torn) {
        return is_torn ? std::nullopt : parse_line(each);
    };
    if (text.starts_with(sincedb_header) || text.starts_with(header_before)) {
        out.from = parsed_sincedb::origin::own;
        parse_lines(text.substr(sincedb_header.size()), out, own);
        return out;
    }
    const std::string_view first = text.substr(0, text.find('\n'));
    std::int64_t version = 0;
    if (first.size() < text.size() && first.starts_with(header_name) &&
        to_number(first.substr(header_name.size()), version) && version > version_newest) {
        out.from = parsed_sincedb::origin::newer_version;
        return out;
    }
    parse_lines(text, out, [](std::string_view each, bool) { return parse_logstash_line(each); });
    if (out.bad_lines <= out.entries.size()) {
        out.from =
            out.entries.empty() ? parsed_sincedb::origin::empty : parsed_sincedb::origin::logstash;
        // A torn position is too small, if anything: it is used, and told of.
        out.bad_lines += text.ends_with('\n') ? 0 : 1;
        return out;
    }
    out = {};
    out.from = parsed_sincedb::origin::damaged;
    parse_lines(text, out, own);
    return out;
}

} // namespace logboom::agent
