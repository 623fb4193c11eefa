// Kafka's other keys: without effect here, each with the reason, so that a file of Kafka's works as
// it is and a key that is not known is worth a warning.
#include "buffer/broker/config/key_rows.h"

namespace logboom::broker {
namespace {

using enum config_type;

constexpr std::string_view kraft = "For KRaft; one logboom node needs no controller.";
constexpr std::string_view zookeeper = "Not needed on a single node.";
constexpr std::string_view one_node = "For replication; one node replicates nothing.";
constexpr std::string_view tls_tuning = "Tunes TLS, which this broker does not offer.";
constexpr std::string_view sasl_tuning = "Tunes SASL, which this broker does not offer.";
constexpr std::string_view quota_tuning = "Tunes quotas, which this broker does not offer.";
constexpr std::string_view no_passwords = "This broker keeps no passwords.";
constexpr std::string_view tiered = "Tiered storage is not offered.";
constexpr std::string_view transactions = "Transactions are not offered.";
constexpr std::string_view new_groups = "The new consumer protocol is not offered.";
constexpr std::string_view share_groups = "Share groups are not offered.";
constexpr std::string_view own_metrics = "Metrics are served at /metrics.";

constexpr config_key
idle(std::string_view name, config_type type, std::string_view fallback, std::string_view reason) {
    config_key made = key(name, type, fallback, nullptr, reason);
    made.state = key_state::no_effect;
    return made;
}
/// Something would be missing without it: warned of.
constexpr config_key
later(std::string_view name, config_type type, std::string_view fallback, std::string_view reason) {
    config_key made = key(name, type, fallback, nullptr, reason);
    made.state = key_state::not_yet;
    return made;
}

constexpr config_key idle_table[] = {
    idle("alter.config.policy.kraft.compatibility.enable", boolean, "false", kraft),
    idle("alter.log.dirs.replication.quota.window.num", integer, "11", one_node),
    idle("alter.log.dirs.replication.quota.window.size.seconds", integer, "1", one_node),
    idle("auto.include.jmx.reporter", boolean, "true", own_metrics),
    idle("auto.leader.rebalance.enable", boolean, "true", one_node),
    idle("background.threads", integer, "10", "Accepted; see num.io.threads."),
    idle("broker.heartbeat.interval.ms", integer, "2000", kraft),
    idle("broker.id.generation.enable", boolean, "true", one_node),
    idle("broker.rack", text, "", one_node),
    idle("broker.session.timeout.ms", integer, "9000", kraft),
    idle("compression.gzip.level", integer, "-1", "Accepted; batches are stored as they came."),
    idle("compression.lz4.level", integer, "9", "Accepted; batches are stored as they came."),
    idle("compression.zstd.level", integer, "3", "Accepted; batches are stored as they came."),
    idle("control.plane.listener.name", text, "", one_node),
    idle("controlled.shutdown.enable", boolean, "true", one_node),
    idle("controlled.shutdown.max.retries", integer, "3", one_node),
    idle("controlled.shutdown.retry.backoff.ms", long_integer, "5000", one_node),
    idle("controller.quorum.append.linger.ms", integer, "25", kraft),
    idle("controller.quorum.bootstrap.servers", list, "", kraft),
    idle("controller.quorum.election.backoff.max.ms", integer, "1000", kraft),
    idle("controller.quorum.election.timeout.ms", integer, "1000", kraft),
    idle("controller.quorum.fetch.timeout.ms", integer, "2000", kraft),
    idle("controller.quorum.request.timeout.ms", integer, "2000", kraft),
    idle("controller.quorum.retry.backoff.ms", integer, "20", kraft),
    idle("controller.quorum.voters", list, "", kraft),
    idle("controller.socket.timeout.ms", integer, "30000", one_node),
    idle(
        "delete.records.purgatory.purge.interval.requests",
        integer,
        "1",
        "Accepted; nothing waits in a purgatory here."
    ),
    idle("early.start.listeners", text, "", kraft),
    idle("eligible.leader.replicas.enable", boolean, "false", kraft),
    idle("fetch.max.bytes", integer, "57671680", "Accepted; what a client asks for is the bound."),
    idle(
        "fetch.purgatory.purge.interval.requests",
        integer,
        "1000",
        "Accepted; nothing waits in a purgatory here."
    ),
    idle("group.consumer.assignors", list, "", new_groups),
    idle("group.consumer.heartbeat.interval.ms", integer, "5000", new_groups),
    idle("group.consumer.max.heartbeat.interval.ms", integer, "15000", new_groups),
    idle("group.consumer.max.session.timeout.ms", integer, "60000", new_groups),
    idle("group.consumer.max.size", integer, "2147483647", new_groups),
    idle("group.consumer.min.heartbeat.interval.ms", integer, "5000", new_groups),
    idle("group.consumer.min.session.timeout.ms", integer, "45000", new_groups),
    idle("group.consumer.session.timeout.ms", integer, "45000", new_groups),
    idle("group.coordinator.append.linger.ms", integer, "10", new_groups),
    idle("group.coordinator.rebalance.protocols", list, "classic", new_groups),
    idle("group.coordinator.threads", integer, "1", new_groups),
    idle("group.share.delivery.count.limit", integer, "5", share_groups),
    idle("group.share.heartbeat.interval.ms", integer, "5000", share_groups),
    idle("group.share.max.groups", short_integer, "10", share_groups),
    idle("group.share.max.heartbeat.interval.ms", integer, "15000", share_groups),
    idle("group.share.max.record.lock.duration.ms", integer, "60000", share_groups),
    idle("group.share.max.session.timeout.ms", integer, "60000", share_groups),
    idle("group.share.max.size", short_integer, "200", share_groups),
    idle("group.share.min.heartbeat.interval.ms", integer, "5000", share_groups),
    idle("group.share.min.record.lock.duration.ms", integer, "15000", share_groups),
    idle("group.share.min.session.timeout.ms", integer, "45000", share_groups),
    idle("group.share.partition.max.record.locks", integer, "200", share_groups),
    idle("group.share.record.lock.duration.ms", integer, "30000", share_groups),
    idle("group.share.session.timeout.ms", integer, "45000", share_groups),
    idle("initial.broker.registration.timeout.ms", integer, "60000", kraft),
    idle("inter.broker.listener.name", text, "", one_node),
    idle("inter.broker.protocol.version", text, "3.9-IV0", one_node),
    idle("kafka.metrics.polling.interval.secs", integer, "10", own_metrics),
    idle("kafka.metrics.reporters", list, "", own_metrics),
    idle("leader.imbalance.check.interval.seconds", long_integer, "300", one_node),
    idle("leader.imbalance.per.broker.percentage", integer, "10", one_node),
    idle(
        "log.cleaner.dedupe.buffer.size",
        long_integer,
        "134217728",
        "Accepted; 64 MB of keys are looked at in one go."
    ),
    idle("log.cleaner.io.buffer.load.factor", real, "0.9", "Accepted."),
    idle("log.cleaner.io.buffer.size", integer, "524288", "Accepted."),
    idle(
        "log.cleaner.io.max.bytes.per.second",
        real,
        "1.7976931348623157E308",
        "Accepted; compaction is not slowed down."
    ),
    idle("log.cleaner.threads", integer, "1", "Accepted; one log is compacted at a time."),
    idle("log.dir.failure.timeout.ms", long_integer, "30000", one_node),
    idle(
        "log.flush.offset.checkpoint.interval.ms",
        integer,
        "60000",
        "Accepted; see logboom.checkpoint.interval.ms."
    ),
    idle(
        "log.flush.scheduler.interval.ms",
        long_integer,
        "9223372036854775807",
        "Accepted; the log is flushed every logboom.checkpoint.interval.ms."
    ),
    idle(
        "log.flush.start.offset.checkpoint.interval.ms",
        integer,
        "60000",
        "Accepted; see logboom.checkpoint.interval.ms."
    ),
    idle("log.local.retention.bytes", long_integer, "-2", tiered),
    idle("log.local.retention.ms", long_integer, "-2", tiered),
    idle("log.roll.jitter.hours", integer, "0", "Accepted."),
    idle("max.incremental.fetch.session.cache.slots", integer, "1000", "Accepted."),
    idle("max.request.partition.size.limit", integer, "2000", "Accepted."),
    idle("metadata.log.dir", text, "", kraft),
    idle("metadata.log.max.record.bytes.between.snapshots", long_integer, "20971520", kraft),
    idle("metadata.log.max.snapshot.interval.ms", long_integer, "3600000", kraft),
    idle("metadata.log.segment.bytes", integer, "1073741824", kraft),
    idle("metadata.log.segment.ms", long_integer, "604800000", kraft),
    idle("metadata.max.idle.interval.ms", integer, "500", kraft),
    idle("metadata.max.retention.bytes", long_integer, "104857600", kraft),
    idle("metadata.max.retention.ms", long_integer, "604800000", kraft),
    idle("metric.reporters", list, "", "Metrics are served at /metrics."),
    idle("metrics.num.samples", integer, "2", own_metrics),
    idle("metrics.recording.level", text, "INFO", own_metrics),
    idle("metrics.sample.window.ms", long_integer, "30000", own_metrics),
    idle("num.network.threads", integer, "3", "Accepted; one event loop serves the network."),
    idle(
        "num.recovery.threads.per.data.dir",
        integer,
        "1",
        "Accepted; recovery reads seconds of data."
    ),
    idle("num.replica.alter.log.dirs.threads", integer, "", one_node),
    idle("num.replica.fetchers", integer, "1", one_node),
    idle("offsets.commit.required.acks", short_integer, "-1", "Accepted."),
    idle(
        "offsets.commit.timeout.ms", integer, "5000", "Accepted; a commit waits for its fdatasync."
    ),
    idle("offsets.load.buffer.size", integer, "5242880", "Accepted."),
    idle(
        "offsets.topic.compression.codec",
        integer,
        "0",
        "Accepted; offsets are stored uncompressed."
    ),
    idle("process.roles", list, "", kraft),
    idle(
        "producer.purgatory.purge.interval.requests",
        integer,
        "1000",
        "Accepted; nothing waits in a purgatory here."
    ),
    idle("queued.max.requests", integer, "500", "Accepted; each connection has its own bound."),
    idle("remote.fetch.max.wait.ms", integer, "500", tiered),
    idle("remote.log.index.file.cache.total.size.bytes", long_integer, "1073741824", tiered),
    idle("remote.log.manager.copier.thread.pool.size", integer, "-1", tiered),
    idle(
        "remote.log.manager.copy.max.bytes.per.second", long_integer, "9223372036854775807", tiered
    ),
    idle("remote.log.manager.copy.quota.window.num", integer, "11", tiered),
    idle("remote.log.manager.copy.quota.window.size.seconds", integer, "1", tiered),
    idle("remote.log.manager.expiration.thread.pool.size", integer, "-1", tiered),
    idle(
        "remote.log.manager.fetch.max.bytes.per.second", long_integer, "9223372036854775807", tiered
    ),
    idle("remote.log.manager.fetch.quota.window.num", integer, "11", tiered),
    idle("remote.log.manager.fetch.quota.window.size.seconds", integer, "1", tiered),
    idle("remote.log.manager.task.interval.ms", long_integer, "30000", tiered),
    idle("remote.log.manager.thread.pool.size", integer, "10", tiered),
    idle("remote.log.metadata.custom.metadata.max.bytes", integer, "128", tiered),
    idle(
        "remote.log.metadata.manager.class.name",
        text,
        "org.apache.kafka.server.log.remote.metadata.storage.TopicBasedRemoteLogMetadataManager",
        tiered
    ),
    idle("remote.log.metadata.manager.class.path", text, "", tiered),
    idle("remote.log.metadata.manager.impl.prefix", text, "rlmm.config.", tiered),
    idle("remote.log.metadata.manager.listener.name", text, "", tiered),
    idle("remote.log.reader.max.pending.tasks", integer, "100", tiered),
    idle("remote.log.reader.threads", integer, "10", tiered),
    idle("remote.log.storage.manager.class.name", text, "", tiered),
    idle("remote.log.storage.manager.class.path", text, "", tiered),
    idle("remote.log.storage.manager.impl.prefix", text, "rsm.config.", tiered),
    later("remote.log.storage.system.enable", boolean, "false", tiered),
    idle("replica.fetch.backoff.ms", integer, "1000", one_node),
    idle("replica.fetch.max.bytes", integer, "1048576", one_node),
    idle("replica.fetch.min.bytes", integer, "1", one_node),
    idle("replica.fetch.response.max.bytes", integer, "10485760", one_node),
    idle("replica.fetch.wait.max.ms", integer, "500", one_node),
    idle("replica.high.watermark.checkpoint.interval.ms", long_integer, "5000", one_node),
    idle("replica.lag.time.max.ms", long_integer, "30000", one_node),
    idle("replica.selector.class", text, "", one_node),
    idle("replica.socket.receive.buffer.bytes", integer, "65536", one_node),
    idle("replica.socket.timeout.ms", integer, "30000", one_node),
    idle("replication.quota.window.num", integer, "11", one_node),
    idle("replication.quota.window.size.seconds", integer, "1", one_node),
    idle("request.timeout.ms", integer, "30000", one_node),
    idle("reserved.broker.max.id", integer, "1000", one_node),
    idle("share.coordinator.state.topic.min.isr", text, "", "Share groups are not offered."),
    idle(
        "share.coordinator.state.topic.replication.factor",
        text,
        "",
        "Share groups are not offered."
    ),
    idle("socket.connection.setup.timeout.max.ms", long_integer, "30000", one_node),
    idle("socket.connection.setup.timeout.ms", long_integer, "10000", one_node),
    idle("socket.listen.backlog.size", integer, "50", "Accepted; the system's largest is used."),
    idle("telemetry.max.bytes", integer, "1048576", own_metrics),
    idle(
        "transaction.abort.timed.out.transaction.cleanup.interval.ms",
        integer,
        "10000",
        transactions
    ),
    later("transaction.max.timeout.ms", integer, "900000", transactions),
    idle("transaction.partition.verification.enable", boolean, "true", transactions),
    idle(
        "transaction.remove.expired.transaction.cleanup.interval.ms",
        integer,
        "3600000",
        transactions
    ),
    idle("transaction.state.log.load.buffer.size", integer, "5242880", transactions),
    later("transaction.state.log.min.isr", integer, "2", transactions),
    later("transaction.state.log.num.partitions", integer, "50", transactions),
    later("transaction.state.log.replication.factor", short_integer, "3", transactions),
    later("transaction.state.log.segment.bytes", integer, "104857600", transactions),
    idle("transactional.id.expiration.ms", integer, "604800000", transactions),
    idle("connection.failed.authentication.delay.ms", integer, "100", sasl_tuning),
    idle("controller.quota.window.num", integer, "11", quota_tuning),
    idle("controller.quota.window.size.seconds", integer, "1", quota_tuning),
    idle("delegation.token.expiry.check.interval.ms", long_integer, "3600000", sasl_tuning),
    idle("delegation.token.expiry.time.ms", long_integer, "86400000", sasl_tuning),
    idle("delegation.token.max.lifetime.ms", long_integer, "604800000", sasl_tuning),
    idle("password.encoder.cipher.algorithm", text, "AES/CBC/PKCS5Padding", no_passwords),
    idle("password.encoder.iterations", integer, "4096", no_passwords),
    idle("password.encoder.key.length", integer, "128", no_passwords),
    idle("password.encoder.keyfactory.algorithm", text, "", no_passwords),
    idle("password.encoder.old.secret", password, "", no_passwords),
    idle("password.encoder.secret", password, "", no_passwords),
    idle("quota.window.num", integer, "11", quota_tuning),
    idle("quota.window.size.seconds", integer, "1", quota_tuning),
    idle("sasl.kerberos.kinit.cmd", text, "/usr/bin/kinit", sasl_tuning),
    idle("sasl.kerberos.min.time.before.relogin", long_integer, "60000", sasl_tuning),
    idle("sasl.kerberos.principal.to.local.rules", list, "DEFAULT", sasl_tuning),
    idle("sasl.kerberos.ticket.renew.jitter", real, "0.05", sasl_tuning),
    idle("sasl.kerberos.ticket.renew.window.factor", real, "0.8", sasl_tuning),
    idle("sasl.login.connect.timeout.ms", integer, "", sasl_tuning),
    idle("sasl.login.read.timeout.ms", integer, "", sasl_tuning),
    idle("sasl.login.refresh.buffer.seconds", short_integer, "300", sasl_tuning),
    idle("sasl.login.refresh.min.period.seconds", short_integer, "60", sasl_tuning),
    idle("sasl.login.refresh.window.factor", real, "0.8", sasl_tuning),
    idle("sasl.login.refresh.window.jitter", real, "0.05", sasl_tuning),
    idle("sasl.login.retry.backoff.max.ms", long_integer, "10000", sasl_tuning),
    idle("sasl.login.retry.backoff.ms", long_integer, "100", sasl_tuning),
    idle("sasl.oauthbearer.clock.skew.seconds", integer, "30", sasl_tuning),
    idle("sasl.oauthbearer.jwks.endpoint.refresh.ms", long_integer, "3600000", sasl_tuning),
    idle("sasl.oauthbearer.jwks.endpoint.retry.backoff.max.ms", long_integer, "10000", sasl_tuning),
    idle("sasl.oauthbearer.jwks.endpoint.retry.backoff.ms", long_integer, "100", sasl_tuning),
    idle("sasl.oauthbearer.scope.claim.name", text, "scope", sasl_tuning),
    idle("sasl.oauthbearer.sub.claim.name", text, "sub", sasl_tuning),
    idle("sasl.server.max.receive.size", integer, "524288", sasl_tuning),
    idle("security.providers", text, "", tls_tuning),
    idle("ssl.allow.dn.changes", boolean, "false", tls_tuning),
    idle("ssl.allow.san.changes", boolean, "false", tls_tuning),
    idle("ssl.cipher.suites", list, "", tls_tuning),
    idle("ssl.enabled.protocols", list, "TLSv1.2,TLSv1.3", tls_tuning),
    idle("ssl.endpoint.identification.algorithm", text, "https", tls_tuning),
    idle("ssl.keymanager.algorithm", text, "SunX509", tls_tuning),
    idle("ssl.keystore.type", text, "JKS", tls_tuning),
    idle("ssl.principal.mapping.rules", text, "DEFAULT", tls_tuning),
    idle("ssl.protocol", text, "TLSv1.3", tls_tuning),
    idle("ssl.provider", text, "", tls_tuning),
    idle("ssl.secure.random.implementation", text, "", tls_tuning),
    idle("ssl.trustmanager.algorithm", text, "PKIX", tls_tuning),
    idle("ssl.truststore.type", text, "JKS", tls_tuning),
    idle("zookeeper.clientCnxnSocket", text, "", zookeeper),
    idle("zookeeper.connect", text, "", zookeeper),
    idle("zookeeper.connection.timeout.ms", integer, "", zookeeper),
    idle("zookeeper.max.in.flight.requests", integer, "10", zookeeper),
    idle("zookeeper.metadata.migration.enable", boolean, "false", zookeeper),
    idle("zookeeper.session.timeout.ms", integer, "18000", zookeeper),
    idle("zookeeper.set.acl", boolean, "false", zookeeper),
    idle("zookeeper.ssl.cipher.suites", list, "", zookeeper),
    idle("zookeeper.ssl.client.enable", boolean, "false", zookeeper),
    idle("zookeeper.ssl.crl.enable", boolean, "false", zookeeper),
    idle("zookeeper.ssl.enabled.protocols", list, "", zookeeper),
    idle("zookeeper.ssl.endpoint.identification.algorithm", text, "HTTPS", zookeeper),
    idle("zookeeper.ssl.keystore.location", text, "", zookeeper),
    idle("zookeeper.ssl.keystore.password", password, "", zookeeper),
    idle("zookeeper.ssl.keystore.type", text, "", zookeeper),
    idle("zookeeper.ssl.ocsp.enable", boolean, "false", zookeeper),
    idle("zookeeper.ssl.protocol", text, "TLSv1.2", zookeeper),
    idle("zookeeper.ssl.truststore.location", text, "", zookeeper),
    idle("zookeeper.ssl.truststore.password", password, "", zookeeper),
    idle("zookeeper.ssl.truststore.type", text, "", zookeeper),
};

} // namespace

std::span<const config_key> idle_keys() {
    return idle_table;
}

} // namespace logboom::broker
