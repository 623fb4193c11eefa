#!/usr/bin/env python3
"""run.py broker|agent|sink|all [--rounds N]: logboom beside its real peers, in one run, alternating.

Prints a table of medians with the ratio to the peer. CPU seconds are the measured process's own;
RSS is its peak. On a shared machine look at the ratios, not at the absolute figures.
"""

import argparse
import contextlib
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import lab  # noqa: E402

BUILD = lab.ROOT / "build" / "tests" / "bench"
TICKS = os.sysconf("SC_CLK_TCK")


def cpu_seconds(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def rss_mib(pid, what="VmRSS"):
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(what + ":"):
            return int(line.split()[1]) / 1024
    return 0


class Table:
    """case -> side -> figures of every round; printed as medians and their ratio."""

    def __init__(self, title, sides):
        self.title, self.sides, self.rows = title, sides, {}

    def add(self, case, unit, side, value, more_is_better=True):
        row = self.rows.setdefault(case, (unit, more_is_better, {s: [] for s in self.sides}))
        row[2][side].append(value)

    def print(self):
        ours, peer = self.sides
        print(f"\n{self.title}\n\n| what | unit | {ours} | {peer} | ratio |\n|---|---|---|---|---|")
        for case, (unit, more_is_better, values) in self.rows.items():
            mine = statistics.median(values[ours]) if values[ours] else float("nan")
            theirs = statistics.median(values[peer]) if values[peer] else float("nan")
            better, worse = (mine, theirs) if more_is_better else (theirs, mine)
            ratio = f"{better / worse:.2f} x" if worse else "-"
            print(f"| {case} | {unit} | {mine:,.4g} | {theirs:,.4g} | {ratio} |")
        print("(ratio > 1: logboom is ahead)", flush=True)


def load(*arguments):
    return json.loads(lab.run(BUILD / "wire_load", *arguments, seconds=300))


@contextlib.contextmanager
def our_broker(directory):
    started = time.monotonic()
    broker = lab.Broker(directory, log_segment_bytes=1 << 30)
    broker.start()
    ready = time.monotonic() - started
    try:
        yield broker.address, broker.pid, ready
    finally:
        broker.kill()


@contextlib.contextmanager
def apache_kafka(directory, *settings):
    port = lab.free_port()
    command = [lab.SUPPORT / "kafka" / "start", str(port), str(directory), "num.partitions=1"]
    subprocess.run([*command, *settings], check=True)  # formats the directory
    subprocess.run([lab.SUPPORT / "kafka" / "stop", str(directory)], check=True)
    started = time.monotonic()
    subprocess.run([*command, *settings], check=True)
    ready = time.monotonic() - started
    pid = int((pathlib.Path(directory) / "pid").read_text())
    try:
        yield f"127.0.0.1:{port}", pid, ready
    finally:
        subprocess.run([lab.SUPPORT / "kafka" / "stop", str(directory)], check=True)


PRODUCE = [
    # case, records per batch, value size, depth, acks, requests
    ("produce 1000 x 100 B a batch, depth 8, acks=1", 1000, 100, 8, 1, 8000),
    ("produce 100 x 100 B a batch, depth 16, acks=1", 100, 100, 16, 1, 20000),
    ("produce 1000 x 1 KB a batch, depth 8, acks=1", 1000, 1000, 8, 1, 600),
]
SINGLE = [("single records, depth 64, acks=1", 64, 60000), ("one record at a time, acks=1", 1, 10000)]


def broker_cases(table, side, address, pid, synced):
    topic = "bench"
    lab.kcat("-b", address, "-P", "-t", topic, "-p", "0", stdin="warm\n")
    load("produce", address, topic, 1000, 100, 8, 1, 2000)  # JIT and page cache
    for case, count, size, depth, acks, requests in PRODUCE:
        before = cpu_seconds(pid)
        done = load("produce", address, topic, count, size, depth, acks, requests)
        table.add(case, "records/s", side, done["records"] / done["seconds"])
        spent = (cpu_seconds(pid) - before) / done["records"] * 1e6
        table.add(case + ": broker CPU", "us/record", side, spent, False)
    for case, depth, requests in SINGLE:
        done = load("produce", address, topic, 1, 100, depth, 1, requests)
        table.add(case, "requests/s", side, requests / done["seconds"])
        if depth == 1:
            for name in ["p50_us", "p99_us", "p999_us"]:
                table.add(f"{case}: {name[:-3]}", "us", side, done[name], False)
    done = load("produce", address, synced, 1, 100, 1, -1, 500)
    table.add("one record, fsync before the ack: p50", "us", side, done["p50_us"], False)
    done = load("produce", address, synced, 1000, 100, 8, -1, 1000)
    table.add("110 KB batches, fsync before the ack", "MB/s", side, done["bytes"] / done["seconds"] / 1e6)
    for case, max_bytes, requests in [("fetch 1 MiB", 1 << 20, 3000), ("fetch 64 KiB", 1 << 16, 8000)]:
        before = cpu_seconds(pid)
        done = load("fetch", address, topic, max_bytes, requests)
        table.add(case, "MB/s", side, done["bytes"] / done["seconds"] / 1e6)
        spent = (cpu_seconds(pid) - before) / done["bytes"] * 1e9
        table.add(case + ": broker CPU", "s/GB", side, spent, False)
    table.add("RSS after that load, peak", "MiB", side, rss_mib(pid, "VmHWM"), False)


def bench_broker(rounds, work):
    table = Table("Broker: raw frames over one connection", ["logboom", "Apache Kafka"])
    for number in range(rounds):
        for side in table.sides:
            directory = work / f"{side.split()[0]}-{number}"
            start = our_broker if side == "logboom" else apache_kafka
            with start(directory) as (address, pid, ready):
                table.add("start to first answer", "ms", side, ready * 1000, False)
                time.sleep(3)
                table.add("RSS idle", "MiB", side, rss_mib(pid), False)
                synced = "synced"
                configs = [] if side == "logboom" else ["--config", "flush.messages=1"]
                create = ["--create", "--topic", synced, "--partitions", "1"]
                if side == "logboom":
                    lab.logboom("topics", "--bootstrap-server", address, *create)
                else:
                    lab.java("topics", "--bootstrap-server", address, *create, *configs)
                broker_cases(table, side, address, pid, synced)
            shutil.rmtree(directory, ignore_errors=True)
            print(f"round {number + 1}: {side} done", file=sys.stderr)
    table.print()


def write_lines(path, count):
    with open(path, "w") as out:
        for i in range(count):
            text = f"Nov 21 10:00:00 host app[{i % 977}]: line {i:08d} "
            out.write(text + "x" * (199 - len(text)) + "\n")


def end_offset(address, topic):
    rows = lab.run("kcat", "-b", address, "-Q", "-t", f"{topic}:0:-1", check=False)
    return int(rows.rsplit(" ", 1)[1]) if "offset" in rows else 0


def timed_until(process, done, seconds=300):
    """Seconds, CPU seconds and peak RSS of a process until done() is true."""
    started = time.monotonic()
    process.start()
    while not done():
        if not process.alive() or time.monotonic() - started > seconds:
            raise SystemExit(f"the measured process did not get there:\n{process.tail()}")
        time.sleep(0.02)
    took = time.monotonic() - started
    return took, cpu_seconds(process.pid), rss_mib(process.pid, "VmHWM")


RSYSLOG_AGENT = """
module(load="imfile")
module(load="omkafka")
global(workDirectory="%(directory)s")
main_queue(queue.size="100000" queue.dequeueBatchSize="1024")
template(name="out" type="list") { %(template)s }
input(type="imfile" File="%(file)s" Tag="bench" freshStartTail="off")
action(type="omkafka" broker=["%(broker)s"] topic="%(topic)s" template="out" dynaTopic="off"
  confParam=["linger.ms=5", "acks=all", "queue.buffering.max.messages=1000000"])
"""
RSYSLOG_RAW = 'property(name="msg")'
RSYSLOG_JSON = (
    'constant(value="{") property(outname="message" name="msg" format="jsonf") constant(value=",")'
    ' property(outname="host" name="hostname" format="jsonf") constant(value=",")'
    ' property(outname="@timestamp" name="timereported" dateFormat="rfc3339" format="jsonf")'
    ' constant(value="}")'
)
OUR_AGENT = """
input { file { path => "%(file)s" start_position => "beginning" sincedb_path => "%(directory)s/sincedb" } }
output { kafka { bootstrap_servers => "%(broker)s" topic_id => "%(topic)s" codec => %(codec)s } }
"""


def rsyslogd(directory, config):
    directory.mkdir(parents=True, exist_ok=True)
    (directory / "rsyslog.conf").write_text(config)
    command = ["rsyslogd", "-n", "-iNONE", "-f", directory / "rsyslog.conf"]
    return lab.Process(command, directory / "rsyslog.log")


def bench_agent(rounds, work, lines=2_000_000):
    table = Table("Agent: file -> our broker, 200 B lines, acks=all", ["logboom", "rsyslog"])
    file = work / "lines.log"
    write_lines(file, lines)
    with our_broker(work / "broker") as (address, _, _):
        for number in range(rounds):
            for kind in ["raw", "json"]:
                for side in table.sides:
                    topic = f"{side}-{kind}-{number}"
                    lab.logboom(
                        "topics", "--bootstrap-server", address, "--create", "--topic", topic,
                        "--partitions", "1",
                    )
                    directory = work / topic
                    values = {"file": file, "directory": directory, "broker": address, "topic": topic}
                    if side == "logboom":
                        values["codec"] = 'line { format => "%{message}" delimiter => "" }'
                        values["codec"] = values["codec"] if kind == "raw" else "json"
                        process = lab.Pipeline(directory, "agent", OUR_AGENT % values)
                    else:
                        values["template"] = RSYSLOG_RAW if kind == "raw" else RSYSLOG_JSON
                        process = rsyslogd(directory, RSYSLOG_AGENT % values)
                    took, spent, memory = timed_until(
                        process, lambda: end_offset(address, topic) >= lines
                    )
                    process.kill()
                    name = "raw lines" if kind == "raw" else "JSON events"
                    table.add(name, "lines/s", side, lines / took)
                    table.add(name + ": agent CPU", "us/line", side, spent / lines * 1e6, False)
                    table.add(name + ": RSS", "MiB", side, memory, False)
                    lab.logboom("topics", "--bootstrap-server", address, "--delete", "--topic", topic)
                    print(f"round {number + 1}: {side} {kind} done", file=sys.stderr)
    table.print()


RSYSLOG_SINK = """
module(load="imkafka")
module(load="omelasticsearch")
global(workDirectory="%(directory)s")
main_queue(queue.size="200000" queue.dequeueBatchSize="1000")
template(name="out" type="list") { property(name="msg") }
input(type="imkafka" topic="logs" broker="%(broker)s" consumergroup="%(group)s"
  confParam=["auto.offset.reset=earliest"])
action(type="omelasticsearch" server="127.0.0.1" serverport="%(port)s" bulkmode="on" template="out"
  searchIndex="bench" searchType="" maxbytes="8m"
  queue.type="linkedlist" queue.size="200000" queue.dequeueBatchSize="1000" queue.workerThreads="2")
"""
OUR_SINK = """
input { kafka { bootstrap_servers => "%(broker)s" topics => ["logs"] group_id => "%(group)s"
                auto_offset_reset => "earliest" codec => json } }
output { elasticsearch { hosts => ["http://127.0.0.1:%(port)s"] index => "bench" } }
"""


def bench_sink(rounds, work, records=500_000):
    table = Table("Sink: topic -> null _bulk server, JSON of 275 B", ["logboom", "rsyslog"])
    port = lab.free_port()
    server = lab.Process([BUILD / "null_bulk", "--port", str(port)], work / "null_bulk.log").start()
    lab.wait_until(lambda: lab.listening(port), 10, "null_bulk listens")
    search = lab.Elasticsearch(f"http://127.0.0.1:{port}")
    with our_broker(work / "broker") as (address, _, _):
        text = json.dumps({"@timestamp": "2026-11-21T10:00:00.000Z", "host": {"name": "h"}, "message": "x" * 180})
        batch = work / "records.txt"
        batch.write_text((text + "\n") * records)
        lab.logboom("topics", "--bootstrap-server", address, "--create", "--topic", "logs", "--partitions", "2")
        subprocess.run(["kcat", "-b", address, "-P", "-t", "logs", "-l", batch], check=True)
        for number in range(rounds):
            for side in table.sides:
                directory = work / f"{side}-sink-{number}"
                values = {"broker": address, "group": f"{side}-{number}", "port": port, "directory": directory}
                if side == "logboom":
                    process = lab.Pipeline(directory, "sink", OUR_SINK % values)
                else:
                    process = rsyslogd(directory, RSYSLOG_SINK % values)
                before = search.call("GET", "_count")["count"]
                took, spent, memory = timed_until(
                    process, lambda: search.call("GET", "_count")["count"] - before >= records
                )
                process.kill()
                table.add("documents", "docs/s", side, records / took)
                table.add("sink CPU", "us/doc", side, spent / records * 1e6, False)
                table.add("RSS", "MiB", side, memory, False)
                print(f"round {number + 1}: {side} done", file=sys.stderr)
    server.kill()
    table.print()


BENCHES = {"broker": bench_broker, "agent": bench_agent, "sink": bench_sink}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("what", choices=[*BENCHES, "all"])
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    names = BENCHES if options.what == "all" else [options.what]
    for name in names:
        work = pathlib.Path(tempfile.mkdtemp(prefix=f"logboom-bench-{name}-"))
        try:
            BENCHES[name](options.rounds, work)
        finally:
            shutil.rmtree(work, ignore_errors=True)


main()
