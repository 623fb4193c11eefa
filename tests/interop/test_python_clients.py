"""kafka-python and confluent-kafka from PyPI, unmodified."""

import confluent_kafka
import confluent_kafka.admin
import kafka
import kafka.admin
import pytest


def test_kafka_python_produces_and_consumes_in_a_group(broker):
    producer = kafka.KafkaProducer(bootstrap_servers=broker.address, acks="all")
    for i in range(500):
        producer.send("logs", key=b"k", value=b"line %d" % i, headers=[("h", b"v")])
    producer.flush(30)
    consumer = kafka.KafkaConsumer(
        "logs",
        bootstrap_servers=broker.address,
        group_id="readers",
        auto_offset_reset="earliest",
        consumer_timeout_ms=10000,
    )
    got = []
    for record in consumer:
        got.append(record.value)
        if len(got) == 500:
            break
    consumer.commit()
    assert got == [b"line %d" % i for i in range(500)]
    assert record.headers == [("h", b"v")]
    partition = kafka.TopicPartition("logs", record.partition)
    assert consumer.committed(partition) == 500
    consumer.close()


@pytest.mark.parametrize("codec", ["gzip", "none"])
def test_kafka_python_compression(broker, codec):
    codec_name = None if codec == "none" else codec
    producer = kafka.KafkaProducer(bootstrap_servers=broker.address, compression_type=codec_name)
    assert producer.send("logs", b"x" * 1000).get(30).offset == 0
    producer.close()


def test_kafka_python_admin_creates_and_deletes_topics(broker):
    admin = kafka.admin.KafkaAdminClient(bootstrap_servers=broker.address)
    admin.create_topics([kafka.admin.NewTopic("made", 3, 1)])
    assert "made" in admin.list_topics()
    admin.delete_topics(["made"])
    assert "made" not in admin.list_topics()
    admin.close()


def test_confluent_idempotent_producer_and_cooperative_group(broker):
    delivered = []
    producer = confluent_kafka.Producer(
        {"bootstrap.servers": broker.address, "enable.idempotence": True}
    )
    for i in range(1000):
        producer.produce(
            "logs", value=f"line {i}", partition=0, on_delivery=lambda e, m: delivered.append(e)
        )
        producer.poll(0)
    assert producer.flush(30) == 0
    assert delivered == [None] * 1000
    consumer = confluent_kafka.Consumer(
        {
            "bootstrap.servers": broker.address,
            "group.id": "readers",
            "auto.offset.reset": "earliest",
            "partition.assignment.strategy": "cooperative-sticky",
            "group.instance.id": "static-1",
        }
    )
    consumer.subscribe(["logs"])
    got = []
    while len(got) < 1000:
        record = consumer.poll(20)
        assert record is not None and record.error() is None
        got.append(record.value().decode())
    assert got == [f"line {i}" for i in range(1000)]
    consumer.commit(asynchronous=False)
    consumer.close()


def test_confluent_admin_describes_configs_and_groups(broker):
    admin = confluent_kafka.admin.AdminClient({"bootstrap.servers": broker.address})
    made = admin.create_topics(
        [confluent_kafka.admin.NewTopic("logs", 2, 1, config={"retention.ms": "1000000"})]
    )
    made["logs"].result(20)
    resource = confluent_kafka.admin.ConfigResource("topic", "logs")
    configs = admin.describe_configs([resource])[resource].result(20)
    assert configs["retention.ms"].value == "1000000"
    assert "cleanup.policy" in configs
    assert len(admin.list_topics(timeout=20).topics["logs"].partitions) == 2
    assert admin.list_consumer_groups().result(20).errors == []


def test_two_members_share_the_partitions(broker):
    admin = confluent_kafka.admin.AdminClient({"bootstrap.servers": broker.address})
    admin.create_topics([confluent_kafka.admin.NewTopic("logs", 4, 1)])["logs"].result(20)
    members = [
        confluent_kafka.Consumer({"bootstrap.servers": broker.address, "group.id": "pair"})
        for _ in range(2)
    ]
    for member in members:
        member.subscribe(["logs"])
    owned = []
    for _ in range(200):
        for member in members:
            member.poll(0.1)
        owned = [{p.partition for p in member.assignment()} for member in members]
        if len(owned[0]) == 2 and len(owned[1]) == 2:
            break
    assert owned[0] | owned[1] == {0, 1, 2, 3}
    assert not owned[0] & owned[1]
    for member in members:
        member.close()
