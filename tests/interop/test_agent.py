"""The file input as a process, among programs that write, copy, compress, rotate and delete: no line lost,
none sent twice but for kills."""

import collections
import gzip
import json
import os
import signal
import subprocess
import time

import lab
from lab import wait_until

READING = """
input {
  file { path => "%(drop)s/*" mode => "read" file_sort_by => "path" stat_interval => 0.2
         file_completed_action => "log_and_delete" file_completed_log_path => "%(directory)s/completed" }
}
output { file { path => "%(directory)s/out" codec => line { format => "%%{message}" } } }
"""

TAILING = """
input { file { path => "%(logs)s/app.log" start_position => "beginning" } }
output { kafka { bootstrap_servers => "%(broker)s" topic_id => "logs" codec => line { format => "%%{message}" } } }
"""


def lines_of(path):
    return collections.Counter(path.read_text().splitlines()) if path.exists() else collections.Counter()


def in_topic(broker):
    topic = ["-b", broker.address, "-C", "-t", "logs", "-e", "-q"]
    done = subprocess.run(["kcat", *topic], capture_output=True, text=True, timeout=120)
    return collections.Counter(line for line in done.stdout.splitlines() if line)


def agent_reading(tmp_path):
    drop = tmp_path / "drop"
    drop.mkdir()
    return drop, lab.Pipeline(tmp_path, "agent", READING % {"drop": drop, "directory": tmp_path}).start()


def agent_tailing(tmp_path, broker):
    logs = tmp_path / "logs"
    logs.mkdir()
    config = TAILING % {"logs": logs, "broker": broker.address}
    return logs, lab.Pipeline(tmp_path, "agent", config)


def all_read(tmp_path, drop, expected, agent):
    """Every line once, every file deleted and noted."""
    out = tmp_path / "out"
    try:
        wait_until(lambda: lines_of(out) == expected and not list(drop.iterdir()), 60, "all is read")
    except AssertionError:
        got = lines_of(out)
        raise AssertionError(
            f"missing {sum((expected - got).values())}, doubled {sum((got - expected).values())}, "
            f"left {sorted(drop.iterdir())[:5]}\n{agent.tail()}"
        )


def test_files_that_are_copied_in_are_read_whole_and_deleted(tmp_path):
    drop, agent = agent_reading(tmp_path)
    source = tmp_path / "s"
    text = [f"{i:04d} {'x' * 74}" for i in range(100)]
    source.write_text("\n".join(text) + "\n")
    try:
        script = f"for i in $(seq 100); do cp {source} {drop}/$i.log; done"
        subprocess.run(["sh", "-c", script], check=True, timeout=60)
        all_read(tmp_path, drop, collections.Counter({each: 100 for each in text}), agent)
        noted = (tmp_path / "completed").read_text().splitlines()
        assert sorted(noted) == sorted(f"{drop}/{i}.log" for i in range(1, 101))
        assert agent.stop() == 0
    finally:
        agent.kill()


