"""Files -> topic -> a real Elasticsearch, with every part killed at random: each line exactly once."""

import collections
import os
import pathlib
import random
import threading
import time

import lab
from lab import kcat, logboom, wait_until

LINES = int(os.environ.get("LOGBOOM_KILL_LINES", "200000"))
KILLS = int(os.environ.get("LOGBOOM_KILLS", "21"))
WRITING_SECONDS = float(os.environ.get("LOGBOOM_KILL_SECONDS", "45"))

AGENT = """
input {
  file {
    path => [ "%(logs)s/a.log", "%(logs)s/b.log" ]
    start_position => "beginning"
    sincedb_path => "%(directory)s/sincedb"
  }
}
output {
  kafka { bootstrap_servers => "%(broker)s" topic_id => "logs" codec => json }
}
"""

SINK = """
input {
  kafka {
    bootstrap_servers => "%(broker)s"
    topics => [ "logs" ]
    group_id => "indexer"
    auto_offset_reset => "earliest"
    auto_commit_interval_ms => 500
    codec => json
  }
}
output {
  elasticsearch { hosts => [ "%(elasticsearch)s" ] index => "%(index)s" }
}
"""


class Writer(threading.Thread):
    """Appends numbered syslog lines to one file; renames it away in the middle and starts it anew."""

    def __init__(self, path, name, count, seconds):
        super().__init__()
        self.path, self.name_, self.count, self.seconds = pathlib.Path(path), name, count, seconds

    def lines(self):
        for i in range(self.count):
            yield f"Nov 21 10:00:00 host app[{i % 977}]: {self.name_} {i:06d} {'x' * (i % 120)}\n"

    def run(self):
        started = time.monotonic()
        out = open(self.path, "a")
        for i, line in enumerate(self.lines()):
            if i == self.count // 2:
                self.path.rename(f"{self.path}.1")
                out.write(f"{line}")  # logrotate's race: the writer still has the old file
                out.close()
                out = open(self.path, "a")
                continue
            out.write(line)
            if i % 500 == 0:
                out.flush()
                ahead = started + self.seconds * i / self.count - time.monotonic()
                time.sleep(max(0, ahead))
        out.close()


def restart_at_random(parts, stop, seed, kills):
    chance = random.Random(seed)
    while not stop.is_set():
        name, part = chance.choice(parts)
        time.sleep(chance.uniform(0.2, 2.5))
        part.kill()
        kills[name] += 1
        time.sleep(chance.uniform(0, 0.3))
        part.start()


def indexed_messages(elasticsearch, index):
    return collections.Counter(
        source["message"] + "\n" for _, _, source in elasticsearch.documents(index, ["message"])
    )


def lag(broker, group):
    rows = logboom("groups", "--bootstrap-server", broker.address, "--describe", "--group", group)
    values = [line.split() for line in rows.splitlines() if line.startswith(group)]
    # what nobody has committed yet is behind by all there is
    return sum(int(row[5] if row[5].isdigit() else row[4]) for row in values) if values else None


def test_every_line_is_indexed_once_though_every_part_is_killed(tmp_path, elasticsearch):
    seed = int(os.environ.get("LOGBOOM_SEED", random.randrange(10**6)))
    print(f"seed {seed}")
    index = f"kills-{seed}"
    logs = tmp_path / "logs"
    logs.mkdir()
    broker = lab.Broker(tmp_path / "broker").start()
    values = {
        "logs": logs,
        "directory": tmp_path,
        "broker": broker.address,
        "elasticsearch": elasticsearch.url,
        "index": index,
    }
    agent = lab.Pipeline(tmp_path, "agent", AGENT % values).start()
    sink = lab.Pipeline(tmp_path, "sink", SINK % values).start()
    parts = [("broker", broker), ("agent", agent), ("sink", sink)]
    writers = [Writer(logs / f"{n}.log", n, LINES // 2, WRITING_SECONDS) for n in "ab"]
    kills = collections.Counter()
    stop = threading.Event()
    killer = threading.Thread(target=restart_at_random, args=(parts, stop, seed, kills))
    for thread in [*writers, killer]:
        thread.start()
    for thread in writers:
        thread.join()
    wait_until(lambda: sum(kills.values()) >= KILLS, 120, "enough kills")
    stop.set()
    killer.join()
    print(f"kills: {dict(kills)}")
    try:
        assert all(part.alive() for _, part in parts)
        expected = collections.Counter(line for writer in writers for line in writer.lines())
        try:
            wait_until(lambda: elasticsearch.count(index) >= LINES, 180, "every line is indexed")
        except AssertionError:
            got = indexed_messages(elasticsearch, index)
            missing = sorted((expected - got).elements())
            raise AssertionError(
                f"{len(missing)} lines are missing, such as {missing[:3]} ... {missing[-3:]}\n"
                f"agent:\n{agent.tail()}\nsink:\n{sink.tail()}\nbroker:\n{broker.tail()}"
            )
        wait_until(lambda: lag(broker, "indexer") == 0, 60, "the group's lag is 0")
        got = indexed_messages(elasticsearch, index)
        assert not got - expected, f"doubled or damaged: {list((got - expected).items())[:3]}"
        assert not expected - got, f"lost: {list((expected - got).items())[:3]}"

        # a second consumer of the topic sees what the agent sent
        seen = kcat("-b", broker.address, "-C", "-t", "logs", "-e", "-q", "-f", "%h\n").splitlines()
        assert len({header for header in seen}) == LINES

        # replay: the whole topic again, and the count does not change
        assert sink.stop() == 0
        lab.rewind(broker.address, "indexer", "logs")
        assert lag(broker, "indexer") >= LINES
        sink.start()
        wait_until(lambda: lag(broker, "indexer") == 0, 180, "the replay is through")
        assert elasticsearch.count(index) == LINES
        assert agent.stop() == 0 and sink.stop() == 0 and broker.stop() == 0
    finally:
        for _, part in parts:
            part.kill()
