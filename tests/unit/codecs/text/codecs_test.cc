// The text codecs one after the other: plain, charset, line, json, rubydebug.
#include "codecs/text/charset.h"
#include "codecs/text/dots.h"
#include "codecs/text/json.h"
#include "codecs/text/line.h"
#include "codecs/text/plain.h"
#include "tests/unit/codecs/text/codec_fixture.h"

using namespace logboom;

namespace {

event& sample(event_batch& batch) {
    event& it = batch.add(1'715'440'622'000'000'000);
    it.set("message", value::of(std::string_view("hi")));
    return it;
}

} // namespace

TEST_SUITE("codecs/text/plain") {
    TEST_CASE_FIXTURE(
        codec_fixture, "each piece is an event, with its original unless ECS is off"
    ) {
        use(plain_codec);
        CHECK(
            decoded({"a\nb", ""}) == event_line(R"("message":"a\nb","event":{"original":"a\nb"})") +
                                         event_line(R"("message":"","event":{"original":""})")
        );
        use(plain_codec, {}, ecs_mode::disabled);
        CHECK(decoded({"a"}) == event_line(R"("message":"a")"));
    }

    TEST_CASE_FIXTURE(codec_fixture, "without format an event is time, host and message") {
        use(plain_codec);
        event_batch given;
        event& it = sample(given);
        CHECK(encoded(it) == "2024-05-11T15:17:02.000Z %{host} hi");
        it.set(field_reference::of("[host][name]"), value::of(std::string_view("meow")));
        it.remove(field_reference::of("message"));
        CHECK(encoded(it) == "2024-05-11T15:17:02.000Z {name=meow} %{message}");
        it.remove(field_reference::of("@timestamp"));
        CHECK(encoded(it) == "{name=meow} %{message}");
    }

    TEST_CASE_FIXTURE(codec_fixture, "format is a sprintf template") {
        use(plain_codec, {{"format", config_text("%{message}-%{+YYYY}")}});
        event_batch given;
        CHECK(encoded(sample(given)) == "hi-2024");
    }

    TEST_CASE_FIXTURE(codec_fixture, "text that is not UTF-8 becomes its Ruby form as a whole") {
        use(plain_codec, {}, ecs_mode::disabled);
        CHECK(decoded({"caf\xE9 \"q\""}) == event_line(R"("message":"caf\\xE9 \\\"q\\\"")"));
        CHECK(decoded({std::string("a\0b", 3)}) == event_line(R"("message":"a\u0000b")"));
        use(plain_codec, {{"charset", config_text("ISO-8859-1")}}, ecs_mode::disabled);
        CHECK(decoded({"caf\xE9 \"q\""}) == event_line("\"message\":\"caf\xC3\xA9 \\\"q\\\"\""));
    }
}

TEST_SUITE("codecs/text/charset") {
    TEST_CASE("charsets by Ruby's names") {
        arena memory;
        const auto convert = [&](std::string_view name, std::string_view text) {
            return std::string(charset::find(name).value().convert(text, memory));
        };
        CHECK(convert("cp1252", "\x80\x93x\x94") == "\xE2\x82\xAC\xE2\x80\x9Cx\xE2\x80\x9D");
        CHECK(convert("Windows-1252", "a\x81z") == "a\xEF\xBF\xBDz");
        CHECK(convert("ISO-8859-15", "\xA4") == "\xE2\x82\xAC");
        CHECK(convert("BINARY", "a\xE9") == "a\xEF\xBF\xBD");
        CHECK(convert("UTF-16LE", {"h\0i\0\x3D\xD8\x00\xDE", 8}) == "hi\xF0\x9F\x98\x80");
        CHECK(convert("UTF-16BE", {"\0h\xD8\x3D\0i\0", 7}) == "h\xEF\xBF\xBDi\xEF\xBF\xBD");
        CHECK(convert("Shift_JIS", "\x83\x65\x83") == "\xE3\x83\x86\xEF\xBF\xBD");
        CHECK(charset::find("no-such").error() == error(text_errc::unknown_charset));
    }

    TEST_CASE("a charset has several names, in either case") {
        arena memory;
        for (const auto& [name, text, wanted] : {
                 std::tuple{"utf8", "\xC3\xA9", "\xC3\xA9"},
                 {"CP65001", "\xC3\xA9", "\xC3\xA9"},
                 {"us-ascii", "a\xE9", "a\xEF\xBF\xBD"},
                 {"Latin-1", "\xE9", "\xC3\xA9"},
                 {"iso8859-1", "\x80", "\xC2\x80"},
                 {"Windows-31J", "\x83\x65", "\xE3\x83\x86"},
                 {"EUC-JP", "\xA5\xC6", "\xE3\x83\x86"},
                 {"KOI8-R", "\xC1", "\xD0\xB0"},
             }) {
            CAPTURE(name);
            CHECK(charset::find(name).value().convert(text, memory) == wanted);
        }
    }

    TEST_CASE("UTF-16 that is cut short or has half a pair is marked, and no more than that") {
        arena memory;
        const charset little = charset::find("UTF-16LE").value();
        const auto convert = [&](std::string_view text) {
            return std::string(little.convert(text, memory));
        };
        constexpr std::string_view mark = "\xEF\xBF\xBD";
        CHECK(
            convert(
                {"\x00\xDE"
                 "a\0",
                 4}
            ) == std::string(mark) + "a"
        );
        CHECK(
            convert(
                {"\x3D\xD8"
                 "a\0",
                 4}
            ) == std::string(mark) + "a"
        );
        CHECK(convert({"a\0\x3D\xD8", 4}) == "a" + std::string(mark));
        CHECK(convert({"a\0b", 3}) == "a" + std::string(mark));
        CHECK(convert("").empty());
    }

    TEST_CASE("a delimiter is looked for as the charset writes it") {
        CHECK(charset::find("UTF-8").value().encoded("||") == "||");
        CHECK(charset::find("CP1252").value().encoded("\n") == "\n");
        CHECK(charset::find("UTF-16LE").value().encoded("\n") == std::string("\n\0", 2));
        CHECK(charset::find("UTF-16BE").value().encoded("ab") == std::string("\0a\0b", 4));
        CHECK(charset::find("UTF-16BE").value().units() == text_units::utf16_be);
        CHECK(charset::find("UTF-16").value().units() == text_units::utf16_be);
        CHECK(charset::find("UTF-8").value().units() == text_units::bytes);
    }

    TEST_CASE("a text that grows a lot is whole, and what one text leaves open does not last") {
        arena memory;
        const charset western = charset::find("CP1252").value();
        std::string euros;
        for (int i = 0; i < 5000; ++i) {
            euros += "\xE2\x82\xAC";
        }
        CHECK(western.convert(std::string(5000, '\x80'), memory) == euros);
        // An escape sequence that turns to Japanese letters.
        const charset escaped = charset::find("ISO-2022-JP").value();
        CHECK(escaped.convert("a\x1b$B", memory) == "a");
        CHECK(escaped.convert("%F", memory) == "%F");
        CHECK(escaped.convert("\x1b$B%F\x1b(B", memory) == "\xE3\x83\x86");
    }

    TEST_CASE("text that needs no change is not copied") {
        arena memory;
        const std::string text = "plain caf\xC3\xA9";
        CHECK(charset::find("utf-8").value().convert(text, memory).data() == text.data());
    }
}

TEST_SUITE("codecs/text/line") {
    TEST_CASE_FIXTURE(
        codec_fixture, "lines are put together over reads, the rest comes with flush"
    ) {
        use(line_codec, {}, ecs_mode::disabled);
        const std::string expected = event_line(R"("message":"one")") +
                                     event_line(R"("message":"")") +
                                     event_line(R"("message":"two")");
        const std::string text = "one\n\ntwo";
        CHECK(decoded({text}) == expected);
        for (std::size_t cut = 0; cut <= text.size(); ++cut) {
            CHECK(decoded({text.substr(0, cut), text.substr(cut)}) == expected);
        }
    }

    TEST_CASE_FIXTURE(codec_fixture, "a delimiter may be long and fall between two reads") {
        use(line_codec, {{"delimiter", config_text("||")}}, ecs_mode::disabled);
        CHECK(
            decoded({"a|", "|b||", "|"}) == event_line(R"("message":"a")") +
                                                event_line(R"("message":"b")") +
                                                event_line(R"("message":"|")")
        );
        event_batch given;
        CHECK(encoded(sample(given)) == "2024-05-11T15:17:02.000Z %{host} hi||");
    }

    TEST_CASE_FIXTURE(codec_fixture, "an input that splits lines gets every piece at once") {
        use(line_codec, {}, ecs_mode::disabled);
        CHECK(
            decoded_lines({"a", "b"}) ==
            event_line(R"("message":"a")") + event_line(R"("message":"b")")
        );
    }

    TEST_CASE_FIXTURE(codec_fixture, "UTF-16 is cut between its units only") {
        use(line_codec, {{"charset", config_text("UTF-16LE")}}, ecs_mode::disabled);
        // U+0A41 has the newline's byte as its upper one.
        const std::string text("\x41\x0A\n\0b\0\n\0", 8);
        CHECK(
            decoded({text}) ==
            event_line("\"message\":\"\xE0\xA9\x81\"") + event_line(R"("message":"b")")
        );
    }
}

TEST_SUITE("codecs/text/json") {
    TEST_CASE_FIXTURE(codec_fixture, "an object is an event and its text the original") {
        use(json_codec);
        CHECK(decoded({R"({"a":1})"}) == event_line(R"("a":1,"event":{"original":"{\"a\":1}"})"));
        CHECK(
            decoded({R"({"event":{"x":1}})"}) ==
            event_line(R"("event":{"x":1,"original":"{\"event\":{\"x\":1}}"})")
        );
    }

    TEST_CASE_FIXTURE(codec_fixture, "an original that the document brings along stays") {
        use(json_codec);
        for (const char* brought : {R"("a line")", "null", "5"}) {
            const std::string event =
                std::string(R"("message":"m","event":{"original":)") + brought + "}";
            CHECK(decoded({"{" + event + "}"}) == event_line(event));
            CHECK(decoded({"[{" + event + "}]"}) == event_line(event));
        }
        CHECK(
            decoded({R"({"event":null})"}) ==
            event_line(R"("event":{"original":"{\"event\":null}"})")
        );
        // There is no place for it below a string: the document is worth more than its text.
        CHECK(decoded({R"({"event":"login"})"}) == event_line(R"("event":"login")"));
    }

    TEST_CASE_FIXTURE(codec_fixture, "text that is not JSON has no original beside its message") {
        use(json_codec);
        CHECK(decoded({"no"}) == event_line(R"("message":"no","tags":["_jsonparsefailure"])"));
        use(json_lines_codec);
        CHECK(decoded({"no\n"}) == event_line(R"("message":"no","tags":["_jsonparsefailure"])"));
    }

    TEST_CASE_FIXTURE(codec_fixture, "an array is an event for each, numbered") {
        use(json_codec);
        CHECK(decoded({R"([{"a":1},{"a":2}])"}) == event_line(R"("a":1)") + event_line(R"("a":2)"));
        CHECK(batch->events[0].origin.part == 0);
        CHECK(batch->events[1].origin.part == 1);
        CHECK(decoded({"[]", " ", ""}).empty());
    }

    TEST_CASE_FIXTURE(codec_fixture, "what is no object becomes a message with a tag") {
        use(json_codec, {}, ecs_mode::disabled);
        for (const char* bad : {"{", "1", "null", "[1]", "[{},2]", "\\xE9"}) {
            CAPTURE(bad);
            const std::string out = decoded({bad});
            CHECK(out.find("_jsonparsefailure") != std::string::npos);
            CHECK(batch->events.size() == 1);
            CHECK(batch->events[0].get("message")->as_string() == bad);
        }
    }

    TEST_CASE_FIXTURE(
        codec_fixture, "@timestamp, tags, @version and @metadata have rules of their own"
    ) {
        use(json_codec, {}, ecs_mode::disabled);
        CHECK(
            decoded({R"({"@timestamp":"2024-05-11T15:17:02.5+02:00","@version":"2"})"}) ==
            "{\"@timestamp\":\"2024-05-11T13:17:02.500Z\",\"@version\":\"2\"}\n"
        );
        CHECK(
            decoded({R"({"@timestamp":"soon"})"}) ==
            event_line(R"("_@timestamp":"soon","tags":["_timestampparsefailure"])")
        );
        CHECK(
            decoded({R"({"@timestamp":17,"tags":["x"]})"}) ==
            event_line(R"("tags":["x","_timestampparsefailure"],"_@timestamp":17)")
        );
        CHECK(decoded({R"({"@timestamp":null,"a":1})"}) == event_line(R"("a":1)"));
        CHECK(
            decoded({R"({"tags":{"a":1}})"}) ==
            event_line(R"("_tags":{"a":1},"tags":["_tagsparsefailure"])")
        );
        CHECK(decoded({R"({"tags":"one"})"}) == event_line(R"("tags":"one")"));
        decoded({R"({"@metadata":{"k":"v"}})"});
        CHECK(batch->events[0].get(field_reference::of("[@metadata][k]"))->as_string() == "v");
    }

    TEST_CASE_FIXTURE(codec_fixture, "with a target the document goes under it, untouched") {
        use(json_codec, {{"target", config_text("[doc][in]")}}, ecs_mode::disabled);
        CHECK(
            decoded({R"({"@timestamp":"soon"})"}) ==
            event_line(R"("doc":{"in":{"@timestamp":"soon"}})")
        );
    }

    TEST_CASE_FIXTURE(codec_fixture, "out comes one document, without a newline") {
        use(json_codec);
        event_batch given;
        const std::string text =
            R"({"@timestamp":"2024-05-11T15:17:02.000Z","@version":"1","message":"hi"})";
        CHECK(encoded(sample(given)) == text);
        use(json_lines_codec);
        CHECK(encoded(sample(given)) == text + "\n");
    }
}

TEST_SUITE("codecs/text/json_lines") {
    TEST_CASE_FIXTURE(codec_fixture, "one document a line, over reads, blank lines are nothing") {
        use(json_lines_codec);
        CHECK(
            decoded({"{\"a\":1}\n\n{\"a\"", ":2}\n{\"a\":3}"}) ==
            event_line(R"("a":1)") + event_line(R"("a":2)") + event_line(R"("a":3)")
        );
        CHECK(decoded_lines({"{\"a\":1}"}) == event_line(R"("a":1)"));
    }

    TEST_CASE_FIXTURE(codec_fixture, "a line that is too long is replaced by a word about it") {
        use(json_lines_codec, {{"decode_size_limit_bytes", config_text("10")}});
        CHECK(
            decoded({"{\"a\":", "\"0123456789", "\"}\n{}\n"})
                .starts_with(event_line(
                    R"("message":"Payload bigger than 10 bytes","tags":["_jsonparsetoobigfailure"])"
                ))
        );
    }
}

TEST_SUITE("codecs/text/dots") {
    TEST_CASE_FIXTURE(codec_fixture, "a dot for an event") {
        use(dots_codec);
        event_batch given;
        CHECK(encoded(sample(given)) == ".");
    }
}

namespace logboom {
extern const codec_row multiline_codec;
}

TEST_SUITE("codecs/text/multiline") {
    TEST_CASE_FIXTURE(codec_fixture, "a stream is cut into lines, wherever a read ends") {
        const given_settings with = {
            {"pattern", config_text("^ ")}, {"what", config_text("previous")}};
        use(multiline_codec, with, ecs_mode::disabled);
        CHECK(
            decoded({"on", "e\n", " a", "\ntwo\n ", "b"}) ==
            event_line(R"("message":"one\n a","tags":["multiline"])") +
                event_line(R"("message":"two\n b","tags":["multiline"])")
        );
    }
    TEST_CASE_FIXTURE(codec_fixture, "UTF-16 is cut between its units") {
        use(multiline_codec,
            {{"pattern", config_text("^ ")},
             {"what", config_text("previous")},
             {"charset", config_text("UTF-16LE")}},
            ecs_mode::disabled);
        CHECK(
            decoded({std::string("a\0\n", 3), std::string("\0 \0b\0\n\0", 7)}) ==
            event_line(R"("message":"a\n b","tags":["multiline"])")
        );
    }
    TEST_CASE_FIXTURE(codec_fixture, "a record of several lines is taken apart") {
        use(multiline_codec,
            {{"pattern", config_text("^ ")}, {"what", config_text("previous")}},
            ecs_mode::disabled);
        CHECK(
            decoded_lines({"a\n b\n", " c", "d\n\n", ""}) ==
            event_line(R"("message":"a\n b\n c","tags":["multiline"])") +
                event_line(R"("message":"d")")
        );
    }
    TEST_CASE_FIXTURE(codec_fixture, "each event says at which line of its record it begins") {
        use(multiline_codec,
            {{"pattern", config_text("^ ")}, {"what", config_text("previous")}},
            ecs_mode::disabled);
        const auto parts = [this] {
            std::vector<std::uint32_t> all;
            for (const event& each : batch->events) {
                all.push_back(each.origin.part);
            }
            return all;
        };
        decoded_lines({"a\n b\nc", " d\ne\n\nf"});
        CHECK(parts() == std::vector<std::uint32_t>{0, 2, 1, 2, 3});
        // As when reading begins at the second record: what begins there has the same name.
        decoded_lines({" d\ne\n\nf"});
        CHECK(parts() == std::vector<std::uint32_t>{0, 1, 2, 3});
        // A stream's lines are counted by nobody.
        decoded({"a\nb\n", "c\n"});
        CHECK(parts() == std::vector<std::uint32_t>{0, 0, 0});
    }
    TEST_CASE_FIXTURE(codec_fixture, "it says that it holds, for how long, and since when it did") {
        use(multiline_codec,
            {{"pattern", config_text("^ ")},
             {"what", config_text("previous")},
             {"auto_flush_interval", config_text("2")}});
        for (const bool is_stream : {false, true}) {
            const auto with = is_stream ? used().make_decoder() : used().make_line_decoder();
            event_batch into;
            CHECK_FALSE(with->is_holding());
            CHECK_FALSE(flush_due(*with, std::chrono::seconds(5)).has_value());
            with->decode(as_bytes("a\n"), false, 7, into);
            CHECK(with->is_holding());
            CHECK(flush_due(*with, std::chrono::seconds(5)) == std::chrono::seconds(7));
            with->decode(as_bytes(" b\n"), false, 8, into);
            CHECK(into.events.empty());
            with->flush(9, into);
            CHECK_FALSE(with->is_holding());
            REQUIRE(into.events.size() == 1);
            CHECK(into.events[0].timestamp() == 7);
        }
    }
}
