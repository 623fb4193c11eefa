#include "agent/local/generator.h"
#include "tests/unit/agent/file/support.h"

#include <doctest/doctest.h>

#include <stdexcept>

TEST_SUITE_BEGIN("agent/generator");

using namespace logboom;
using namespace logboom::agent::test;

namespace {

/// Makes nothing of any line; asks for a stop with the first, and does not bear many more.
class silent_decoder final : public decoder {
  public:
    static inline std::stop_source stop;

    void decode(bytes_view, bool, std::int64_t, event_batch&) override {
        constexpr int patience = 100'000;
        stop.request_stop();
        if (++calls_ > patience) {
            throw std::runtime_error("does not stop");
        }
    }
    void flush(std::int64_t, event_batch&) override {}

  private:
    int calls_ = 0;
};

} // namespace

TEST_CASE("a generator whose lines make no event stops when it is asked to") {
    plugin_options options("generator input", agent::generator_input.table);
    options.finish({});
    metrics counters;
    real_clock time;
    const plugin_context context{
        .options = options,
        .codec = std::make_shared<test_codec<silent_decoder>>(),
        .time = time,
        .counters = counters,
        .log = {}};
    const auto made = agent::generator_input.make(context).value();
    collecting_sink sink;
    CHECK_NOTHROW(made->run(sink, silent_decoder::stop.get_token()));
    CHECK(sink.items().empty());
}

TEST_SUITE_END();
