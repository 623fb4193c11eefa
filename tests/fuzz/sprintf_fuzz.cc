// Any text as a sprintf template, a date pattern, a field reference and a date, on an event that
// was itself decoded from the rest of the input.

#include "codecs/text/json_reader.h"
#include "codecs/text/rubydebug.h"
#include "event/batch.h"
#include "event/sprintf.h"
#include "event/time/timestamp.h"

using namespace logboom;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const std::size_t cut = std::min(text.find('\n'), text.size());
    const std::string_view form = text.substr(0, cut);
    const std::string_view rest = text.substr(std::min(cut + 1, text.size()));

    event_batch batch;
    event& it = batch.add(parse_iso8601(form).value_or(0));
    const auto fields = read_json(rest, batch.memory);
    if (fields.has_value() && fields->is(value_kind::map)) {
        it.take_fields(fields->as_map());
    }
    std::string out;
    sprintf_template(form).render(it, out);
    for (const auto dialect : {time_dialect::joda, time_dialect::java}) {
        time_pattern(dialect, form).append(it.timestamp(), out);
    }
    if (const auto at = field_reference::parse(form)) {
        it.set(*at, value::of(true));
        it.remove(*at);
    }
    append_rubydebug(it, {true, false}, out);
    it.append_summary(out);
    return 0;
}
