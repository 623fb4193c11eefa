"""What README.md, docs/ and examples/ show is run as it stands, on a machine of its own where the ports and
paths that they name are free. support/documentation.py says how a block is marked; the functions of KINDS
below are what a marker can ask for. A page's blocks are run in its order, on the same machine."""

import collections
import contextlib
import json
import os
import pty
import re
import select
import shlex
import shutil
import signal
import subprocess
import sys
import time

import documentation
import lab
import pytest
from lab import BINARY, EXAMPLES, ROOT, SUPPORT, wait_until
from private_machine import NotAllowed, empty, private_machine

DIRECTORIES = ["/var/log", "/var/lib/logboom", "/srv/logs", "/etc/logboom", "/etc/bash_completion.d", "/tmp/kafka-logs"]
HOSTS = """127.0.0.1 localhost k1 k2 web1
::1 localhost ip6-localhost ip6-loopback
127.0.0.2 es1
127.0.0.3 es2
"""
# The keys of the file that comes with Apache Kafka 3.9.
KAFKAS_OWN = """broker.id=0
num.network.threads=3
num.io.threads=8
socket.send.buffer.bytes=102400
socket.receive.buffer.bytes=102400
socket.request.max.bytes=104857600
log.dirs=/tmp/kafka-logs
num.partitions=1
num.recovery.threads.per.data.dir=1
offsets.topic.replication.factor=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
log.retention.hours=168
log.retention.check.interval.ms=300000
zookeeper.connect=localhost:2181
zookeeper.connection.timeout.ms=18000
group.initial.rebalance.delay.ms=0
"""
BROKER_PORT, ELASTICSEARCH_PORT = 9092, 9200
PATH_SECONDS = 60


class Machine:
    """Where a page's blocks run: a checkout of the tree, a few files that the pages name, and what runs."""

    def __init__(self, work, node):
        self.node, self.checkout, self.logs = node, work / "checkout", work / "logs"
        self.lines, self.running, self.printed = 0, [], ""
        self.logs.mkdir()
        (self.checkout / "build").mkdir(parents=True)
        (work / "bin").mkdir()
        for link in [self.checkout / "build" / "logboom", work / "bin" / "logboom"]:
            link.symlink_to(BINARY)
        for each in ROOT.iterdir():
            if not each.name.startswith((".", "build")):
                (self.checkout / each.name).symlink_to(each)
        self.write("config/server.properties", KAFKAS_OWN)
        self.write("a.conf", (EXAMPLES / "generator.conf").read_text())
        self.write("users.txt", "ann:admin\nbob:guest\n")
        self.servers_with_tls(work)
        own = [name for name in os.environ if name.startswith("LOGBOOM_")]
        self.environment = {k: v for k, v in os.environ.items() if k not in own}
        self.environment["ES_PASSWORD"] = "secret"
        self.environment["PATH"] = f"{work / 'bin'}:{os.environ['PATH']}"

    def write(self, name, text):
        path = self.checkout / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def servers_with_tls(self, work):
        """es1 and es2 of /etc/hosts: the node behind a certificate."""
        key, self.certificate = work / "es.key", work / "es.pem"
        command = "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=es1 -addext subjectAltName=DNS:es1,DNS:es2"
        lab.run(*command.split(), "-keyout", key, "-out", self.certificate)
        front = [sys.executable, SUPPORT / "tls_front.py", self.certificate, key, ELASTICSEARCH_PORT]
        self.front = lab.Process([*front, "127.0.0.2", "127.0.0.3"], work / "tls_front.log").start()

    def begin(self):
        """As a machine on which nothing has run."""
        self.stop()
        for each in DIRECTORIES:
            empty(each)
        self.node.call("DELETE", "logs-*")
        os.makedirs("/var/log/app")
        os.makedirs("/etc/logboom/conf.d")
        with open("/etc/logboom/conf.d/stdin.conf", "w") as out:
            out.write((EXAMPLES / "stdin-to-json.conf").read_text())
        shutil.copy(self.certificate, "/etc/logboom/ca.pem")
        with open("/etc/logboom/pipelines.yml", "w") as out:
            out.write('- pipeline.id: main\n  path.config: "/etc/logboom/conf.d/*.conf"\n')
        self.lines = 0
        self.log_lines()

    def log_lines(self, count=100):
        """So many new lines, in two files of /var/log."""
        for name in ["syslog.log", "app/web.log"]:
            with open(f"/var/log/{name}", "a") as out:
                for _ in range(count // 2):
                    self.lines += 1
                    out.write(f"Nov 21 10:00:00 web1 app[7]: line {self.lines}\n")

    def start(self, command):
        log = self.logs / f"{time.monotonic_ns()}.log"
        shell = ["bash", "-c", f"cd {shlex.quote(str(self.checkout))} && exec {command}"]
        self.running.append(lab.Process(shell, log, self.environment).start())
        return self.running[-1]

    def start_broker(self, command="logboom broker examples/server.properties"):
        broker = self.start(command)
        wait_until(lambda: lab.listening(BROKER_PORT) or not broker.alive(), 20, command)
        assert broker.alive(), f"{command} ended:\n{broker.tail()}"
        return broker

    def stop(self):
        while self.running:
            process = self.running.pop()
            assert process.stop() == 0, f"{process.arguments[-1]}:\n{process.tail()}"

    def shell(self, text, check=True):
        """What the lines of `text` print, all in one shell that ends at the first that fails."""
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", text], cwd=self.checkout, env=self.environment,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=120,
        )
        self.printed = done.stdout
        assert not check or done.returncode == 0, f"exit {done.returncode}:\n{text}\n{done.stdout}"
        return done.stdout

    def lag(self):
        """Of the group of the examples; None before it has read anything."""
        rows = self.shell("logboom groups --describe --group indexer", check=False).splitlines()
        columns = [row.split() for row in rows if row.startswith("indexer")]
        behind = [int(row[5] if row[5].isdigit() else row[4]) for row in columns]
        return sum(behind) if behind else None

    def indexed(self):
        return self.node.count("logs-*")

    def tails(self):
        return "\n".join(f"--- {each.arguments[-1]}\n{each.tail(10)}" for each in self.running)


