"""The agent beside rsyslog's imfile -> omkafka: one file of lines into our broker, acks=all."""

import hashlib
import os
import pathlib
import subprocess
import time

import lab
from brokers import our_broker
from measure import BEFORE, Table, binary, cpu_seconds, first_line, machine, rss_mib, say, wire_load

OURS, PEER = "logboom", "rsyslog"
LINE_SIZE = 200
LINES = 2_000_000
TIMEOUT = 240
IDLE_SECONDS = 2

# One main queue worker: several would mix up the order of a file's lines, which logboom keeps.
RSYSLOG = """
module(load="imfile" mode="inotify")
module(load="omkafka")
global(workDirectory="%(directory)s" maxMessageSize="64k")
main_queue(queue.type="FixedArray" queue.size="100000" queue.dequeueBatchSize="4096"
  queue.workerThreads="1")
template(name="out" type="list") { %(template)s }
input(type="imfile" File="%(file)s" Tag="bench" freshStartTail="off" addMetadata="%(metadata)s")
action(type="omkafka" broker=["%(broker)s"] topic="%(topic)s" template="out" dynaTopic="off"
  partitions.auto="on" resubmitOnFailure="on"
  confParam=["linger.ms=5", "acks=all", "queue.buffering.max.messages=100000",
             "batch.num.messages=10000", "enable.idempotence=true", "compression.codec=lz4"])
"""
RSYSLOG_TEMPLATE = {
    "raw": 'property(name="msg")',
    "json": 'constant(value="{") property(outname="message" name="msg" format="jsonf")'
    ' constant(value=",") property(outname="host" name="hostname" format="jsonf") constant(value=",")'
    ' property(outname="path" name="$!metadata!filename" format="jsonf") constant(value=",")'
    ' property(outname="@timestamp" name="timereported" dateFormat="rfc3339" format="jsonf")'
    ' constant(value="}")',
}
# What differs from examples/varlog-to-topic.conf. Without ECS, so that JSON events hold what rsyslog's
# template holds (and @version): with it there would be the line a second time, as [event][original].
OUR_CODEC = {"raw": 'line { format => "%%{message}" delimiter => "" }', "json": "json"}
OUR_CHANGES = {
    'file {': 'file { ecs_compatibility => "disabled"',
    '[ "/var/log/*", "/var/log/**/*" ]': '"%(file)s"',
    'topic_id => "logs"': 'topic_id => "%(topic)s"',
}


def write_lines(path, count):
    with open(path, "w") as out:
        for i in range(count):
            text = f"Nov 21 10:00:00 host app[{i % 977}]: line {i:08d} "
            out.write(text + "x" * (LINE_SIZE - 1 - len(text)) + "\n")


def rsyslogd(directory, config):
    directory.mkdir(parents=True, exist_ok=True)
    (directory / "rsyslog.conf").write_text(config)
    command = ["rsyslogd", "-n", "-iNONE", "-f", directory / "rsyslog.conf"]
    return lab.Process(command, directory / "rsyslog.log")


def from_example(name, changes, values):
    """`logboom run` with a config of examples/ in which some texts are others, as a README's reader would
    change and start it."""
    text = (lab.EXAMPLES / name).read_text()
    for old, new in changes.items():
        assert text.count(old) == 1, f"examples/{name} no longer has {old} once"
        text = text.replace(old, new % values)
    directory = values["directory"]
    directory.mkdir(parents=True, exist_ok=True)
    (directory / name).write_text(text)
    command = [lab.BINARY, "run", "-f", directory / name, "--path.data", directory / "data"]
    addresses = {"LOGBOOM_BOOTSTRAP": values["broker"], "LOGBOOM_ELASTICSEARCH": values.get("url", "")}
    return lab.Process(command, directory / "logboom.log", os.environ | addresses)


