// What a text case has around its pipeline: a directory with files, standard input, a mock of a
// Kafka cluster and of Elasticsearch, each only when the case asks for it by a section or a name.
#pragma once

#include "tests/support/null_bulk_server.h"
#include "tests/unit/buffer/client/mock_cluster.h"

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace logboom::testing {

/// Of a case file, by their names; what stands before the first is "".
using sections = std::map<std::string, std::string>;

std::vector<std::string> split_lines(const std::string& text);

class case_world {
  public:
    explicit case_world(const sections& given);
    ~case_world();
    case_world(const case_world&) = delete;
    case_world& operator=(const case_world&) = delete;

    [[nodiscard]] const std::string& directory() const { return directory_; }
    /// `text` with %DIR%, %KAFKA% and %ELASTICSEARCH% as they are here.
    [[nodiscard]] std::string filled_in(std::string text) const;
    /// The case's input does not end by itself.
    [[nodiscard]] bool must_be_stopped() const { return has_topics_; }
    /// After the pipeline has ended: compares what it has left behind.
    void check() const;

  private:
    void feed_stdin(const std::string& text);
    void check_records(const std::string& topic, const std::string& expected) const;

    const sections& given_;
    std::string directory_;
    std::unique_ptr<client::mock_cluster> kafka_;
    std::unique_ptr<test::null_bulk_server> elasticsearch_;
    bool has_topics_ = false;
    /// The process's own while the case has another; -1 when it has none.
    int own_stdin_ = -1;
};

} // namespace logboom::testing