def shell(machine, block, needs):
    """Commands that come to their end. They may need `records`: a broker with those of the examples."""
    if needs == "on a new broker":
        machine.stop()
        empty("/var/lib/logboom")
        machine.start_broker()
    if needs == "with records" and not lab.listening(BROKER_PORT):
        machine.start_broker()
    if needs == "with records":
        machine.shell(
            "seq 100 | logboom produce --topic logs\n"
            "logboom consume --topic logs --group indexer --from-beginning --max-messages 10"
        )
    machine.shell(block.text)


def services(machine, block, _):
    """Commands that stay, beside one another: every line of /var/log gets in the index, once."""
    machine.stop()
    machine.log_lines()
    for command in block.commands():
        machine.start(command)
    every_line_is_indexed_once(machine)


def every_line_is_indexed_once(machine):
    wait_until(
        lambda: machine.indexed() >= machine.lines or not all(each.alive() for each in machine.running),
        PATH_SECONDS, f"{machine.lines} lines are indexed\n{machine.tails()}",
    )
    found = collections.Counter(source["message"] for _, _, source in machine.node.documents("logs-*", ["message"]))
    assert found == collections.Counter(every_line()), machine.tails()


def every_line():
    for name in ["syslog.log", "app/web.log"]:
        with open(f"/var/log/{name}") as log:
            yield from log.read().splitlines()


def replay(machine, block, _):
    """With the last of the services stopped; when it runs again the count of documents is what it was."""
    before, sink = machine.indexed(), machine.running[-1]
    wait_until(lambda: machine.lag() == 0, 30, "the group has committed")
    assert sink.stop() == 0, sink.tail()
    machine.shell(block.text)
    assert machine.lag() == before
    sink.start()
    wait_until(lambda: machine.lag() == 0, PATH_SECONDS, f"read again\n{machine.tails()}")
    assert machine.indexed() == before


def brokers(machine, block, _):
    """Each command is a broker that clients can use, and that ends when it is asked to."""
    for command in block.commands():
        machine.stop()
        machine.start_broker(command)
        machine.shell("echo hello | logboom produce --topic greetings && logboom topics --list")
        assert "greetings" in machine.printed.split(), command
    machine.stop()


