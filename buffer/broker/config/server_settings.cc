#include "buffer/broker/config/protections.h"
#include "buffer/broker/config/server_properties.h"

#include <fmt/format.h>

namespace logboom::broker {
namespace {

using enum setting_type;
using enum setting_state;

constexpr setting
on(std::string_view name, setting_type type, std::string_view fallback, std::string_view doc) {
    return {.name = name, .type = type, .fallback = fallback, .doc = doc};
}
constexpr setting
whole(std::string_view name, std::string_view fallback, double min, std::string_view doc) {
    return {.name = name, .type = integer, .fallback = fallback, .doc = doc, .min = min};
}
/// Accepted, and nothing is missing without it.
constexpr setting idle(std::string_view name, std::string_view fallback, std::string_view doc) {
    return {.name = name, .type = text, .fallback = fallback, .doc = doc, .state = no_effect};
}
constexpr setting later(std::string_view name, std::string_view doc) {
    return {.name = name, .type = text, .doc = doc, .state = not_yet};
}

constexpr std::string_view topic_default = "Default of the topic key of the same meaning.";
constexpr std::string_view kraft = "For KRaft; one logboom node needs no controller.";
constexpr std::string_view zookeeper = "Not needed on a single node.";
constexpr std::string_view tls_tuning = "Tunes TLS, which this broker does not offer.";
constexpr std::string_view sasl_tuning = "Tunes SASL, which this broker does not offer.";
constexpr std::string_view no_passwords = "This broker keeps no passwords.";
constexpr std::string_view one_node = "For replication; one node replicates nothing.";

constexpr setting table[] = {
    whole("broker.id", "0", -1, "This broker's number in Metadata answers; -1 means 0."),
    on("listeners", list, "PLAINTEXT://:9092", "Where to listen; PLAINTEXT only."),
    on("advertised.listeners",
       list,
       "",
       "What clients are told; without it the address they connected to."),
    whole("port", "9092", 0, "Of old files: the port, where listeners is not given."),
    on("host.name", text, "", "Of old files: the address, where listeners is not given."),
    whole("advertised.port", "", 0, "Of old files; see advertised.listeners."),
    on("advertised.host.name", text, "", "Of old files; see advertised.listeners."),
    on("listener.security.protocol.map", list, "", "NAME:PLAINTEXT for listeners with other names."
    ),
    on("log.dirs", list, "", "Directories of the log; a new partition goes to the emptiest."),
    on("log.dir", text, "", "One log directory; log.dirs wins."),
    whole("num.partitions", "1", 1, "Partitions of a topic that is created without a number."),
    whole("default.replication.factor", "1", 1, "Must be 1 on a single node."),
    whole("min.insync.replicas", "1", 1, topic_default),
    whole("num.network.threads", "3", 1, "Accepted; one event loop serves the network."),
    whole("num.io.threads", "2", 1, "Threads for fdatasync and other slow disk work."),
    whole("num.recovery.threads.per.data.dir", "1", 1, "Accepted; recovery reads seconds of data."),
    whole("background.threads", "10", 1, "Accepted; see num.io.threads."),
    whole("socket.send.buffer.bytes", "-1", -1, "SO_SNDBUF; -1 is the system's default."),
    whole("socket.receive.buffer.bytes", "-1", -1, "SO_RCVBUF; -1 is the system's default."),
    whole("socket.request.max.bytes", "104857600", 1, "A larger request ends its connection."),
    whole(
        "queued.max.request.bytes",
        "268435456",
        -1,
        "Memory for requests that are being received; beyond it sockets are not read. -1 is no "
        "limit."
    ),
    whole("queued.max.requests", "500", 1, "Accepted; each connection has its own bound."),
    whole("message.max.bytes", "1048588", 0, topic_default),
    whole("max.connections", "2147483647", 0, "More are closed at once."),
    whole("max.connections.per.ip", "2147483647", 0, "More from one address are closed at once."),
    whole("connections.max.idle.ms", "600000", -1, "An idle connection is closed; -1 never."),
    on("auto.create.topics.enable", boolean, "true", "Asking for a topic creates it."),
    on("delete.topic.enable", boolean, "true", "Topics may be deleted."),
    on("log.cleanup.policy", list, "delete", topic_default),
    whole("log.segment.bytes", "1073741824", 14, topic_default),
    whole("log.roll.hours", "168", 1, topic_default),
    whole("log.roll.ms", "", 1, topic_default),
    whole("log.retention.hours", "168", -1, topic_default),
    whole("log.retention.minutes", "", -1, topic_default),
    whole("log.retention.ms", "", -1, topic_default),
    whole("log.retention.bytes", "-1", -1, topic_default),
    whole("log.retention.check.interval.ms", "300000", 1, "How often old segments are looked for."),
    whole("log.flush.interval.messages", "9223372036854775807", 1, topic_default),
    whole("log.flush.interval.ms", "", 0, topic_default),
    whole(
        "log.flush.scheduler.interval.ms",
        "9223372036854775807",
        0,
        "Accepted; the log is flushed every logboom.checkpoint.interval.ms."
    ),
    whole(
        "log.flush.offset.checkpoint.interval.ms",
        "60000",
        0,
        "Accepted; see logboom.checkpoint.interval.ms."
    ),
    whole(
        "log.flush.start.offset.checkpoint.interval.ms",
        "60000",
        0,
        "Accepted; see logboom.checkpoint.interval.ms."
    ),
    whole("log.index.interval.bytes", "4096", 0, topic_default),
    whole("log.index.size.max.bytes", "10485760", 4, topic_default),
    whole("log.segment.delete.delay.ms", "60000", 0, topic_default),
    on("log.cleaner.enable", boolean, "true", "Logs with cleanup.policy=compact are compacted."),
    whole("log.cleaner.backoff.ms", "15000", 0, "How long to wait when no log is dirty enough."),
    whole("log.cleaner.delete.retention.ms", "86400000", 0, topic_default),
    whole("log.cleaner.min.compaction.lag.ms", "0", 0, topic_default),
    whole("log.cleaner.max.compaction.lag.ms", "9223372036854775807", 1, topic_default),
    on("log.cleaner.min.cleanable.ratio", real, "0.5", topic_default),
    on("log.message.timestamp.type", text, "CreateTime", topic_default),
    whole("log.message.timestamp.before.max.ms", "9223372036854775807", 0, topic_default),
    whole("log.message.timestamp.after.max.ms", "9223372036854775807", 0, topic_default),
    on("compression.type", text, "producer", topic_default),
    whole("offsets.topic.num.partitions", "50", 1, "Partitions of __consumer_offsets."),
    whole("offsets.topic.replication.factor", "1", 1, "Must be 1 on a single node."),
    whole("offsets.topic.segment.bytes", "104857600", 1, "segment.bytes of __consumer_offsets."),
    whole(
        "offsets.retention.minutes", "10080", 1, "How long the offsets of an empty group are kept."
    ),
    whole("offsets.retention.check.interval.ms", "600000", 1, "How often expired offsets go."),
    idle("offsets.commit.timeout.ms", "5000", "Accepted; a commit waits for its fdatasync."),
    whole("offset.metadata.max.bytes", "4096", 0, "Longest metadata of a committed offset."),
    idle("offsets.load.buffer.size", "5242880", "Accepted."),
    idle("offsets.topic.compression.codec", "0", "Accepted; offsets are stored uncompressed."),
    idle("offsets.commit.required.acks", "-1", "Accepted."),
    whole("group.min.session.timeout.ms", "6000", 1, "Shortest session timeout of a member."),
    whole("group.max.session.timeout.ms", "1800000", 1, "Longest session timeout of a member."),
    whole(
        "group.initial.rebalance.delay.ms",
        "3000",
        0,
        "How long the first rebalance of an empty group waits for more members."
    ),
    whole("group.max.size", "2147483647", 1, "Members of one group."),
    later("transaction.max.timeout.ms", "Transactions are not offered."),
    later("transaction.state.log.replication.factor", "Transactions are not offered."),
    later("transaction.state.log.min.isr", "Transactions are not offered."),
    later("transaction.state.log.num.partitions", "Transactions are not offered."),
    later("transaction.state.log.segment.bytes", "Transactions are not offered."),
    idle("zookeeper.connect", "", zookeeper),
    idle("zookeeper.connection.timeout.ms", "", zookeeper),
    idle("zookeeper.session.timeout.ms", "", zookeeper),
    idle("process.roles", "", kraft),
    whole("node.id", "", 0, "KRaft's name for broker.id."),
    idle("controller.quorum.voters", "", kraft),
    idle("controller.quorum.bootstrap.servers", "", kraft),
    on("controller.listener.names", list, "", "Listeners of these names are left out."),
    idle("ssl.allow.dn.changes", "false", tls_tuning),
    idle("ssl.allow.san.changes", "false", tls_tuning),
    idle("ssl.cipher.suites", "", tls_tuning),
    idle("ssl.enabled.protocols", "TLSv1.2,TLSv1.3", tls_tuning),
    idle("ssl.endpoint.identification.algorithm", "https", tls_tuning),
    idle("ssl.keymanager.algorithm", "SunX509", tls_tuning),
    idle("ssl.keystore.type", "JKS", tls_tuning),
    idle("ssl.principal.mapping.rules", "DEFAULT", tls_tuning),
    idle("ssl.protocol", "TLSv1.3", tls_tuning),
    idle("ssl.provider", "", tls_tuning),
    idle("ssl.secure.random.implementation", "", tls_tuning),
    idle("ssl.trustmanager.algorithm", "PKIX", tls_tuning),
    idle("ssl.truststore.type", "JKS", tls_tuning),
    idle("security.providers", "", tls_tuning),
    idle("connection.failed.authentication.delay.ms", "100", sasl_tuning),
    idle("delegation.token.expiry.check.interval.ms", "3600000", sasl_tuning),
    idle("delegation.token.expiry.time.ms", "86400000", sasl_tuning),
    idle("delegation.token.max.lifetime.ms", "604800000", sasl_tuning),
    idle("sasl.kerberos.kinit.cmd", "/usr/bin/kinit", sasl_tuning),
    idle("sasl.kerberos.min.time.before.relogin", "60000", sasl_tuning),
    idle("sasl.kerberos.principal.to.local.rules", "DEFAULT", sasl_tuning),
    idle("sasl.kerberos.ticket.renew.jitter", "0.05", sasl_tuning),
    idle("sasl.kerberos.ticket.renew.window.factor", "0.8", sasl_tuning),
    idle("sasl.login.connect.timeout.ms", "", sasl_tuning),
    idle("sasl.login.read.timeout.ms", "", sasl_tuning),
    idle("sasl.login.refresh.buffer.seconds", "300", sasl_tuning),
    idle("sasl.login.refresh.min.period.seconds", "60", sasl_tuning),
    idle("sasl.login.refresh.window.factor", "0.8", sasl_tuning),
    idle("sasl.login.refresh.window.jitter", "0.05", sasl_tuning),
    idle("sasl.login.retry.backoff.max.ms", "10000", sasl_tuning),
    idle("sasl.login.retry.backoff.ms", "100", sasl_tuning),
    idle("sasl.oauthbearer.clock.skew.seconds", "30", sasl_tuning),
    idle("sasl.oauthbearer.jwks.endpoint.refresh.ms", "3600000", sasl_tuning),
    idle("sasl.oauthbearer.jwks.endpoint.retry.backoff.max.ms", "10000", sasl_tuning),
    idle("sasl.oauthbearer.jwks.endpoint.retry.backoff.ms", "100", sasl_tuning),
    idle("sasl.oauthbearer.scope.claim.name", "scope", sasl_tuning),
    idle("sasl.oauthbearer.sub.claim.name", "sub", sasl_tuning),
    idle("sasl.server.max.receive.size", "524288", sasl_tuning),
    idle("password.encoder.cipher.algorithm", "AES/CBC/PKCS5Padding", no_passwords),
    idle("password.encoder.iterations", "4096", no_passwords),
    idle("password.encoder.key.length", "128", no_passwords),
    idle("password.encoder.keyfactory.algorithm", "", no_passwords),
    idle("password.encoder.old.secret", "", no_passwords),
    idle("password.encoder.secret", "", no_passwords),
    idle("zookeeper.set.acl", "false", zookeeper),
    idle("zookeeper.ssl.cipher.suites", "", zookeeper),
    idle("zookeeper.ssl.client.enable", "false", zookeeper),
    idle("zookeeper.ssl.crl.enable", "false", zookeeper),
    idle("zookeeper.ssl.enabled.protocols", "", zookeeper),
    idle("zookeeper.ssl.endpoint.identification.algorithm", "HTTPS", zookeeper),
    idle("zookeeper.ssl.keystore.location", "", zookeeper),
    idle("zookeeper.ssl.keystore.password", "", zookeeper),
    idle("zookeeper.ssl.keystore.type", "", zookeeper),
    idle("zookeeper.ssl.ocsp.enable", "false", zookeeper),
    idle("zookeeper.ssl.protocol", "TLSv1.2", zookeeper),
    idle("zookeeper.ssl.truststore.location", "", zookeeper),
    idle("zookeeper.ssl.truststore.password", "", zookeeper),
    idle("zookeeper.ssl.truststore.type", "", zookeeper),
    idle("zookeeper.clientCnxnSocket", "", zookeeper),
    idle("inter.broker.listener.name", "", one_node),
    idle("inter.broker.protocol.version", "", one_node),
    idle("log.message.format.version", "", "Records are always stored in format 2."),
    idle("auto.leader.rebalance.enable", "", one_node),
    idle("leader.imbalance.check.interval.seconds", "", one_node),
    idle("leader.imbalance.per.broker.percentage", "", one_node),
    idle("unclean.leader.election.enable", "false", one_node),
    idle("num.replica.fetchers", "", one_node),
    idle("replica.fetch.max.bytes", "", one_node),
    idle("replica.lag.time.max.ms", "", one_node),
    idle("replica.socket.timeout.ms", "", one_node),
    idle("controlled.shutdown.enable", "", one_node),
    idle("broker.rack", "", one_node),
    idle("log.cleaner.threads", "1", "Accepted; one log is compacted at a time."),
    idle("log.cleaner.dedupe.buffer.size", "", "Accepted; 64 MB of keys are looked at in one go."),
    idle("log.cleaner.io.buffer.size", "", "Accepted."),
    idle("log.cleaner.io.buffer.load.factor", "", "Accepted."),
    idle("log.cleaner.io.max.bytes.per.second", "", "Accepted; compaction is not slowed down."),
    idle("log.preallocate", "false", "Accepted."),
    idle("share.coordinator.state.topic.replication.factor", "", "Share groups are not offered."),
    idle("share.coordinator.state.topic.min.isr", "", "Share groups are not offered."),
    idle("metric.reporters", "", "Metrics are served at /metrics."),
    on("logboom.acks.all.sync",
       boolean,
       "true",
       "acks=all waits for fdatasync, shared by all who wait; false waits for the page cache as "
       "Kafka does."),
    whole(
        "logboom.checkpoint.interval.ms",
        "1000",
        10,
        "How often the log is flushed and checkpoints written, which bounds recovery."
    ),
    whole("logboom.frame.timeout.ms", "30000", 1, "How long a started request may take to arrive."),
    on("logboom.validate.records", text, "header", topic_default),
};

} // namespace

std::span<const setting> server_settings() {
    return table;
}

std::string server_settings_page() {
    std::string page = R"(# server.properties

Written by the program from its own table of keys; a test holds the two together. Syntax is that of
Java's .properties files. `--override key=value` wins over the file. Keys marked "no effect" are
accepted so that a Kafka file works unchanged.

| key | type | default | |
|---|---|---|---|
)";
    constexpr const char* types[] = {
        "text",
        "password",
        "integer",
        "number",
        "boolean",
        "size",
        "duration",
        "choice",
        "list",
        "list",
    };
    for (const setting& each : table) {
        const char* mark = each.state == no_effect ? "(no effect) "
                           : each.state == not_yet ? "(not yet) "
                                                   : "";
        fmt::format_to(
            std::back_inserter(page),
            "| `{}` | {} | {} | {}{} |\n",
            each.name,
            types[static_cast<std::size_t>(each.type)],
            each.fallback.empty() ? "" : fmt::format("`{}`", each.fallback),
            mark,
            each.doc
        );
    }
    page += R"(
## What is refused
A key of these that asks for something ends the start with exit code 78: its owner would believe that
clients are kept out or in bounds. So it is with a listener that is not PLAINTEXT. They are also seen as
`listener.name.LISTENER.KEY` and `listener.name.LISTENER.MECHANISM.KEY`.

| key | asks for | not refused |
|---|---|---|
)";
    for (const protection& each : protections()) {
        fmt::format_to(
            std::back_inserter(page),
            "| `{}` | {} | {} |\n",
            each.key,
            each.asks,
            each.harmless.empty() ? "" : fmt::format("`{}`", each.harmless)
        );
    }
    return page;
}

} // namespace logboom::broker