def test_writers_of_all_kinds_lose_nothing(tmp_path):
    drop, agent = agent_reading(tmp_path)
    expected = collections.Counter()
    try:
        # a writer that takes its time
        slow = [f"slow {i}" for i in range(5)]
        script = f"(for i in 0 1 2 3 4; do echo slow $i; sleep 0.4; done) > {drop}/slow"
        writer = subprocess.Popen(["sh", "-c", script])
        # a compressed file that is written in pieces, each closed
        packed = [f"packed {i}" for i in range(20_000)]
        whole = gzip.compress("".join(f"{each}\n" for each in packed).encode())
        for part in range(4):
            with open(drop / "packed.gz", "ab") as out:
                out.write(whole[len(whole) * part // 4 : len(whole) * (part + 1) // 4])
            time.sleep(0.4)
        # renamed into place; made, written, synced and closed at once; made first and written later
        (tmp_path / "elsewhere").write_text("renamed\n")
        os.rename(tmp_path / "elsewhere", drop / "renamed")
        with open(drop / "synced", "w") as out:
            out.write("synced\n")
            out.flush()
            os.fsync(out.fileno())
        (drop / "later").touch()
        time.sleep(1)
        assert (drop / "later").exists()
        with open(drop / "later", "a") as out:
            out.write("later\n")
        # opened for appending by one after another
        for i in range(20):
            with open(drop / "appended", "a") as out:
                out.write(f"appended {i}\n")
        writer.wait(10)
        expected.update(slow + packed + ["renamed", "synced", "later"])
        expected.update(f"appended {i}" for i in range(20))
        all_read(tmp_path, drop, expected, agent)
        assert agent.stop() == 0
    finally:
        agent.kill()


def test_a_truncated_archive_is_kept_and_told_of_once(tmp_path):
    drop, agent = agent_reading(tmp_path)
    text = [f"packed {i}" for i in range(20_000)]
    whole = gzip.compress("".join(f"{each}\n" for each in text).encode())
    try:
        (drop / "a.gz").write_bytes(whole[: len(whole) // 2])
        wait_until(lambda: "a.gz" in agent.text(), 20, "it is told")
        time.sleep(2)
        assert agent.text().count("ends before its end") == 1
        assert (drop / "a.gz").exists()
        with open(drop / "a.gz", "ab") as out:
            out.write(whole[len(whole) // 2 :])
        all_read(tmp_path, drop, collections.Counter(text), agent)
        assert agent.stop() == 0
    finally:
        agent.kill()


def test_rotations_while_the_broker_is_down_lose_nothing(tmp_path, broker):
    logs, agent = agent_tailing(tmp_path, broker)
    (logs / "app.log").write_text("first\n")
    agent.start()
    expected = collections.Counter(["first"])
    try:
        wait_until(lambda: in_topic(broker) == expected, 30, "the first line is there")
        broker.kill()
        # more than the pipeline takes
        for rotation in range(8):
            lines = [f"{rotation} {i} {'x' * 300}" for i in range(20_000)]
            with open(logs / "app.log", "a") as out:
                for i, each in enumerate(lines):
                    out.write(each + "\n")
                    if i % 2000 == 0:
                        out.flush()
                        time.sleep(0.01)
            expected.update(lines)
            for i in (3, 2, 1):
                older = logs / f"app.log.{i}"
                if older.exists():
                    if i == 3:
                        older.unlink()
                    else:
                        older.rename(logs / f"app.log.{i + 1}")
            (logs / "app.log").rename(logs / "app.log.1")
        (logs / "app.log").write_text("last\n")
        expected["last"] += 1
        broker.start()
        wait_until(lambda: len(in_topic(broker)) >= len(expected), 120, f"all is there\n{agent.tail()}")
        got = in_topic(broker)
        assert not expected - got and not got - expected
        assert agent.stop() == 0
    finally:
        agent.kill()


def test_stops_in_a_backlog_send_nothing_twice(tmp_path, broker):
    logs, agent = agent_tailing(tmp_path, broker)
    count = 600_000
    with open(logs / "app.log", "w") as out:
        out.writelines(f"{i} {'x' * 150}\n" for i in range(count))
    try:
        for _ in range(5):
            agent.start()
            time.sleep(0.4)
            assert agent.stop() == 0
        agent.start()
        wait_until(lambda: len(in_topic(broker)) >= count, 120, "all is there")
        got = in_topic(broker)
        assert len(got) == count and sum(got.values()) - count == 0
        assert agent.stop() == 0
    finally:
        agent.kill()


def test_kills_in_the_first_second_send_little_twice(tmp_path, broker):
    logs, agent = agent_tailing(tmp_path, broker)
    count = 600_000
    kills = 10
    with open(logs / "app.log", "w") as out:
        out.writelines(f"{i} {'x' * 150}\n" for i in range(count))
    try:
        for i in range(kills):
            agent.start()
            time.sleep(0.2 + 0.05 * i)
            os.kill(agent.pid, signal.SIGKILL)
            agent.running.wait()
        agent.start()
        wait_until(lambda: len(in_topic(broker)) >= count, 120, "all is there")
        got = in_topic(broker)
        assert len(got) == count
        doubled = sum(got.values()) - count
        print(f"doubled {doubled} in {kills} kills")
        # What was under way, and what was acknowledged in the last moment.
        assert doubled < kills * 40_000
        assert agent.stop() == 0
    finally:
        agent.kill()


def test_lines_of_any_length_fit_the_topic(tmp_path, broker):
    logs = tmp_path / "logs"
    logs.mkdir()
    config = """
    input { file { path => "%s/app.log" start_position => "beginning" } }
    output { kafka { bootstrap_servers => "%s" topic_id => "logs" codec => json } }
    """
    agent = lab.Pipeline(tmp_path, "agent", config % (logs, broker.address))
    text = ["x" * 600_000, '{"a":"\\\\"}' * 60_000, "é" * 400_000, "y" * (20 << 20), "short"]
    (logs / "app.log").write_text("".join(f"{each}\n" for each in text))
    agent.start()

    def arrived():
        topic = ["-b", broker.address, "-C", "-t", "logs", "-e", "-q"]
        done = subprocess.run(["kcat", *topic], capture_output=True, text=True, timeout=120)
        return [json.loads(each) for each in done.stdout.splitlines()]

    try:
        wait_until(lambda: any(each["message"] == "short" for each in arrived()), 120, "all is there")
        events = arrived()
        assert "".join(each["message"] for each in events) == "".join(text)
        assert len(events) < 60
        assert sum("line_split" in each.get("tags", []) for each in events) == len(events) - 1
        assert not list(tmp_path.glob("**/*dead*letter*/**/*.ndjson"))
        assert agent.stop() == 0
    finally:
        agent.kill()


def test_a_log_and_its_rotated_files_are_one_partition_in_order(tmp_path, broker):
    logs = tmp_path / "logs"
    logs.mkdir()
    lab.logboom("topics", "--create", "--topic", "logs", "--partitions", 12, "--bootstrap-server", broker.address)
    config = (TAILING % {"logs": logs, "broker": broker.address}).replace("app.log", "app.log*")
    agent = lab.Pipeline(tmp_path, "agent", config)
    text = [str(i) for i in range(4000)]

    def rotate():
        for i in range(9, 0, -1):
            older = logs / f"app.log.{i}"
            if older.exists():
                older.rename(logs / f"app.log.{i + 1}")
        (logs / "app.log").rename(logs / "app.log.1")

    for part in range(4):
        (logs / "app.log").write_text("".join(f"{each}\n" for each in text[part * 500 : part * 500 + 500]))
        if part < 3:
            rotate()
    os.utime(logs / "app.log.3")
    agent.start()

    def arrived():
        topic = ["-b", broker.address, "-C", "-t", "logs", "-e", "-q", "-f", "%p %s\\n"]
        done = subprocess.run(["kcat", *topic], capture_output=True, text=True, timeout=120)
        return [each.split() for each in done.stdout.splitlines() if each]

    try:
        wait_until(lambda: len(arrived()) == 2000, 60, "what was there is read")
        for part in range(4, 8):
            rotate()
            (logs / "app.log").write_text("".join(f"{each}\n" for each in text[part * 500 : part * 500 + 500]))
            wait_until(lambda: len(arrived()) == part * 500 + 500, 60, "the next is read")
        got = arrived()
        assert len({partition for partition, _ in got}) == 1
        assert [each for _, each in got] == text
        assert agent.stop() == 0
    finally:
        agent.kill()
