"""The agent and the sink against Apache Kafka: nothing changes but bootstrap_servers."""

import random
import subprocess
import time

import lab
from lab import SUPPORT, logboom, wait_until
from test_end_to_end import AGENT, SINK, Writer, indexed_messages, lag

LINES = 20000
ROUNDS = 2


class Kafka:
    def __init__(self, directory):
        self.directory = directory
        self.address = f"127.0.0.1:{lab.free_port()}"

    def __enter__(self):
        port = self.address.split(":")[1]
        subprocess.run([SUPPORT / "kafka" / "start", port, self.directory], check=True, timeout=120)
        return self

    def __exit__(self, *_):
        subprocess.run([SUPPORT / "kafka" / "stop", self.directory], check=True, timeout=60)


def test_lines_pass_an_apache_kafka_exactly_once(tmp_path, elasticsearch):
    chance = random.Random(7)
    index = f"apache-{random.randrange(10**6)}"
    logs = tmp_path / "logs"
    logs.mkdir()
    with Kafka(tmp_path / "kafka") as kafka:
        create = ["--create", "--topic", "logs", "--partitions", "3"]
        logboom("topics", "--bootstrap-server", kafka.address, *create)
        values = {
            "logs": logs,
            "directory": tmp_path,
            "broker": kafka.address,
            "elasticsearch": elasticsearch.url,
            "index": index,
        }
        agent = lab.Pipeline(tmp_path, "agent", AGENT % values).start()
        sink = lab.Pipeline(tmp_path, "sink", SINK % values).start()
        try:
            writers = [Writer(logs / f"{name}.log", name, LINES // 2, 10) for name in "ab"]
            for writer in writers:
                writer.start()
            for part in [agent, sink] * ROUNDS:
                time.sleep(chance.uniform(0.5, 2))
                part.kill()
                part.start()
            for writer in writers:
                writer.join()
            wait_until(
                lambda: elasticsearch.count(index) >= LINES,
                120,
                f"every line is indexed\n{agent.tail()}\n{sink.tail()}",
            )
            wait_until(lambda: lag(kafka, "indexer") == 0, 60, "the group's lag is 0")
            expected = {line for writer in writers for line in writer.lines()}
            got = indexed_messages(elasticsearch, index)
            assert set(got) == expected and sum(got.values()) == LINES

            assert sink.stop() == 0
            lab.rewind(kafka.address, "indexer", "logs")
            assert lag(kafka, "indexer") >= LINES
            sink.start()
            wait_until(lambda: lag(kafka, "indexer") == 0, 120, "the replay is through")
            assert elasticsearch.count(index) == LINES
            assert agent.stop() == 0 and sink.stop() == 0
        finally:
            agent.kill()
            sink.kill()
