"""The sink beside rsyslog's imkafka -> omelasticsearch: a topic into the null `_bulk` server."""

import json
import subprocess
import time

import lab
from agents import from_example, rsyslogd
from brokers import our_broker
from measure import BEFORE, TOOLS, Table, binary, cpu_seconds, first_line, machine, rss_mib, say

OURS, PEER = "logboom", "rsyslog"
RECORDS = 1_000_000
TIMEOUT = 240
IDLE_SECONDS = 2
PARTITIONS = 2

# Bulks of up to 1000 documents by two workers with a queue of their own; no document ids, and offsets
# committed as they are read, which is all that imkafka offers.
RSYSLOG = """
module(load="imkafka")
module(load="omelasticsearch")
global(workDirectory="%(directory)s" maxMessageSize="64k")
main_queue(queue.type="FixedArray" queue.size="200000" queue.dequeueBatchSize="1000")
template(name="out" type="list") { property(name="msg") }
input(type="imkafka" topic="%(topic)s" broker="%(broker)s" consumergroup="%(group)s"
  confParam=["auto.offset.reset=earliest"])
action(type="omelasticsearch" server="127.0.0.1" serverport="%(port)s" bulkmode="on" template="out"
  searchIndex="bench" searchType="" maxbytes="8m" action.resumeInterval="1"
  queue.type="LinkedList" queue.size="200000" queue.dequeueBatchSize="1000" queue.workerThreads="2")
"""
# What differs from examples/topic-to-elasticsearch.conf.
OUR_CHANGES = {'[ "logs" ]': '[ "%(topic)s" ]', '"indexer"': '"%(group)s"'}


class Case:
    """One side reading one topic, as a group of its own."""

    def __init__(self, side, directory, address, topic, server, before):
        self.server = server
        values = {"broker": address, "group": directory.name, "topic": topic, "directory": directory}
        values |= {"url": server.url, "port": server.url.rsplit(":", 1)[1]}
        if side != PEER:
            with binary(before if side == BEFORE else None):
                self.process = from_example("topic-to-elasticsearch.conf", OUR_CHANGES, values)
        else:
            self.process = rsyslogd(directory, RSYSLOG % values)

    def count(self):
        return self.server.call("GET", "_count")["count"]

    def run(self, records):
        """Starts it and waits for so many documents: (documents, seconds, CPU seconds)."""
        before = self.count()
        started = time.monotonic()
        self.process.start()
        found = 0
        while found < records and time.monotonic() - started < TIMEOUT:
            time.sleep(0.005)
            found = self.count() - before
        took = time.monotonic() - started
        spent = cpu_seconds(self.process.pid)
        time.sleep(1)  # for documents too many
        return self.count() - before, took, spent


def write_topic(address, topic, records, work):
    text = {"@timestamp": "2026-11-21T10:00:00.000Z", "host": {"name": "host"}, "message": "x" * 180}
    file = work / "records.txt"
    file.write_text((json.dumps(text) + "\n") * records)
    create = ["--create", "--topic", topic, "--partitions", str(PARTITIONS)]
    lab.logboom("topics", "--bootstrap-server", address, *create)
    subprocess.run(["kcat", "-b", address, "-P", "-t", topic, "-l", str(file)], check=True)


def run_side(table, side, number, given):
    work, address, server, records, before = given
    case = Case(side, work / f"{side}-one-{number}", address, "one", server, before)
    found, took, _ = case.run(1)
    if table.check(side, "documents of the one record", found, 1):
        table.add("start to first document", "ms", side, took * 1000, False)
        time.sleep(IDLE_SECONDS)
        table.add("RSS idle", "MiB", side, rss_mib(case.process.pid), False)
    case.process.kill()
    case = Case(side, work / f"{side}-all-{number}", address, "logs", server, before)
    found, took, spent = case.run(records)
    if table.check(side, "documents", found, records):
        table.add("documents", "docs/s", side, records / took)
        table.add("documents: sink CPU", "us/doc", side, spent / records * 1e6, False)
        table.add("documents: RSS peak", "MiB", side, rss_mib(case.process.pid, "VmHWM"), False)
    case.process.kill()
    say(f"round {number + 1}: {side}: {found:,} documents")


def bench(rounds, records, work, before=None):
    records = records or RECORDS
    peer = BEFORE if before else PEER
    table = Table(f"Sink beside {peer}: topic -> null _bulk server, JSON of 250 B", [OURS, peer])
    notes = machine()
    port = lab.free_port()
    null_bulk = lab.Process([TOOLS / "null_bulk", "--port", str(port)], work / "null_bulk.log").start()
    try:
        lab.wait_until(lambda: lab.listening(port), 10, "null_bulk listens")
        server = lab.Elasticsearch(f"http://127.0.0.1:{port}")
        with our_broker(work / "broker") as (address, _, _):
            write_topic(address, "one", 1, work)
            write_topic(address, "logs", records, work)
            for number in range(rounds):
                for side in [OURS, peer] if number % 2 == 0 else [peer, OURS]:
                    run_side(table, side, number, (work, address, server, records, before))
    finally:
        null_bulk.kill()
    table.print(
        f"{notes}. {'' if before else first_line('rsyslogd', '-v').split(' (')[0] + '. '}Medians of {rounds} rounds of "
        f"{records:,} records in {PARTITIONS} partitions; documents counted by the server. logboom "
        "parses the JSON, sets document ids and commits an offset after the bulk's answer; rsyslog "
        "passes the text on, without ids, and commits as it reads."
    )
