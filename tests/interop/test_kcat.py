"""kcat (librdkafka) against the broker, unmodified: list, produce, consume, group."""

import json

from lab import kcat, wait_until


def test_lists_produces_and_consumes(broker):
    lines = "".join(f"line {i}\n" for i in range(1000))
    kcat("-b", broker.address, "-P", "-t", "logs", "-p", "0", stdin=lines)
    listed = json.loads(kcat("-b", broker.address, "-L", "-J"))
    assert [topic["topic"] for topic in listed["topics"]] == ["logs"]
    got = kcat("-b", broker.address, "-C", "-t", "logs", "-p", "0", "-e", "-q")
    assert got == lines


def test_every_compression_round_trips(broker):
    for codec in ["gzip", "snappy", "lz4", "zstd"]:
        lines = "".join(f"{codec} {i} " + "x" * 100 + "\n" for i in range(500))
        topic = f"packed-{codec}"
        kcat("-b", broker.address, "-P", "-t", topic, "-p", "0", "-z", codec, stdin=lines)
        assert kcat("-b", broker.address, "-C", "-t", topic, "-p", "0", "-e", "-q") == lines


def test_keys_headers_and_timestamps_round_trip(broker):
    kcat("-b", broker.address, "-P", "-t", "logs", "-p", "0", "-K", ":", "-H", "a=1", stdin="k:v\n")
    got = kcat("-b", broker.address, "-C", "-t", "logs", "-p", "0", "-e", "-q", "-f", "%k %s %h %o\n")
    assert got == "k v a=1 0\n"


def test_old_protocol_versions_are_served(broker):
    """Message format 0 and 1, as clients from before Kafka 0.11 speak it."""
    for version in ["0.8.2.2", "0.9.0.1", "0.10.2.0"]:
        topic = "old-" + version.replace(".", "-")
        options = ["-X", "api.version.request=false", "-X", f"broker.version.fallback={version}"]
        kcat("-b", broker.address, "-P", "-t", topic, "-p", "0", *options, stdin="one\ntwo\n")
        got = kcat("-b", broker.address, "-C", "-t", topic, "-p", "0", "-e", "-q", *options)
        assert got == "one\ntwo\n", version


def test_a_group_consumes_everything_and_resumes(broker):
    kcat("-b", broker.address, "-P", "-t", "logs", "-p", "0", stdin="1\n2\n3\n")
    group = ["-b", broker.address, "-G", "readers", "-e", "-q", "-X", "auto.offset.reset=earliest"]
    assert kcat(*group, "logs") == "1\n2\n3\n"
    kcat("-b", broker.address, "-P", "-t", "logs", "-p", "0", stdin="4\n")
    assert kcat(*group, "logs") == "4\n"


def test_offsets_by_time(broker):
    kcat("-b", broker.address, "-P", "-t", "logs", "-p", "0", stdin="1\n")
    assert "offset 0" in kcat("-b", broker.address, "-Q", "-t", "logs:0:-2")
    assert "offset 1" in kcat("-b", broker.address, "-Q", "-t", "logs:0:-1")
    assert "offset 0" in kcat("-b", broker.address, "-Q", "-t", "logs:0:1000")


def test_a_group_survives_a_restart_of_the_broker(broker):
    kcat("-b", broker.address, "-P", "-t", "logs", "-p", "0", stdin="1\n2\n")
    group = ["-b", broker.address, "-G", "readers", "-e", "-q", "-X", "auto.offset.reset=earliest"]
    assert kcat(*group, "logs") == "1\n2\n"
    broker.kill()
    broker.start()
    kcat("-b", broker.address, "-P", "-t", "logs", "-p", "0", stdin="3\n")
    wait_until(lambda: kcat(*group, "logs") == "3\n", 30, "the group goes on at its offset")
