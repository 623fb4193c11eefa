// Any bytes through each codec that reads text, in one of several charsets: events hold valid
// UTF-8, there is no more of them than bytes, and those of a stream are the same however its bytes
// came.
#include "codecs/text/json.h"
#include "codecs/text/line.h"
#include "codecs/text/plain.h"
#include "event/json_writer.h"
#include "event/utf8.h"
#include "tests/fuzz/require.h"

#include <algorithm>
#include <array>

namespace logboom {
extern const codec_row multiline_codec;
}

using namespace logboom;
using fuzz::require;

namespace {

constexpr const char* charsets[] = {
    "UTF-8",
    "ISO-8859-1",
    "BINARY",
    "UTF-16LE",
    "UTF-16BE",
    "CP1252",
    "Shift_JIS",
    "ISO-2022-JP",
    "UTF-7"};

struct subject {
    const codec_row& row;
    /// For multiline.
    const char* what;
    bool is_stream;
};
const subject subjects[] = {
    {plain_codec, nullptr, false},
    {line_codec, nullptr, true},
    {json_codec, nullptr, false},
    {json_lines_codec, nullptr, true},
    {multiline_codec, "previous", true},
    {multiline_codec, "next", true},
};

std::shared_ptr<const codec> make(const subject& from, const char* charset) {
    plugin_options options("fuzzed codec", from.row.table);
    options.set("charset", {charset, {}});
    if (from.what != nullptr) {
        options.set("pattern", {"^ |x$", {}});
        options.set("what", {from.what, {}});
        options.set("max_lines", {"5", {}});
        options.set("max_bytes", {"100", {}});
    }
    options.finish({});
    options.parse();
    require(options.problems().empty());
    return from.row.make({options, ecs_mode::v8, {}, "host"}).value();
}

/// The events as JSON, one a line.
std::string decoded(const codec& with, std::string_view text, std::size_t piece_size) {
    const auto stream = with.make_decoder();
    event_batch batch;
    while (!text.empty()) {
        const std::string piece(text.substr(0, piece_size));
        text.remove_prefix(piece.size());
        stream->decode(as_bytes(piece), false, 0, batch);
    }
    stream->flush(0, batch);
    require(!stream->is_holding());
    std::string out;
    for (const event& each : batch.events) {
        append_json(each, out);
        out.push_back('\n');
    }
    return out;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    constexpr std::size_t head_size = 3;
    if (size < head_size) {
        return 0;
    }
    const std::size_t subject_at = data[0] % std::size(subjects);
    const std::size_t charset_at = data[1] % std::size(charsets);
    static std::
        array<std::array<std::shared_ptr<const codec>, std::size(charsets)>, std::size(subjects)>
            codecs;
    auto& with = codecs[subject_at][charset_at];
    if (with == nullptr) {
        with = make(subjects[subject_at], charsets[charset_at]);
    }
    const std::string_view text(reinterpret_cast<const char*>(data) + head_size, size - head_size);
    const std::string whole = decoded(*with, text, text.size());
    require(is_utf8(whole));
    require(
        std::count(whole.begin(), whole.end(), '\n') <= static_cast<std::ptrdiff_t>(text.size() + 1)
    );
    if (subjects[subject_at].is_stream) {
        require(decoded(*with, text, data[2] % 16 + 1) == whole);
    }
    return 0;
}