class Case:
    """One side shipping one file into a topic of its own."""

    def __init__(self, side, kind, address, directory, file, before=None):
        self.address, self.topic, self.file = address, directory.name, file
        lab.logboom(
            "topics", "--bootstrap-server", address, "--create", "--topic", self.topic,
            "--partitions", "1",
        )
        values = {"file": file, "directory": directory, "broker": address, "topic": self.topic}
        if side != PEER:
            changes = OUR_CHANGES | {"codec => json": f"codec => {OUR_CODEC[kind]}"}
            with binary(before if side == BEFORE else None):
                self.process = from_example("varlog-to-topic.conf", changes, values)
        else:
            values["template"] = RSYSLOG_TEMPLATE[kind]
            values["metadata"] = "on" if kind == "json" else "off"
            self.process = rsyslogd(directory, RSYSLOG % values)

    def run(self, lines):
        """Starts it and waits for so many records; what `wire_load follow` printed, and `started`."""
        started = time.monotonic()
        self.process.start()
        done = wire_load("follow", self.address, self.topic, lines, TIMEOUT, seconds=TIMEOUT + 30)
        done["cpu"] = cpu_seconds(self.process.pid)
        done["started"] = started
        time.sleep(1)  # for records too many
        done["records"] = wire_load("follow", self.address, self.topic, lines + 1, 0.01)["records"]
        return done

    def digest(self):
        """What is in the topic, a line a record."""
        command = ["kcat", "-b", self.address, "-C", "-e", "-q", "-t", self.topic]
        reading = subprocess.Popen(command, stdout=subprocess.PIPE)
        found = hashlib.file_digest(reading.stdout, "md5").hexdigest()
        reading.wait()
        return found

    def end(self):
        self.process.kill()
        lab.logboom("topics", "--bootstrap-server", self.address, "--delete", "--topic", self.topic)


def start_up(table, side, address, work, number, before):
    """From the start of the process to the only line of a file in the topic; then at rest."""
    file = work / "one.log"
    write_lines(file, 1)
    case = Case(side, "raw", address, work / f"{side}-start-{number}", file, before)
    done = case.run(1)
    if table.check(side, "records of the one line", done["records"], 1):
        table.add("start to first record", "ms", side, (done["at"] - done["started"]) * 1000, False)
        time.sleep(IDLE_SECONDS)
        table.add("RSS idle", "MiB", side, rss_mib(case.process.pid), False)
    case.end()


def bench(rounds, lines, work, before=None):
    lines = lines or LINES
    peer = BEFORE if before else PEER
    table = Table(f"Agent beside {peer}: one file -> topic, 200 B lines, acks=all", [OURS, peer])
    notes = machine()
    file = work / "lines.log"
    write_lines(file, lines)
    expected = hashlib.md5(pathlib.Path(file).read_bytes()).hexdigest()
    with our_broker(work / "broker") as (address, _, _):
        for number in range(rounds):
            for side in [OURS, peer] if number % 2 == 0 else [peer, OURS]:
                start_up(table, side, address, work, number, before)
            for kind, name in [("raw", "raw lines"), ("json", "JSON events")]:
                for side in [OURS, peer] if number % 2 == 0 else [peer, OURS]:
                    case = Case(side, kind, address, work / f"{side}-{kind}-{number}", file, before)
                    done = case.run(lines)
                    ok = table.check(side, f"records of {name}", done["records"], lines)
                    if ok and kind == "raw" and number == 0:
                        ok = case.digest() == expected
                        if not ok:
                            table.faults.append(f"{side}: {name}: other lines, or another order")
                    if ok:
                        took = done["at"] - done["started"]
                        memory = rss_mib(case.process.pid, "VmHWM")
                        table.add(name, "lines/s", side, lines / took)
                        table.add(f"{name}: agent CPU", "us/line", side, done["cpu"] / lines * 1e6, False)
                        table.add(f"{name}: RSS peak", "MiB", side, memory, False)
                    case.end()
                    say(f"round {number + 1} of {rounds}: {side}, {name}: {done['records']:,} records")
    table.print(
        f"{notes}. {'' if before else first_line('rsyslogd', '-v').split(' (')[0] + '. '}Medians of {rounds} rounds of "
        f"{lines:,} lines into logboom's broker, both with acks=all, idempotence and lz4; counts and (raw, "
        "first round) the bytes and their order checked in the topic. JSON: message, host, path, time (logboom: "
        "@version too). Each of logboom's records also has a header that says where its line lies."
    )
