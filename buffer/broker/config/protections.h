// Keys of server.properties that ask for something that keeps clients out or in bounds, and that
// this broker does not give: with one of them the start is refused, because its owner would believe
// himself protected. What only tunes such a thing is a key without effect like any other.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace logboom::broker {

struct protection {
    std::string_view key;
    /// A secret: its value is never shown.
    bool secret = false;
    /// Values that ask for nothing, beside the empty one: "none|false".
    std::string_view harmless;
    /// What Kafka would do, to follow "asks for".
    std::string_view asks;
};

/// By key.
std::span<const protection> protections();

/// nullptr when `key` is none. It may be written for a single listener, as Kafka has it:
/// listener.name.LISTENER.KEY, and before sasl. also listener.name.LISTENER.MECHANISM.KEY.
const protection* find_protection(std::string_view key);

/// What `key=value` asks for and does not get, and what to do, as a sentence without its place;
/// empty when it asks for nothing. `key` must be a protection.
std::string refuse_protection(std::string_view key, std::string_view value);

} // namespace logboom::broker