def pipeline(machine, block, path):
    """A config: what is written at the one end of `path` comes out at the other."""
    source, sink = path.split(" to ")
    machine.stop()
    if "topic" in path:
        machine.start_broker()
    run = f"logboom run -e {shlex.quote(block.text)}"
    assert "Configuration OK" in machine.shell(f"{run} -t")
    if source == "stdin":
        machine.shell(f"echo from {block.place} | {run}")
    else:
        machine.start(run)

    def arrives():
        feed(machine, source, block.place)
        return has_come(machine, sink, block.place)

    wait_until(arrives, PATH_SECONDS, f"a line comes from {source} to {sink}\n{machine.tails()}")
    machine.stop()


def feed(machine, source, text):
    kind, _, topic = source.partition(" ")
    if kind == "topic":
        machine.shell("logboom produce --topic %s <<< %s" % (topic, shlex.quote(json.dumps({"message": f"from {text}"}))))
    elif kind != "stdin":
        os.makedirs(os.path.dirname(source), exist_ok=True)
        with open(source, "a") as out:
            out.write(f"from {text}\n")


def has_come(machine, sink, text):
    kind, _, topic = sink.partition(" ")
    if kind == "topic":
        command = f"logboom consume --topic {topic} --from-beginning --exit-at-end"
        return f"from {text}" in machine.shell(command, check=False)
    if kind == "stdout":
        return f"from {text}" in machine.running[-1].text()
    assert kind == "index", sink
    return any(each["message"] == f"from {text}" for _, _, each in machine.node.documents("logs-*", ["message"]))


def file(machine, block, name):
    machine.write(name, block.text)


def prints(machine, block, command):
    """What `command`, or the block before, prints, but for times."""
    if command:
        machine.shell(command, check=False)
    time_of_day = re.compile(r"\d{4}-\d\d-\d\dT[0-9:.]+Z")
    assert time_of_day.sub("TIME", block.text) in time_of_day.sub("TIME", machine.printed)


def demo(machine, block, _):
    """The demo runs in the real tree, at a terminal, until Ctrl-C; what it says to look further with works."""
    machine.stop()

    def look_further(text):
        commands = re.findall(r"^  ((?:curl|kcat|build/logboom) .*?)\r?$", text, re.M)
        assert len(commands) == 3, text
        machine.shell("\n".join(commands))

    command = ["bash", "-c", f"cd {ROOT} && exec {block.text}"]
    machine.printed = at_a_terminal(command, "Ctrl-C ends it", look_further)


def at_a_terminal(command, last_words, then):
    """What stands on the terminal when `command` has said its last words, `then` has looked at them, and
    Ctrl-C has ended it."""
    master, slave = pty.openpty()
    running = subprocess.Popen(command, stdin=slave, stdout=slave, stderr=slave, start_new_session=True)
    os.close(slave)
    text, is_asked, deadline = "", False, time.monotonic() + 180
    while select.select([master], [], [], max(0, deadline - time.monotonic()))[0]:
        try:
            text += os.read(master, 65536).decode(errors="replace")
        except OSError:  # nobody writes any more
            break
        if last_words in text and not is_asked:
            then(text)
            os.killpg(running.pid, signal.SIGINT)
            is_asked = True
    with contextlib.suppress(ProcessLookupError):
        os.killpg(running.pid, signal.SIGKILL)  # what did not end in time
    os.close(master)
    assert running.wait() == 0 and is_asked, text
    return "\n".join(line.rsplit("\r\033[K", 1)[-1].rstrip("\r") for line in text.split("\n"))


def ends_like(machine, block, _):
    """Line by line, but for what differs from machine to machine: numbers, ids, and the lines of the logs."""
    pattern = ""
    for line in block.text.splitlines(True):
        if re.match(r" {4}(?!_index)", line):
            pattern += r" {4}.*\n"
        else:
            line = re.sub(r"\d{4}-\d\d-\d\dT\S+Z", "<time>", line)
            line = re.sub(r"_id \S+", "_id <id>", line)
            line = re.sub(r"/var/log/\S+", "<path>", line)
            line = re.sub(r"\d[\d,.]*", "<number>", line)
            line = re.escape(line).replace("<number>", r"\d[\d,.]*").replace("<path>", r"/var/log/\S+")
            pattern += line.replace("<time>", r"\d{4}-\d\d-\d\dT\S+Z").replace("<id>", r"\S+")
    assert re.search(pattern, machine.printed), f"{pattern}\n\n{machine.printed}"


