// Kafka's own bytes (tests/golden/wire_vectors.txt, made by WireVectors.java): what its generated
// classes write must decode here and encode back to the same bytes, for every version of every api
// in all.h.
#include "codecs/kafka/messages/all.h"

#include <doctest/doctest.h>

#include <charconv>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

TEST_SUITE_BEGIN("tests/golden");

namespace logboom::kafka {
namespace {

struct wire_vector {
    std::int16_t key = 0;
    std::string kind;
    std::int16_t version = 0;
    std::string body;
};

std::vector<wire_vector> read_vectors() {
    std::vector<wire_vector> all;
    std::ifstream from(LB_SOURCE_ROOT "/tests/golden/wire_vectors.txt");
    REQUIRE(from.is_open());
    for (std::string line; std::getline(from, line);) {
        std::istringstream fields(line);
        wire_vector each;
        std::string name;
        std::string what;
        std::string hex;
        fields >> each.key >> name >> each.kind >> each.version >> what >> hex;
        for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
            unsigned octet = 0;
            std::from_chars(hex.data() + i, hex.data() + i + 2, octet, 16);
            each.body += static_cast<char>(octet);
        }
        all.push_back(std::move(each));
    }
    return all;
}

template <described T>
void check_vector(const wire_vector& given, const api_spec& spec) {
    const wire_context in{given.version, spec.flexible(api_version(given.version))};
    const auto read = decode<T>(as_bytes(given.body), in);
    REQUIRE_MESSAGE(read.has_value(), (read.has_error() ? read.error().text() : ""));
    wire_writer back;
    encode(*read, in, back);
    CHECK_MESSAGE(back.buffer() == given.body, to_text(*read, api_version(given.version)));
}

class golden_checker {
  public:
    /// Every version of this api, and the file must know each.
    template <class Api>
    void check() {
        std::set<std::int16_t> seen;
        for (const wire_vector& each : vectors_) {
            if (each.key != Api::spec.key) {
                continue;
            }
            CAPTURE(Api::spec.name);
            CAPTURE(each.kind);
            CAPTURE(each.version);
            if (each.kind == "request") {
                check_vector<typename Api::request>(each, Api::spec);
            } else {
                check_vector<typename Api::response>(each, Api::spec);
            }
            seen.insert(each.version);
        }
        for (std::int16_t each = Api::spec.version_min; each <= Api::spec.version_max; ++each) {
            CAPTURE(Api::spec.name);
            CAPTURE(each);
            CHECK(seen.contains(each));
        }
    }

  private:
    std::vector<wire_vector> vectors_ = read_vectors();
};

TEST_CASE("what Kafka's classes write decodes, and encodes back to the same bytes") {
    golden_checker golden;
    for_each_api([&]<class Api>() { golden.check<Api>(); });
}

} // namespace
} // namespace logboom::kafka

TEST_SUITE_END();
