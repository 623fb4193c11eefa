// The tables of `logboom agent`.
#include "cli/agent_text.h"

#include <doctest/doctest.h>

using namespace logboom::cli;

TEST_SUITE_BEGIN("cli/agent_text");

namespace {

constexpr const char* document = R"({"inputs":[
  {"pipeline":"main","id":"web","answered":true,"file_count":3,
   "bytes":{"read":120,"delivered":100,"in_flight":5,"skipped":{"start":12},"lost":{"truncated":3,"deleted":0,"pinned":0}},
   "files":[
    {"id":"8.1-7-ab/0","name":"/l/a.log","offset":100,"size":105,"lag_bytes":5,"lag_seconds":1.25,"state":"reading",
     "open":true,"deleted":true,"last_error":null,
     "bytes":{"read":105,"delivered":100,"in_flight":5,"skipped":{"start":0},"lost":{"truncated":0,"deleted":0,"pinned":0}}},
    {"id":"8.1-8-ab/0","name":"/l/b","offset":0,"size":0,"lag_bytes":0,"lag_seconds":0.0,"state":"retrying",
     "open":false,"deleted":false,"last_error":"Permission denied",
     "bytes":{"read":0,"delivered":0,"in_flight":0,"skipped":{},"lost":{}}}]},
  {"pipeline":"main","id":"busy","answered":false}]})";

} // namespace

TEST_CASE("files have their place and their lag") {
    const auto text = agent_files_text(document);
    REQUIRE(text.has_value());
    CHECK(
        *text ==
        "NAME      OFFSET  SIZE  LAG  SECONDS  STATE                 ID          ERROR\n"
        "/l/a.log     100   105    5      1.2  reading,deleted,open  8.1-7-ab/0  -\n"
        "/l/b           0     0    0      0.0  retrying              8.1-8-ab/0  Permission "
        "denied\n"
        "input main/web follows 1 more files, which are less behind; --limit shows more\n"
        "input main/busy does not answer; it may be busy or ending\n"
    );
}

TEST_CASE("the ledger has a row for each file and one for all") {
    const auto text = agent_ledger_text(document);
    REQUIRE(text.has_value());
    CHECK(text->starts_with("NAME             READ  DELIVERED  IN-FLIGHT   SKIPPED         LOST\n"
                            "/l/a.log          105        100          5         0            0\n"
                            "/l/b                0          0          0         0            0\n"
                            "all of main/web   120        100          5  start=12  truncated=3\n")
    );
}

TEST_CASE("what is no answer of logboom is an error") {
    CHECK(agent_files_text("<html>").has_error());
    CHECK(agent_ledger_text("{}").has_error());
    CHECK(agent_ledger_text(R"({"inputs":3})").has_error());
}

TEST_SUITE_END();
