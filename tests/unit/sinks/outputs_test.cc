// The file and stdout outputs on a real directory.
#include "codecs/text/json.h"
#include "codecs/text/line.h"
#include "codecs/text/rubydebug.h"
#include "sinks/file.h"
#include "sinks/file_path.h"
#include "sinks/stdout.h"

#include <doctest/doctest.h>
#include <zlib.h>

#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <future>
#include <sstream>
#include <sys/stat.h>
#include <unistd.h>

using namespace logboom;

namespace {

/// A directory of its own that disappears with the test.
class temporary_directory {
  public:
    temporary_directory() {
        std::string form = std::filesystem::temp_directory_path() / "outputs-XXXXXX";
        path_ = ::mkdtemp(form.data());
    }
    ~temporary_directory() { std::filesystem::remove_all(path_); }
    [[nodiscard]] std::string at(const std::string& name) const { return path_ + "/" + name; }
    [[nodiscard]] std::string read(const std::string& name) const {
        std::ifstream in(at(name), std::ios::binary);
        std::ostringstream out;
        out << in.rdbuf();
        return in ? out.str() : "no file";
    }
    [[nodiscard]] std::string read_gzip(const std::string& name) const {
        gzFile in = gzopen(at(name).c_str(), "rb");
        std::string out(100'000, '\0');
        const int size = gzread(in, out.data(), static_cast<unsigned>(out.size()));
        gzclose(in);
        out.resize(size < 0 ? 0 : static_cast<std::size_t>(size));
        return size < 0 ? "not gzip" : out;
    }
    [[nodiscard]] bool has(const std::string& name) const {
        return std::filesystem::exists(at(name));
    }

  private:
    std::string path_;
};

struct fixture {
    using given_settings = std::vector<std::pair<std::string, std::string>>;

    std::string make(const given_settings& given) {
        options = std::make_unique<plugin_options>("file output", file_output.table);
        for (const auto& [name, text] : given) {
            options->set(name, {text, {}});
        }
        options->finish({});
        options->parse();
        REQUIRE(options->problems().empty());
        auto result = file_output.make(context());
        if (result.has_error()) {
            return result.error().text();
        }
        made = *std::move(result);
        return {};
    }
    void use(const std::string& path, given_settings more = {}) {
        more.emplace_back("path", directory.at(path));
        REQUIRE(make(more) == "");
    }
    plugin_context context() {
        plugin_options line_options("line codec", line_codec.table);
        line_options.set("format", {std::string("%{message}"), {}});
        line_options.parse();
        std::shared_ptr<const codec> line = line_codec.make({line_options}).value();
        return {*options, line, time, counters, {}};
    }
    /// Writes an event for each message, whose field "f" is `field`.
    void write(const std::vector<std::string>& messages, const std::string& field = "x") {
        event_batch batch;
        std::vector<std::uint32_t> chosen;
        for (const std::string& each : messages) {
            event& it = batch.add(1'715'440'622'000'000'000);
            it.set("message", value::of(batch.memory.copy(each)));
            it.set("f", value::of(batch.memory.copy(field)));
            chosen.push_back(static_cast<std::uint32_t>(chosen.size()));
        }
        verdict.reset();
        made->write(batch, chosen, ack_token([this](ack_verdict what) { verdict = what; }));
    }