def golden(machine, block, _):
    """Bytes that a unit test holds."""
    words = re.findall(r"^(?:key|value)? *((?:[0-9a-f]+ *)+)$", block.text, re.M)
    sources = "".join(each.read_text() for each in (ROOT / "tests" / "unit").rglob("*_test.cc"))
    known = re.sub(r"//.*|[\s\"]", "", sources)
    for each in words:
        assert each.replace(" ", "") in known, f"no unit test holds {each}"
    assert len(words) == len(block.text.splitlines())


def sincedb(machine, block, _):
    """Positions that the file input takes without a word."""
    machine.stop()
    machine.write("sincedb", block.text)
    logs = "/var/log/**/*.log"
    machine.start(f"""logboom run -e 'input {{ file {{ path => "{logs}" sincedb_path => "sincedb" start_position => "beginning" }} }}'""")
    wait_until(lambda: "line 1" in machine.running[-1].text(), 20, machine.tails())
    assert "sincedb" not in machine.running[-1].text(), machine.tails()
    machine.stop()


KINDS = [shell, services, replay, brokers, pipeline, file, prints, demo, ends_like, golden, sincedb]
KINDS = {each.__name__.replace("_", "-"): each for each in KINDS}
RUN = [each for each in documentation.documents() if any(b.kind in KINDS for b in documentation.blocks_of(each)[0])]


@pytest.fixture(scope="module")
def machine(tmp_path_factory):
    work = tmp_path_factory.mktemp("machine")
    work.chmod(0o755)
    with contextlib.ExitStack() as stack:
        try:
            stack.enter_context(private_machine(work, DIRECTORIES, HOSTS, "web1"))
        except NotAllowed as reason:
            pytest.skip(str(reason))
        made = Machine(work, stack.enter_context(lab.elasticsearch(port=ELASTICSEARCH_PORT)))
        yield made
        for each in [*made.running, made.front]:
            each.kill()


@pytest.mark.parametrize("page", RUN, ids=documentation.name)
def test_what_a_page_shows_holds(machine, page):
    machine.begin()
    for block in documentation.blocks_of(page)[0]:
        if block.kind == "none":
            continue
        try:
            KINDS[block.kind](machine, block, block.argument)
        except Exception as problem:
            raise AssertionError(f"{block.place}: {problem}") from problem
    machine.stop()


@pytest.mark.parametrize("address", ["127.0.0.1", "[::1]"])
def test_the_example_broker_is_at_each_address_of_its_name(machine, address):
    machine.begin()
    machine.start_broker()
    machine.shell(f"logboom topics --bootstrap-server {address}:{BROKER_PORT} --list")
    machine.stop()


def test_every_block_says_how_it_is_run():
    pages = [documentation.blocks_of(each) for each in documentation.documents()]
    complaints = [each for _, found in pages for each in found]
    for block in (each for blocks, _ in pages for each in blocks):
        if block.kind == "none" and not block.argument:
            complaints.append(f"{block.place}: why is this not run?")
        elif block.kind and block.kind != "none" and block.kind not in KINDS:
            complaints.append(f"{block.place}: no test knows what '{block.kind}' is")
    assert not complaints, "\n".join(complaints)


def test_options_in_passing_exist():
    """`logboom COMMAND --option` and `./dev VERB` in the text and its tables."""
    helps, verbs, wrong = {"COMMAND": "--help"}, lab.run(ROOT / "dev", "help"), []
    for page in documentation.documents():
        for place, text in documentation.spans_of(page):
            if found := re.match(r"\./dev (\w+)", text):
                if not re.search(rf"^  {found[1]} ", verbs, re.M):
                    wrong.append(f"{place}: {text}")
            if found := re.match(r"(?:build/)?logboom ([A-Za-z]+)(.*)", text):
                command, options = found.groups()
                if command not in helps:
                    helps[command] = lab.logboom(command, "--help")
                wrong += [
                    f"{place}: {text}: {option}"
                    for option in re.findall(r"(?<= )--?[a-z][\w.-]*", options)
                    if not re.search(rf"(?<![\w-]){re.escape(option)}(?![\w-])", helps[command])
                ]
    assert not wrong, "\n".join(wrong)
