#include "plugin/registry.h"

#include <doctest/doctest.h>

using namespace logboom;

namespace {

constexpr input_row reader{"reader", {}, nullptr};
constexpr filter_row changer{"changer", {}, nullptr};
constexpr output_row writer{"writer", {}, nullptr};
constexpr codec_row words{"words", {}, nullptr};

const plugin_registry registry{{&reader}, {&changer}, {&writer}, {&words}};

} // namespace

TEST_SUITE("plugin/registry") {
    TEST_CASE("each kind has names of its own") {
        CHECK(registry.find_input("reader") == &reader);
        CHECK(registry.find_filter("reader") == nullptr);
        CHECK(registry.find_codec("words") == &words);
        CHECK(registry.find_output("writer") == &writer);
        CHECK(registry.names(plugin_kind::filter) == std::vector<std::string_view>{"changer"});
    }

    TEST_CASE("who asks for what is not here is told the most useful thing") {
        CHECK(
            registry.explain_missing(plugin_kind::filter, "grok") ==
            "Logstash has the filter 'grok', logboom does not have it yet; there are: changer."
        );
        CHECK(
            registry.explain_missing(plugin_kind::filter, "chnger") ==
            "there is no filter 'chnger'; did you mean 'changer'?"
        );
        CHECK(
            registry.explain_missing(plugin_kind::filter, "writer") ==
            "there is no filter 'writer'; 'writer' is an output."
        );
        CHECK(
            registry.explain_missing(plugin_kind::input, "changer") ==
            "there is no input 'changer'; 'changer' is a filter."
        );
        CHECK(
            registry.explain_missing(plugin_kind::output, "words") ==
            "there is no output 'words'; 'words' is a codec."
        );
        CHECK(
            registry.explain_missing(plugin_kind::codec, "zzzzzzzz") ==
            "there is no codec 'zzzzzzzz'; there are: words."
        );
    }
}