    temporary_directory directory;
    manual_clock time;
    metrics counters;
    std::unique_ptr<plugin_options> options;
    std::unique_ptr<output> made;
    std::optional<ack_verdict> verdict;
};

} // namespace

TEST_SUITE("sinks/file") {
    TEST_CASE_FIXTURE(fixture, "events are appended and acked when they are written") {
        use("a/b/out.log");
        write({"one", "two"});
        CHECK(verdict == ack_verdict::delivered);
        CHECK(directory.read("a/b/out.log") == "one\ntwo\n");
        write({"three"});
        CHECK(directory.read("a/b/out.log") == "one\ntwo\nthree\n");
    }

    TEST_CASE_FIXTURE(fixture, "the path is a template") {
        use("%{f}/%{+YYYY-MM-dd}.log");
        write({"one"}, "h1");
        write({"two"}, "h2");
        CHECK(directory.read("h1/2024-05-11.log") == "one\n");
        CHECK(directory.read("h2/2024-05-11.log") == "two\n");
    }

    TEST_CASE_FIXTURE(fixture, "a field cannot lead out of the root") {
        use("in/%{f}/out.log");
        for (const char* bad : {"../..", "../../../../etc", "a/../../.."}) {
            write({"bad"}, bad);
            CHECK(verdict == ack_verdict::delivered);
        }
        write({"fine"}, "a/../b");
        CHECK(directory.read("in/_filepath_failures") == "bad\nbad\nbad\n");
        CHECK(directory.read("in/b/out.log") == "fine\n");
        CHECK_FALSE(directory.has("out.log"));
        CHECK(counters.sum("logboom_file_output_failure_file_events_total") == 3);
    }

    TEST_CASE_FIXTURE(fixture, "a zero byte or a directory in the way is no path either") {
        use("in/%{f}", {{"filename_failure", "failures"}});
        std::filesystem::create_directories(directory.at("in/taken"));
        write({"one"}, std::string("a\0b", 3));
        write({"two"}, "taken");
        write({"three"}, std::string(300, 'n'));
        CHECK(directory.read("in/failures") == "one\ntwo\nthree\n");
    }

    TEST_CASE_FIXTURE(fixture, "the first part of the path must be static") {
        CHECK(make({{"path", "/%{f}/x"}}).find("first part") != std::string::npos);
        CHECK(make({{"path", "/x-%{f}/x"}}).find("first part") != std::string::npos);
        CHECK(make({{"path", "%{f}"}}).find("first part") != std::string::npos);
        CHECK(make({{"path", "x-%{+YYYY}.log"}}).find("first part") != std::string::npos);
        CHECK(make({{"path", "/x/%{f}"}}) == "");
        CHECK(make({{"path", "%{+YYYY/MM}.log"}}).find("first part") != std::string::npos);
        CHECK(make({{"path", "./%{f}"}}) == "");
        CHECK(file_path::make(sprintf_template("/a/b/%{+YYYY/MM}/x"), "f")->root() == "/a/b");
        CHECK(file_path::make(sprintf_template("/a/b/c.log"), "f")->failure_path() == "/a/b/f");
    }

    TEST_CASE_FIXTURE(fixture, "a file that was deleted or rotated away is made again") {
        use("out.log");
        write({"one"});
        std::filesystem::rename(directory.at("out.log"), directory.at("out.log.1"));
        write({"two"});
        std::filesystem::remove(directory.at("out.log"));
        write({"three"});
        CHECK(directory.read("out.log.1") == "one\n");
        CHECK(directory.read("out.log") == "three\n");
    }

    TEST_CASE_FIXTURE(fixture, "without create_if_deleted what is not there gets nothing") {
        use("out.log", {{"create_if_deleted", "false"}});
        write({"one"});
        std::ofstream(directory.at("out.log")).flush();
        write({"two"});
        CHECK(directory.read("_filepath_failures") == "one\n");
        CHECK(directory.read("out.log") == "two\n");
    }

    TEST_CASE_FIXTURE(fixture, "overwrite leaves the latest event") {
        use("out.log", {{"write_behavior", "overwrite"}});
        write({"a long first one", "second"});
        CHECK(directory.read("out.log") == "second\n");
        write({"third"});
        CHECK(directory.read("out.log") == "third\n");
    }

    TEST_CASE_FIXTURE(fixture, "gzip can be read after every write and is whole after finish") {
        use("out.gz", {{"gzip", "true"}});
        write({"one"});
        CHECK(verdict == ack_verdict::delivered);
        CHECK(directory.read("out.gz").size() > 10);
        CHECK(directory.read_gzip("out.gz") == "one\n");
        write({std::string(200'000, 'x'), "two"});
        made->finish(std::chrono::seconds(1));
        use("out.gz", {{"gzip", "true"}});
        write({"three"});
        made->finish(std::chrono::seconds(1));
        const std::string command =
            "gzip -dc " + directory.at("out.gz") + " > " + directory.at("all");
        CHECK(std::system(command.c_str()) == 0);
        CHECK(directory.read("all") == "one\n" + std::string(200'000, 'x') + "\ntwo\nthree\n");
    }

    TEST_CASE_FIXTURE(fixture, "permissions are as asked for") {
        use("d1/out.log", {{"dir_mode", "448"}, {"file_mode", "384"}});
        write({"one"});
        struct stat about {};
        REQUIRE(::stat(directory.at("d1").c_str(), &about) == 0);
        CHECK((about.st_mode & 0777U) == 0700);
        REQUIRE(::stat(directory.at("d1/out.log").c_str(), &about) == 0);
        CHECK((about.st_mode & 0777U) == 0600);
    }

    TEST_CASE_FIXTURE(fixture, "files nothing is written to are closed") {
        const auto open_count = [] {
            std::size_t count = 0;
            for (const auto& each : std::filesystem::directory_iterator("/proc/self/fd")) {
                std::error_code failed;
                const auto target = std::filesystem::read_symlink(each.path(), failed);
                count += target.string().find("/outputs-") != std::string::npos ? 1 : 0;
            }
            return count;
        };
        use("%{f}.log");
        write({"one"}, "a");
        write({"two"}, "b");
        CHECK(open_count() == 2);
        for (int round = 0; round < 2; ++round) {
            time.advance(std::chrono::seconds(11));
            write({"three"}, "b");
        }
        CHECK(open_count() == 1);
        made->finish(std::chrono::seconds(1));
        CHECK(open_count() == 0);
    }

    TEST_CASE_FIXTURE(fixture, "what a full disk refuses is tried until finish, then lost") {
        REQUIRE(make({{"path", "/dev/full"}}) == "");
        auto writing = std::async(std::launch::async, [&] { write({"one"}); });
        CHECK(writing.wait_for(std::chrono::milliseconds(50)) == std::future_status::timeout);
        made->finish(std::chrono::seconds(1));
        writing.get();
        CHECK(verdict == ack_verdict::lost);
    }
}

TEST_SUITE("sinks/stdout") {
    TEST_CASE_FIXTURE(fixture, "events come out in their codec's form and are acked") {
        options = std::make_unique<plugin_options>("stdout output", stdout_output.table);
        int ends[2];
        REQUIRE(::pipe(ends) == 0);
        made = make_descriptor_output(context(), ends[1]);
        REQUIRE(made->start().has_value());
        write({"one", "two"});
        CHECK(verdict == ack_verdict::delivered);
        char buffer[100];
        const ssize_t size = ::read(ends[0], buffer, sizeof(buffer));
        CHECK(std::string(buffer, static_cast<std::size_t>(size)) == "one\ntwo\n");

        SUBCASE("a reader that is gone loses the batch and ends the pipeline, not the process") {
            ::close(ends[0]);
            CHECK_THROWS_AS(write({"three"}), std::system_error);
            CHECK(verdict == ack_verdict::lost);
            verdict = ack_verdict::delivered;
            write({"four"});
            CHECK(verdict == ack_verdict::lost);
            ::close(ends[1]);
        }
        SUBCASE("a reader that sleeps is waited for until finish") {
            auto writing =
                std::async(std::launch::async, [&] { write({std::string(1'000'000, 'x')}); });
            CHECK(writing.wait_for(std::chrono::milliseconds(20)) == std::future_status::timeout);
            made->finish(std::chrono::seconds(0));
            writing.get();
            CHECK(verdict == ack_verdict::lost);
            ::close(ends[0]);
            ::close(ends[1]);
        }
    }

    TEST_CASE_FIXTURE(fixture, "a full device is tried again until finish") {
        options = std::make_unique<plugin_options>("stdout output", stdout_output.table);
        const int full = ::open("/dev/full", O_WRONLY);
        REQUIRE(full >= 0);
        made = make_descriptor_output(context(), full);
        auto writing = std::async(std::launch::async, [&] { write({"one"}); });
        CHECK(writing.wait_for(std::chrono::milliseconds(20)) == std::future_status::timeout);
        made->finish(std::chrono::seconds(0));
        writing.get();
        CHECK(verdict == ack_verdict::lost);
        ::close(full);
    }

    TEST_CASE("the default codecs are Logstash's") {
        CHECK(settings("x", stdout_output.table).has("codec"));
        CHECK(stdout_output.table[0].fallback == "rubydebug");
    }
}
