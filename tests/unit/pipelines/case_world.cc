#include "tests/unit/pipelines/case_world.h"

#include <doctest/doctest.h>

#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <unistd.h>

namespace logboom::testing {
namespace {

/// The sections whose names begin so, by the rest of their names.
sections named(const sections& given, std::string_view prefix) {
    sections found;
    for (const auto& [name, text] : given) {
        if (name.starts_with(prefix)) {
            found[name.substr(prefix.size())] = text;
        }
    }
    return found;
}

void replace_all(std::string& in, std::string_view what, const std::string& with) {
    for (std::size_t at = in.find(what); at != std::string::npos; at = in.find(what, at)) {
        in.replace(at, what.size(), with);
        at += with.size();
    }
}

void check_lines(const std::vector<std::string>& got, const std::vector<std::string>& expected) {
    CHECK(got.size() == expected.size());
    for (std::size_t i = 0; i < std::min(got.size(), expected.size()); ++i) {
        CHECK(got[i] == expected[i]);
    }
}

/// "key | name=value, name=value | payload"; a record without a key has "-".
std::string text_of(const client::mock_cluster::stored& from) {
    std::string headers;
    for (const auto& [name, value] : from.headers) {
        headers.append(headers.empty() ? "" : ", ").append(name).append("=").append(value);
    }
    return from.key.value_or("-") + " | " + headers + " | " + from.payload;
}

} // namespace

std::vector<std::string> split_lines(const std::string& text) {
    std::vector<std::string> lines;
    std::istringstream from(text);
    for (std::string line; std::getline(from, line);) {
        lines.push_back(line);
    }
    return lines;
}

case_world::case_world(const sections& given) : given_(given) {
    std::string name = "/tmp/logboom-case-XXXXXX";
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    directory_ = name;
    for (const auto& [file, text] : named(given, "file ")) {
        std::ofstream(directory_ + "/" + file, std::ios::binary) << text;
    }
    const sections topics = named(given, "topic ");
    has_topics_ = !topics.empty();
    if (has_topics_ || given.at("config").find("%KAFKA%") != std::string::npos) {
        kafka_ = std::make_unique<client::mock_cluster>();
    }
    for (const auto& [topic, text] : topics) {
        kafka_->create(topic, 1);
        kafka_->produce(topic, 0, split_lines(text));
    }
    for (const auto& [topic, text] : named(given, "records ")) {
        kafka_->create(topic, 1);
    }
    if (given.contains("bulk")) {
        test::null_bulk_options options;
        options.remembers = true;
        elasticsearch_ = std::make_unique<test::null_bulk_server>(std::move(options));
    }
    if (given.contains("stdin")) {
        feed_stdin(given.at("stdin"));
    }
}

case_world::~case_world() {
    if (own_stdin_ >= 0) {
        ::dup2(own_stdin_, STDIN_FILENO);
        ::close(own_stdin_);
    }
    std::error_code ignored;
    std::filesystem::remove_all(directory_, ignored);
}

/// All of it lies in the pipe before anyone reads.
void case_world::feed_stdin(const std::string& text) {
    int ends[2] = {-1, -1};
    REQUIRE(::pipe(ends) == 0);
    REQUIRE(::write(ends[1], text.data(), text.size()) == static_cast<ssize_t>(text.size()));
    ::close(ends[1]);
    own_stdin_ = ::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0);
    REQUIRE(own_stdin_ >= 0);
    ::dup2(ends[0], STDIN_FILENO);
    ::close(ends[0]);
}

std::string case_world::filled_in(std::string text) const {
    replace_all(text, "%DIR%", directory_);
    replace_all(text, "%KAFKA%", kafka_ ? kafka_->servers() : "");
    replace_all(text, "%ELASTICSEARCH%", elasticsearch_ ? elasticsearch_->url() : "");
    return text;
}

void case_world::check() const {
    for (const auto& [file, expected] : named(given_, "written ")) {
        std::ifstream from(directory_ + "/" + file, std::ios::binary);
        CHECK(std::string(std::istreambuf_iterator<char>(from), {}) == filled_in(expected));
    }
    for (const auto& [topic, expected] : named(given_, "records ")) {
        check_records(topic, filled_in(expected));
    }
    if (elasticsearch_) {
        check_lines(
            split_lines(elasticsearch_->last_body()), split_lines(filled_in(given_.at("bulk")))
        );
    }
}

void case_world::check_records(const std::string& topic, const std::string& expected) const {
    const auto lines = split_lines(expected);
    std::vector<std::string> got;
    for (const auto& each : kafka_->read(topic, lines.size())) {
        got.push_back(text_of(each));
    }
    check_lines(got, lines);
}

} // namespace logboom::testing
