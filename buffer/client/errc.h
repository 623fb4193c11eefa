// What can go wrong on the client's side of the Kafka protocol. The broker's and librdkafka's own
// codes (rd_kafka_resp_err_t) are an error category too, so that a caller can tell "topic exists"
// from "no answer" by code; kafka_error() makes one with the text that a person needs.
#pragma once

#include "base/result.h"

#include <string>

namespace logboom::client {

enum class errc {
    bad_property = 1,
    bad_argument,
    no_broker,
    unreachable,
    bad_address,
    java_key_store,
    bad_jaas,
    bad_partitioner,
    bad_pattern,
    bad_choice,
    no_name,
    bad_topic,
    bad_group_instance,
    bad_reset_file,
    bad_reset_target,
    group_is_active,
    no_such_group,
    no_such_topic,
    nothing_to_shift,
    no_such_offset,
    member_is_dead,
    no_offset_to_read,
};

constexpr const char* describe(errc value) {
    switch (value) {
    case errc::bad_property:
        return "the Kafka client library refuses this property";
    case errc::bad_argument:
        return "this is not understood";
    case errc::no_broker:
        return "no broker answered in time; is it running, and is the address right?";
    case errc::unreachable:
        return "no broker can be reached; is it running, and are address and security.protocol "
               "right?";
    case errc::bad_address:
        return "is not host:port";
    case errc::java_key_store:
        return "is a Java key store, which only Java reads; convert it to PEM (keytool "
               "-importkeystore to PKCS12, then openssl pkcs12 -nodes) and set the type to PEM";
    case errc::bad_jaas:
        return "is no JAAS entry this client understands";
    case errc::bad_partitioner:
        return "is no partitioner; use round_robin, uniform_sticky or default";
    case errc::bad_choice:
        return "is none of its values";
    case errc::no_name:
        return "must not be empty";
    case errc::bad_topic:
        return "is no name of a topic: letters, digits, '.', '_' and '-', at most 249 of them";
    case errc::bad_pattern:
        return "is no regular expression that can be used here (POSIX extended: no look-ahead, no "
               "flags)";
    case errc::bad_group_instance:
        return "is not allowed here";
    case errc::bad_reset_file:
        return "is no line of topic,partition,offset";
    case errc::bad_reset_target:
        return "names no partition of the topic";
    case errc::group_is_active:
        return "has active members; offsets can only be reset while the group is inactive";
    case errc::no_such_group:
        return "does not exist";
    case errc::no_such_topic:
        return "does not exist";
    case errc::no_such_offset:
        return "the group has committed no offset there";
    case errc::nothing_to_shift:
        return "the group has no offset there to shift from";
    case errc::member_is_dead:
        return "the member of the group cannot go on";
    case errc::no_offset_to_read:
        return "the group has no offset in the log, and auto_offset_reset says not to choose one";
    }
    return "unknown error of the Kafka client";
}

LB_ERROR_ENUM(errc, "client")

/// An error whose code is librdkafka's (category "kafka", value rd_kafka_resp_err_t). `context` is
/// put before the library's sentence; `reason`, when not empty, replaces that sentence's generic
/// text.
error kafka_error(int response_error, std::string context, std::string_view reason = {});
/// True when `why` carries exactly this rd_kafka_resp_err_t.
bool is_kafka_error(const error& why, int response_error);

} // namespace logboom::client

template <>
struct std::is_error_code_enum<logboom::client::errc> : std::true_type {};
