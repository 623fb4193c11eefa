#include "base/memory_env.h"
#include "sinks/dead_letter_file.h"
#include "tests/unit/sinks/elasticsearch/support.h"

#include <doctest/doctest.h>
#include <rapidjson/document.h>

#include <thread>

using namespace logboom;
using namespace logboom::sinks;

namespace {

struct letters_fixture {
    memory_env disk;
    manual_clock time;
    metrics registry;
    test::verdicts verdicts;

    std::unique_ptr<dead_letter_file> open(dead_letter_file_options options = {}) {
        options.directory = "/data/letters";
        return std::make_unique<dead_letter_file>(
            options, dead_letter_file_context{disk, time, registry, logger{}}
        );
    }
    void write(dead_letter_file& to, std::string_view document) {
        dead_letter letter;
        letter.document = document;
        letter.output = "elasticsearch";
        letter.status = 400;
        letter.error_type = "mapper_parsing_exception";
        letter.reason = "no \"number\"";
        letter.target = "logs";
        letter.id = "a/1/0/7";
        letter.origin = {.stream = "a/1/0", .position = 7, .topic = "topic"};
        to.write(letter, verdicts.token());
    }
    void wait(int count) const {
        while (verdicts.delivered + verdicts.lost < count) {
            std::this_thread::yield();
        }
    }
    std::string text(const char* name) {
        auto read = read_file(disk, std::string("/data/letters/") + name, 1U << 20U);
        return read ? *read : "";
    }
};

} // namespace

TEST_SUITE("sinks") {
    TEST_CASE_FIXTURE(letters_fixture, "a letter is on the disk before its ack is delivered") {
        auto letters = open();
        CHECK_FALSE(disk.exists("/data/letters"));
        write(*letters, R"({"m":1})");
        wait(1);
        disk.crash();
        CHECK(verdicts.delivered == 1);
        rapidjson::Document line;
        line.Parse(text("letters-00000001.ndjson"));
        REQUIRE_FALSE(line.HasParseError());
        CHECK(line["status"] == 400);
        CHECK(line["reason"] == "no \"number\"");
        CHECK(line["origin"] == "a/1/0/7");
        CHECK(line["topic"] == "topic");
        CHECK(line["document"]["m"] == 1);
    }

    TEST_CASE("a document that is no JSON is kept as text") {
        dead_letter letter;
        letter.document = "not\njson \xff";
        const std::string line = dead_letter_file::line_of(letter, timestamp_ms(0));
        rapidjson::Document parsed;
        parsed.Parse(line);
        REQUIRE_FALSE(parsed.HasParseError());
        CHECK(parsed["document"].IsString());
        CHECK(line.find('\n') == line.size() - 1);
    }

    TEST_CASE_FIXTURE(
        letters_fixture, "a failing disk loses the acks, and the next letters get a new file"
    ) {
        auto letters = open();
        write(*letters, "{}");
        wait(1);
        disk.set_fault([](std::string_view operation, const std::string&) -> result<void> {
            if (operation == "sync") {
                return error(std::error_code(EIO, std::system_category()));
            }
            return {};
        });
        write(*letters, "{}");
        wait(2);
        CHECK(verdicts.lost == 1);
        disk.set_fault({});
        write(*letters, "{}");
        wait(3);
        CHECK(verdicts.delivered == 2);
        CHECK(text("letters-00000002.ndjson").size() > 2);
        CHECK(registry.sum("logboom_dead_letter_files_letters_total") == 3);
    }

    TEST_CASE_FIXTURE(letters_fixture, "a torn line is ended before more is appended") {
        REQUIRE(disk.make_directories("/data/letters").has_value());
        REQUIRE(replace_file(disk, "/data/letters/letters-00000004.ndjson", "{\"torn").has_value());
        {
            auto letters = open();
            write(*letters, "{}");
        }
        CHECK(verdicts.delivered == 1);
        CHECK(text("letters-00000004.ndjson").rfind("{\"torn\n{\"@timestamp\"", 0) == 0);
    }

    TEST_CASE_FIXTURE(letters_fixture, "files are bounded one by one and together; the oldest go") {
        dead_letter_file_options options;
        options.file_size_max = 100;
        options.total_size_max = 1000;
        auto letters = open(options);
        for (int i = 0; i < 20; ++i) {
            write(*letters, "{}");
            wait(i + 1);
        }
        CHECK(verdicts.delivered == 20);
        CHECK(text("letters-00000001.ndjson").empty());
        CHECK_FALSE(text("letters-00000020.ndjson").empty());
        CHECK(registry.sum("logboom_dead_letter_files_removed_bytes_total") > 0);
        CHECK(registry.sum("logboom_dead_letter_files_size_bytes") <= 1000);
    }
}
