// Every version of an api's request and response, encoded, decoded and encoded again.
#pragma once

#include "tests/unit/codecs/kafka/message_filler.h"

#include <doctest/doctest.h>

namespace logboom::kafka {

template <described T>
void check_round_trip(const api_spec& spec, api_version version) {
    const wire_context in{version.value(), spec.flexible(version)};
    message_filler filler(version);
    T given{};
    filler.fill(given);
    wire_writer first;
    encode(given, in, first);
    CHECK(first.total_size() == encoded_size(given, in));
    const auto read = decode<T>(first.view(), in);
    REQUIRE_MESSAGE(read.has_value(), (read.has_error() ? read.error().text() : ""));
    wire_writer second;
    encode(*read, in, second);
    CHECK(first.buffer() == second.buffer());
    CHECK(to_text(given, version) == to_text(*read, version));
    for (std::size_t size = 0; size < first.buffer().size(); ++size) {
        CHECK(decode<T>(first.view().first(size), in).has_error());
    }
    wire_writer defaults;
    encode(T{}, in, defaults);
    CHECK(decode<T>(defaults.view(), in).has_value());
}

template <class Api>
void check_every_version() {
    for (std::int16_t each = Api::spec.version_min; each <= Api::spec.version_max; ++each) {
        CAPTURE(Api::spec.name);
        CAPTURE(each);
        check_round_trip<typename Api::request>(Api::spec, api_version(each));
        check_round_trip<typename Api::response>(Api::spec, api_version(each));
    }
}

} // namespace logboom::kafka
