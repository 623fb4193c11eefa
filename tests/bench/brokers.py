"""The broker beside Apache Kafka: hand-made frames over one connection (wire_load.cc)."""

import contextlib
import pathlib
import shutil
import subprocess
import time

import lab
from measure import BEFORE, Table, binary, cpu_seconds, machine, rss_mib, say, wire_load

OURS, PEER = "logboom", "Apache Kafka"
IDLE_SECONDS = 3
RECORDS = 1000  # of a full batch, 100 B each: 110 KB
SETTINGS = "num.partitions=1"


def first_answer(address, started):
    return wire_load("wait", address, 90)["at"] - started


@contextlib.contextmanager
def our_broker(directory):
    """(address, pid, seconds from the start of the process to its first metadata answer)"""
    broker = lab.Broker(directory)
    started = time.monotonic()
    lab.Process.start(broker)
    try:
        yield broker.address, broker.pid, first_answer(broker.address, started)
    finally:
        broker.kill()


@contextlib.contextmanager
def apache_kafka(directory):
    """The same of one KRaft node with a heap of 1 GiB; its directory is formatted beforehand."""
    port = lab.free_port()
    kafka = lab.SUPPORT / "kafka"
    start = [str(kafka / "start"), str(port), str(directory), SETTINGS]
    subprocess.run(start, check=True)
    subprocess.run([kafka / "stop", str(directory)], check=True)
    started = time.monotonic()
    starting = subprocess.Popen(start)
    try:
        ready = first_answer(f"127.0.0.1:{port}", started)
        assert starting.wait(90) == 0
        pid = int((pathlib.Path(directory) / "pid").read_text())
        yield f"127.0.0.1:{port}", pid, ready
    finally:
        subprocess.run([kafka / "stop", str(directory)], check=True)


class Load:
    """The cases against one running broker."""

    def __init__(self, table, side, address, pid):
        self.table, self.side, self.address, self.pid = table, side, address, pid
        self.sent = {}

    def create(self, topic, *options):
        create = ["--create", "--topic", topic, "--partitions", "1", "--replication-factor", "1"]
        lab.logboom("topics", "--bootstrap-server", self.address, *create, *options)
        self.sent[topic] = 0

    def produce(self, topic, shape, acks, requests):
        """`shape` is (records a batch, bytes a record, requests in flight)."""
        before = cpu_seconds(self.pid)
        done = wire_load("produce", self.address, topic, *shape, acks, requests)
        done["cpu"] = cpu_seconds(self.pid) - before
        self.sent[topic] += done["records"]
        found = wire_load("follow", self.address, topic, self.sent[topic], 5)["records"]
        done["ok"] = self.table.check(self.side, f"records in {topic}", found, self.sent[topic])
        return done

    def rate(self, case, topic, shape, acks, requests):
        done = self.produce(topic, shape, acks, requests)
        if done["ok"]:
            self.table.add(case, "records/s", self.side, done["records"] / done["seconds"])
            spent = done["cpu"] / done["records"] * 1e6
            self.table.add(f"{case}: broker CPU", "us/record", self.side, spent, False)

    def latency(self, case, topic, acks, requests, names):
        done = self.produce(topic, (1, 100, 1), acks, requests)
        for name in names if done["ok"] else []:
            title = f"{case}: {name}".replace("p999", "p99.9")
            self.table.add(title, "us", self.side, done[f"{name}_us"], False)

    def fetch(self, case, topic, max_bytes, requests):
        before = cpu_seconds(self.pid)
        done = wire_load("fetch", self.address, topic, max_bytes, requests)
        spent = (cpu_seconds(self.pid) - before) / done["bytes"] * 1e9
        self.table.add(case, "MB/s", self.side, done["bytes"] / done["seconds"] / 1e6)
        self.table.add(f"{case}: broker CPU", "s/GB", self.side, spent, False)
        self.table.add(f"{case}: p99", "us", self.side, done["p99_us"], False)

    def run(self):
        full = (RECORDS, 100, 8)
        for topic in ["large", "small", "stored"]:
            self.create(topic)
        # logboom's acks=all always waits for the disk; Kafka's does when it flushes each batch.
        self.create("flushed", *(["--config", "flush.messages=1"] if self.side == PEER else []))
        self.produce("large", full, 1, 2000)  # JIT and page cache
        self.produce("small", (1, 100, 64), 1, 20000)
        self.rate("produce 1000 x 100 B, acks=1", "large", full, 1, 4000)
        self.rate("produce 100 x 100 B, acks=1", "small", (100, 100, 16), 1, 10000)
        self.rate("produce 1 x 100 B, 64 in flight, acks=1", "small", (1, 100, 64), 1, 40000)
        self.rate("produce 1000 x 100 B, acks=all (Kafka: page cache)", "stored", full, -1, 1500)
        self.rate("produce 1000 x 100 B, acks=all, both fsync", "flushed", full, -1, 1000)
        self.latency("one in flight, acks=1", "small", 1, 10000, ["p50", "p99", "p999"])
        self.latency("one in flight, acks=all (Kafka: page cache)", "stored", -1, 1000, ["p50", "p99"])
        self.latency("one in flight, acks=all, both fsync", "flushed", -1, 500, ["p50", "p99"])
        self.fetch("fetch 1 MiB", "large", 1 << 20, 2000)
        self.fetch("fetch 64 KiB", "small", 1 << 16, 6000)
        self.table.add("RSS under that load, peak", "MiB", self.side, rss_mib(self.pid, "VmHWM"), False)


KAFKA_NOTES = (
    "Apache Kafka 4.3.1 (KRaft, one node, heap 1 GiB). Without fsync Kafka's acks=all is in the page cache only; "
    "logboom's acks=all waits for fdatasync."
)


def bench(rounds, _lines, work, before=None):
    peer = BEFORE if before else PEER
    table = Table(f"Broker beside {peer}", [OURS, peer])
    notes = machine()
    for number in range(rounds):
        for side in [OURS, peer] if number % 2 == 0 else [peer, OURS]:
            directory = work / f"{side.split()[-1]}-{number}"
            start = apache_kafka if side == PEER else our_broker
            with binary(before if side == BEFORE else None), start(directory) as (address, pid, ready):
                table.add("start to first metadata answer", "ms", side, ready * 1000, False)
                time.sleep(IDLE_SECONDS)
                table.add("RSS idle", "MiB", side, rss_mib(pid), False)
                Load(table, side, address, pid).run()
            shutil.rmtree(directory, ignore_errors=True)
            say(f"round {number + 1} of {rounds}: {side} done")
    table.print(
        f"{notes}. {'' if before else KAFKA_NOTES + ' '}Medians of {rounds} rounds, one connection, frames made "
        "beforehand. Record counts checked in the log after each case."
    )
