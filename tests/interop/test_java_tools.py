"""Apache Kafka's own command line tools, and its log dumper as the judge of our files."""

import json
import re

import lab
from lab import java, kcat, logboom


def test_console_producer_and_consumer(broker):
    server = ["--bootstrap-server", broker.address]
    java("topics", *server, "--create", "--topic", "logs", "--partitions", "1")
    lines = "".join(f"line {i}\n" for i in range(200))
    java("console-producer", *server, "--topic", "logs", stdin=lines)
    got = java(
        "console-consumer",
        *server,
        *("--topic", "logs", "--from-beginning", "--max-messages", "200", "--group", "console"),
        *("--timeout-ms", "20000"),
    )
    assert got == lines
    groups = java("consumer-groups", *server, "--describe", "--group", "console")
    row = re.search(r"console\s+logs\s+0\s+(\d+)\s+(\d+)\s+(\d+)", groups)
    assert row and row.groups() == ("200", "200", "0"), groups
    assert "console" in java("consumer-groups", *server, "--list")


def test_topics_tool(broker):
    server = ["--bootstrap-server", broker.address]
    java("topics", *server, "--create", "--topic", "a", "--partitions", "3", "--config", "retention.ms=1000000")
    assert java("topics", *server, "--list").split() == ["a"]
    described = java("topics", *server, "--describe", "--topic", "a")
    assert "PartitionCount: 3" in described and "retention.ms=1000000" in described, described
    java("topics", *server, "--delete", "--topic", "a")
    assert java("topics", *server, "--list").split() == []


def test_get_offsets_and_reset(broker):
    kcat("-b", broker.address, "-P", "-t", "logs", "-p", "0", stdin="1\n2\n3\n")
    server = ["--bootstrap-server", broker.address]
    offsets = java("get-offsets", *server, "--topic", "logs").split()
    assert offsets == ["logs:0:3", "logs:1:0", "logs:2:0", "logs:3:0"]
    reset = ["--reset-offsets", "--group", "g", "--topic", "logs", "--to-offset", "2", "--execute"]
    java("consumer-groups", *server, *reset)
    got = kcat("-b", broker.address, "-G", "g", "-e", "-q", "logs")
    assert got == "3\n"


def test_our_tools_print_what_kafkas_print(broker):
    server = ["--bootstrap-server", broker.address]
    logboom("topics", *server, "--create", "--topic", "same", "--partitions", "2")
    kcat("-b", broker.address, "-P", "-t", "same", "-p", "0", stdin="1\n2\n3\n")
    logboom("consume", *server, "--topic", "same", "--group", "readers", "--from-beginning", "--max-messages", "2")
    for theirs, ours, words in [
        ("topics", "topics", ["--list"]),
        ("get-offsets", "offsets", ["--topic", "same"]),
        ("get-offsets", "offsets", ["--topic", "same", "--time", "-2"]),
        ("get-offsets", "offsets", ["--topic-partitions", "sam.:0"]),
        ("consumer-groups", "groups", ["--describe", "--group", "readers"]),
    ]:
        assert logboom(ours, *server, *words) == java(theirs, *server, *words), words


def test_dump_log_reads_our_segments_without_complaint(tmp_path):
    # small segments and dense indexes, so that there is something to judge; a batch must fit a
    # segment (Kafka refuses it too), and one of kcat's would hold all the lines
    broker = lab.Broker(tmp_path, log_segment_bytes=30000, log_index_interval_bytes=1024).start()
    small = ["-X", "batch.num.messages=100"]
    for codec in ["none", "gzip", "snappy", "lz4", "zstd"]:
        lines = "".join(f"{codec} line {i} {'x' * 80}\n" for i in range(2000))
        kcat("-b", broker.address, "-P", "-t", "logs", "-p", "0", "-z", codec, *small, stdin=lines)
    assert broker.stop() == 0
    directory = tmp_path / "data" / "logs-0"
    segments = sorted(directory.glob("*.log"))
    assert len(segments) > 3
    records = 0
    dumped = java("dump-log", "--deep-iteration", "--files", ",".join(map(str, segments)))
    assert "isvalid: false" not in dumped and "Found" not in dumped, dumped[-2000:]
    records = len(re.findall(r"^\| offset: ", dumped, re.M))
    assert records == 10000
    indexes = sorted(directory.glob("*.index")) + sorted(directory.glob("*.timeindex"))
    # the newest segment may be shorter than the interval between two rows
    empty = [each for each in indexes if each.stat().st_size == 0]
    assert all(each.stem == segments[-1].stem for each in empty), empty
    indexes = [each for each in indexes if each not in empty]
    checked = java("dump-log", "--index-sanity-check", "--files", ",".join(map(str, indexes)))
    assert checked.count("passed sanity check") == len(indexes), checked
    verified = java("dump-log", "--verify-index-only", "--files", ",".join(map(str, indexes)))
    assert "mismatch" not in verified.lower() and "Found" not in verified, verified


def test_log_dirs_tool(broker):
    kcat("-b", broker.address, "-P", "-t", "logs", "-p", "0", stdin="1\n2\n3\n")
    shown = java("log-dirs", "--bootstrap-server", broker.address, "--describe", "--topic-list", "logs")
    answer = json.loads(next(line for line in shown.splitlines() if line.startswith("{")))
    (node,) = answer["brokers"]
    (directory,) = node["logDirs"]
    assert directory["error"] is None and directory["logDir"] == str(broker.directory / "data"), shown
    partitions = {each["partition"]: each for each in directory["partitions"]}
    assert partitions["logs-0"]["size"] > 0, shown
    assert all(each["offsetLag"] == 0 and each["isFuture"] is False for each in partitions.values()), shown
