"""The tools that stand in for Kafka's: output that cannot be written, causes that reach the user, and
every option that scripts know from the tools themselves."""

import os
import re
import shutil
import subprocess
import time

import confluent_kafka
import lab
import pytest
from lab import BINARY, ROOT, logboom


def ended(*arguments, stdin="", seconds=60, **options):
    options = {"capture_output": True, "text": True, **options}
    return subprocess.run([str(BINARY), *map(str, arguments)], input=stdin, timeout=seconds, **options)


def commands():
    """The commands as the program lists them."""
    listed = ended("--help").stdout.split("Subcommands:")[1]
    return re.findall(r"^  (\w+) ", listed, re.MULTILINE)


@pytest.fixture(scope="module")
def filled(tmp_path_factory):
    """A broker with the topic `logs` of two partitions, ten records, and a group that has read them."""
    broker = lab.Broker(tmp_path_factory.mktemp("filled") / "broker").start()
    server = ["--bootstrap-server", broker.address]
    logboom("topics", *server, "--create", "--topic", "logs", "--partitions", 2, "--config", "retention.ms=1000000")
    logboom("topics", *server, "--create", "--topic", "plain", "--partitions", 1)
    logboom("produce", *server, "--topic", "logs", stdin="".join(f"{i}\n" for i in range(10)))
    logboom("consume", *server, "--topic", "logs", "--group", "readers", "--from-beginning", "--max-messages", 10)
    yield broker
    broker.kill()


@pytest.fixture(scope="module")
def following(tmp_path_factory):
    """The address of a running process that follows a file."""
    directory = tmp_path_factory.mktemp("following")
    (directory / "a.log").write_text("line\n")
    config = f'input {{ file {{ path => "{directory}/*.log" }} }} output {{ file {{ path => "{directory}/out" }} }}'
    port = lab.free_port()
    arguments = ["run", "-e", config, "--path.data", directory / "data", "--api.http.port", port]
    process = lab.Process([BINARY, *arguments], directory / "log").start()
    lab.wait_until(lambda: lab.listening(port), 20, "the API")
    yield f"http://127.0.0.1:{port}"
    process.kill()


# What each command prints that is data, and what it needs for it.
PRINTS = {
    "run": [["--help"]],
    "broker": [["--list-settings"]],
    "up": [["--help"]],
    "topics": [["--list"], ["--list", "--json"], ["--describe"], ["--create", "--topic", "made"]],
    "groups": [
        ["--list"],
        ["--list", "--state"],
        ["--describe", "--group", "readers"],
        ["--describe", "--group", "readers", "--members"],
        ["--describe", "--group", "readers", "--state"],
        ["--group", "readers", "--reset-offsets", "--all-topics", "--to-earliest"],
    ],
    "offsets": [[], ["--json"]],
    "produce": [["--help"]],
    "consume": [["--topic", "logs", "--from-beginning", "--exit-at-end"]],
    "completion": [["bash"], ["zsh"], ["fish"]],
    "agent": [["files"], ["files", "--json"], ["ledger"], ["ledger", "--json"]],
    "help": [[], ["topics"], ["topics", "--markdown"]],
    "version": [[]],
}


def test_no_command_ends_well_when_its_output_cannot_be_written(filled, following):
    assert set(commands()) == set(PRINTS)
    lines = [[command, *words] for command, all_words in PRINTS.items() for words in all_words]
    for words in [["--help"], ["--version"], *lines]:
        if words[0] in ("topics", "groups", "offsets", "consume"):
            words = [*words, "--bootstrap-server", filled.address]
        if words[0] == "agent":
            words = [*words, "--api", following]
        with open("/dev/full", "w") as full:
            done = ended(*words, stdout=full, capture_output=False, stderr=subprocess.PIPE)
        assert done.returncode == 1, words
        assert "stdout: No space left on device" in done.stderr, (words, done.stderr)


def test_who_reads_no_more_hears_no_complaint(filled):
    logboom("topics", "--bootstrap-server", filled.address, "--create", "--topic", "many")
    lab.kcat("-b", filled.address, "-P", "-t", "many", stdin="line\n" * 200_000)
    for words in [["consume", "--topic", "many", "--from-beginning"], ["broker", "--list-settings"]]:
        server = ["--bootstrap-server", filled.address] if words[0] == "consume" else []
        reader = subprocess.Popen(["head", "-n", "1"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
        writer = subprocess.Popen(
            [str(BINARY), *words, *server], stdout=reader.stdin, stderr=subprocess.PIPE, text=True
        )
        reader.stdin.close()
        _, told = writer.communicate(timeout=30)
        reader.wait()
        assert told == "", told
        # A list that fits into the pipe may be written before its reader ends.
        assert writer.returncode == -13 or words[0] == "broker"


ASKS = [
    ["topics", "--list"],
    ["groups", "--list"],
    ["offsets"],
    ["produce", "--topic", "x"],
    ["consume", "--topic", "x"],
]


@pytest.mark.parametrize("words", ASKS, ids=lambda words: words[0])
def test_a_wrong_address_fails_at_once_and_says_why(words):
    for address, told in [
        (f"127.0.0.1:{lab.free_port()}", "Connection refused"),
        ("no-such-host.invalid:9092", "cannot resolve the name"),
    ]:
        begin = time.monotonic()
        done = ended(*words, "--bootstrap-server", address)
        assert done.returncode == 1 and told in done.stderr, done.stderr
        assert time.monotonic() - begin < 4, done.stderr
    for address in ["localhost", "localhost:", "localhost:http", "localhost:70000"]:
        done = ended(*words, "--bootstrap-server", address)
        assert done.returncode == 2 and "is not host:port" in done.stderr, done.stderr


def test_a_name_with_a_second_address_is_tried_there(filled):
    # localhost is ::1 first, where nobody listens.
    port = filled.address.rsplit(":", 1)[1]
    assert "logs" in logboom("topics", "--bootstrap-server", f"localhost:{port}", "--list").split()


def test_the_wrong_protocol_is_named(filled, tmp_path):
    for protocol, more, told in [
        ("SSL", "", "does the broker speak TLS there?"),
        ("SASL_PLAINTEXT", "sasl.mechanism=PLAIN\nsasl.username=a\nsasl.password=b\n", "SASL"),
    ]:
        config = tmp_path / f"{protocol}.properties"
        config.write_text(f"security.protocol={protocol}\n{more}")
        done = ended(
            "topics", "--list", "--bootstrap-server", filled.address, "--command-config", config
        )
        assert done.returncode == 1 and told in done.stderr, done.stderr


def test_plain_text_to_a_tls_port_is_named(tmp_path):
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key]
        + ["-out", certificate, "-subj", "/CN=localhost", "-days", "1"],
        check=True,
        capture_output=True,
    )
    port = lab.free_port()
    server = ["openssl", "s_server", "-accept", port, "-key", key, "-cert", certificate, "-quiet"]
    tls = lab.Process(server, tmp_path / "tls.log").start()
    try:
        lab.wait_until(lambda: lab.listening(port), 10, "the server listens")
        done = ended("topics", "--list", "--bootstrap-server", f"127.0.0.1:{port}")
        assert done.returncode == 1, done.stderr
        assert "is it a TLS port" in done.stderr or "speaks TLS" in done.stderr, done.stderr
    finally:
        tls.kill()


def test_an_advertised_address_nobody_reaches_is_named(tmp_path):
    nowhere = lab.free_port()
    broker = lab.Broker(tmp_path / "broker", advertised_listeners=f"PLAINTEXT://127.0.0.1:{nowhere}").start()
    server = ["--bootstrap-server", broker.address]
    told = f"127.0.0.1:{nowhere} (broker 1): cannot connect: Connection refused"
    pipeline = None
    try:
        # Metadata comes from the bootstrap address; whatever needs the broker itself has a reason.
        made = ended("topics", *server, "--create", "--topic", "logs", "--partitions", "1")
        assert told in made.stderr, made.stderr
        sent = ended("produce", *server, "--topic", "logs", "--drain-timeout", "4", stdin="line\n")
        assert sent.returncode == 1 and told in sent.stderr, sent.stderr
        pipeline = lab.Pipeline(
            tmp_path,
            "to",
            f'input {{ generator {{ }} }}\noutput {{ kafka {{ topic_id => "logs"'
            f' codec => json bootstrap_servers => "{broker.address}" }} }}\n',
        ).start()
        lab.wait_until(lambda: told in pipeline.text(), 30, "the output says why it waits")
    finally:
        broker.kill()
        if pipeline:
            pipeline.kill()


def test_an_advertised_name_that_does_not_resolve_is_named(tmp_path):
    broker = lab.Broker(
        tmp_path / "broker", advertised_listeners="PLAINTEXT://no-such-host.invalid:9092"
    ).start()
    told = "no-such-host.invalid:9092 (broker 1): cannot resolve the name"
    try:
        for words in [
            # Who asks for the topic makes it.
            ["produce", "--topic", "logs", "--drain-timeout", "3"],
            ["topics", "--create", "--topic", "more"],
            ["groups", "--list"],
            ["groups", "--describe", "--group", "g"],
            ["offsets", "--topic", "logs"],
            ["offsets", "--topic", "logs", "--time", "0"],
            ["consume", "--topic", "logs", "--exit-at-end"],
        ]:
            done = ended(*words, "--bootstrap-server", broker.address, stdin="line\n")
            last = done.stderr if words[0] == "produce" else done.stderr.splitlines()[-1]
            assert done.returncode == 1 and told in last, (words, done.stderr)
    finally:
        broker.kill()


def test_pipelines_say_why_no_broker_is_reached(tmp_path):
    address = f"127.0.0.1:{lab.free_port()}"
    pipeline = lab.Pipeline(
        tmp_path,
        "both",
        f'input {{ kafka {{ topics => "a" bootstrap_servers => "{address}" }} generator {{ count => 1 }} }}\n'
        f'output {{ kafka {{ topic_id => "b" codec => json bootstrap_servers => "{address}" }} }}\n',
    ).start()
    try:
        told = f'cause="{address}: cannot connect: Connection refused"'
        lab.wait_until(lambda: pipeline.text().count(told) >= 2, 30, "input and output say why")
    finally:
        pipeline.kill()


@pytest.mark.skipif(os.geteuid() != 0, reason="a small file system is mounted")
def test_a_full_disk_of_the_broker_reaches_the_producer(tmp_path):
    data = tmp_path / "small"
    data.mkdir()
    broker = lab.Broker(tmp_path / "broker", log_dirs=data / "data")
    mount = f"mount -t tmpfs -o size=24m none {data} && exec \"$@\""
    broker.arguments = ["unshare", "--mount", "bash", "-c", mount, "-", *broker.arguments]
    broker.start()
    server = ["--bootstrap-server", broker.address]
    try:
        lines = ("x" * 1000 + "\n") * 27_000
        sent = ended("produce", *server, "--topic", "logs", "--drain-timeout", "4", stdin=lines)
        assert sent.returncode == 1, sent.stderr
        assert "Records wait for the broker." in sent.stderr, sent.stderr
        assert "Disk error" in sent.stderr, sent.stderr
        # More than its queue holds: it ends, and what nobody took is no sign that somebody does.
        more = [*server, "--topic", "logs", "--drain-timeout", "4"]
        sent = ended("produce", *more, "--producer-property", "delivery.timeout.ms=3000", stdin=lines * 2)
        assert sent.returncode == 1, sent.stderr
        assert "Message timed out" in sent.stderr, sent.stderr
        assert "takes records again" not in sent.stderr, sent.stderr
    finally:
        broker.kill()


# Every long option of the tools (Kafka 2.0 to 4.0, logstash 8): "works", "accepted" (nothing to do) or
# what is said about it. Values are what a script would give.
TABLE = {
    "topics": {
        "base": ["--list"],
        "works": [
            "--topic logs", "--exclude-internal", "--command-config /dev/null", "--force",
            "--describe --under-replicated-partitions", "--describe --unavailable-partitions",
            "--describe --under-min-isr-partitions", "--describe --at-min-isr-partitions",
            "--describe --topics-with-overrides", "--describe --if-exists --topic none",
            "--create --topic grow --partitions 1", "--alter --topic grow --partitions 2 --if-exists",
            "--alter --topic logs --config retention.ms=1000000",
            "--alter --topic logs --delete-config no.such.key",
            "--create --topic logs --if-not-exists --replication-factor 1 --partitions 2",
            "--create --topic gone", "--delete --topic gone", "--help",
        ],
        "refused": [
            "--zookeeper localhost:2181", "--topic-id x", "--replica-assignment 1:2",
            "--disable-rack-aware", "--partition-size-limit-per-response 5", "--version",
        ],
    },
    "groups": {
        "base": ["--list"],
        "works": [
            "--timeout 5000", "--state", "--state Empty,Stable", "--new-consumer", "--command-config /dev/null",
            "--describe --all-groups", "--describe --group readers --members --verbose",
            "--describe --group readers --state", "--describe --group readers --offsets",
            "--reset-offsets --group readers --all-topics --to-earliest --dry-run --export",
            "--reset-offsets --group readers --topic logs --to-latest --execute",
            "--reset-offsets --group readers --topic logs --to-current",
            "--reset-offsets --group readers --topic logs --to-offset 1",
            "--reset-offsets --group readers --topic logs --shift-by -1",
            "--reset-offsets --group readers --topic logs --by-duration P1D",
            "--reset-offsets --group readers --topic logs --to-datetime 2026-01-01T00:00:00.000",
            "--reset-offsets --group readers --from-file /dev/null", "--help",
            "--delete-offsets --group readers --topic logs:0",
        ],
        "refused": ["--zookeeper localhost:2181", "--type classic", "--validate-regex a", "--version"],
    },
    "offsets": {
        "base": ["--topic logs"],
        "works": [
            "--time -1", "--time -2", "--time -3", "--time latest", "--time max-timestamp", "--time 1",
            "--partitions 0", "--exclude-internal-topics", "--command-config /dev/null", "--help",
            "--max-wait-ms 5",
        ],
        "refused": ["--offsets 1", "--time -4", "--time -5", "--version"],
    },
    "produce": {
        "base": ["--topic logs"],
        "works": [
            "--batch-size 1000", "--compression-codec", "--compression-codec lz4", "--max-block-ms 5000",
            "--max-memory-bytes 1000000", "--max-partition-memory-bytes 16384",
            "--message-send-max-retries 3", "--metadata-expiry-ms 300000",
            "--producer-property linger.ms=1", "--command-property linger.ms=1",
            "--producer.config /dev/null", "--command-config /dev/null", "--property parse.key=false",
            "--reader-property parse.key=false", "--reader-config /dev/null", "--request-required-acks all",
            "--request-timeout-ms 1500", "--retry-backoff-ms 100", "--socket-buffer-size 102400", "--sync",
            "--timeout 1000", "--old-producer", "--help",
        ],
        "refused": [
            "--line-reader kafka.tools.X", "--key-serializer x", "--value-serializer x", "--queue-size 5",
            "--queue-enqueuetimeout-ms 5", "--zookeeper a:1", "--version",
        ],
    },
    "consume": {
        "base": ["--topic logs --from-beginning --max-messages 1"],
        "works": [
            "--consumer-property client.id=a", "--command-property client.id=a", "--consumer.config /dev/null",
            "--command-config /dev/null", "--formatter kafka.tools.DefaultMessageFormatter",
            "--formatter org.apache.kafka.tools.consumer.NoOpMessageFormatter",
            "--formatter-config /dev/null", "--group others", "--isolation-level read_committed",
            "--key-deserializer org.apache.kafka.common.serialization.StringDeserializer",
            "--value-deserializer org.apache.kafka.common.serialization.ByteArrayDeserializer",
            "--property print.key=true", "--formatter-property print.key=true", "--skip-message-on-error",
            "--timeout-ms 20000", "--new-consumer", "--help",
        ],
        "refused": [
            "--zookeeper a:1", "--blacklist a", "--delete-consumer-offsets", "--enable-systest-events",
            "--csv-reporter-enabled", "--metrics-dir x", "--formatter kafka.coordinator.X", "--version",
            "--key-deserializer org.apache.kafka.common.serialization.LongDeserializer",
        ],
    },
    "broker": {"base": [""], "works": ["--list-settings", "--help"], "refused": ["-daemon", "--version"]},
    "run": {
        "base": ["-t -e ''"],
        "works": [
            "-n a", "--pipeline.id a", "-w 1", "--pipeline.ordered auto", "-b 125", "-u 50",
            "--pipeline.unsafe_shutdown", "--path.data /tmp", "-p /tmp", "-l /tmp", "--log.level info",
            "--log.format plain", "--config.support_escapes", "-r", "--config.reload.interval 3s",
            "--api.enabled false", "--api.http.host 127.0.0.1", "--api.http.port 9600-9700", "--path.settings /",
            "--pipeline.ecs_compatibility v8", "--help",
        ],
        "refused": [
            "--modules netflow", "-M a=b", "--setup", "--cloud.id a", "--cloud.auth a", "-i irb", "--verbose",
            "--debug", "--quiet", "--config.debug", "--field-reference-parser STRICT",
            "--field-reference-escape-style none", "--enable-local-plugin-development", "--plugin-classloaders",
            "--http.host a", "--version",
        ],
    },
}


@pytest.mark.parametrize("command", TABLE)
def test_every_option_of_the_tool_works_or_is_refused_with_a_reason(command, filled):
    rows = TABLE[command]
    server = [] if command in ("run", "broker") else ["--bootstrap-server", filled.address]
    words = lambda text: [word.replace("''", "") for word in text.split(" ") if word]  # noqa: E731
    for text in rows["works"]:
        alone = any(text.startswith(f"--{verb}") for verb in
                    ("describe", "alter", "create", "delete", "reset-offsets", "delete-offsets"))
        base = [] if alone and command in ("topics", "groups") else words(rows["base"][0])
        if any(word == "logs" for word in words(text)) and command == "topics":
            base = [] if alone else ["--list"]
        done = ended(command, *base, *words(text), *server, stdin="line\n")
        assert done.returncode == 0, (text, done.stdout, done.stderr)
    for text in rows["refused"]:
        done = ended(command, *words(rows["base"][0]), *words(text), *server)
        option = words(text)[0]
        assert done.returncode == 2, (text, done.stdout, done.stderr)
        assert "no option" not in done.stderr and done.stderr.count("\n") == 1, (text, done.stderr)
        assert option.lstrip("-") in done.stderr or words(text)[-1] in done.stderr, (text, done.stderr)


def test_an_unknown_option_or_command_is_told_the_nearest():
    for words, told in [
        (["topics", "--partition", "3", "--list"], "no option --partition; did you mean --partitions?"),
        (["consume", "--from-begining", "--topic", "a"], "did you mean --from-beginning?"),
        (["groups", "--reset-offset"], "did you mean --reset-offsets?"),
        (["topic", "--list"], "no command 'topic'; did you mean topics?"),
        (["completion", "zhs"], "no command 'zhs'; did you mean zsh?"),
        (["topics", "--list", "what"], "what is 'what'?"),
    ]:
        done = ended(*words)
        assert done.returncode == 2 and told in done.stderr, done.stderr


def test_what_a_filter_of_partitions_prints(filled):
    server = ["--bootstrap-server", filled.address]
    for option in ["under-replicated", "unavailable", "under-min-isr"]:
        assert logboom("topics", *server, "--describe", f"--{option}-partitions") == ""
    # One copy of one that min.insync.replicas asks for.
    assert "Topic: logs\tPartition: 1" in logboom("topics", *server, "--describe", "--at-min-isr-partitions")
    overrides = logboom("topics", *server, "--describe", "--topics-with-overrides")
    assert "retention.ms=1000000" in overrides and "Topic: plain" not in overrides
    assert "Partition:" not in overrides


def test_offsets_of_patterns_and_of_the_newest_record(filled):
    server = ["--bootstrap-server", filled.address]
    logboom("topics", *server, "--create", "--topic", "timed", "--partitions", "2")
    producer = confluent_kafka.Producer({"bootstrap.servers": filled.address})
    for stamp in [1_000, 2_000_000_000_000, 5, 2_000_000_000_000, 7]:
        producer.produce("timed", b"x", partition=0, timestamp=stamp)
    assert producer.flush(20) == 0
    assert logboom("offsets", *server, "--topic", "timed", "--time", -3) == "timed:0:1\ntimed:1:\n"

    def listed(patterns):
        rows = logboom("offsets", *server, "--topic-partitions", patterns).split()
        return [row.rsplit(":", 1)[0] for row in rows]

    assert listed("time.:1,plain") == ["plain:0", "timed:1"]
    assert listed("timed:0-1,log.:1-") == ["logs:1", "timed:0"]
    assert listed("timed:-1") == ["timed:0"]
    assert "logs:1" in listed(":1") and "logs:0" not in listed(":1")
    assert ended("offsets", *server, "--topic-partitions", "a:x").returncode == 2


def test_a_reset_goes_where_it_is_told_and_refuses_what_it_cannot(filled, tmp_path):
    server = ["--bootstrap-server", filled.address]
    logboom("topics", *server, "--create", "--topic", "reset", "--partitions", "2")
    producer = confluent_kafka.Producer({"bootstrap.servers": filled.address})
    for stamp in [1_000, 2_000, 3_000, 4_000, 5_000]:
        producer.produce("reset", b"x", partition=0, timestamp=stamp)
    assert producer.flush(20) == 0

    def reset(*words, group="there"):
        return ended("groups", *server, "--reset-offsets", "--group", group, *words)

    def goes(*words):
        done = reset("--export", *words)
        assert done.returncode == 0, done.stderr
        return done.stdout

    # A group that is not there comes into being, and what is only shown changes nothing.
    assert goes("--topic", "reset", "--to-latest") == "reset,0,5\nreset,1,0\n"
    assert "there" not in logboom("groups", *server, "--list").split()
    assert reset("--topic", "reset:0", "--to-offset", 2, "--execute").returncode == 0
    assert "there" in logboom("groups", *server, "--list").split()
    # All topics are those it has offsets of.
    assert goes("--all-topics", "--to-current") == "reset,0,2\n"
    assert goes("--topic", "reset:0", "--shift-by", 2) == "reset,0,4\n"
    assert goes("--topic", "reset:0", "--shift-by=-9") == "reset,0,0\n"
    assert goes("--topic", "reset:0", "--shift-by", 2**63 - 1) == "reset,0,5\n"
    assert goes("--topic", "reset:0", "--to-offset", 99) == "reset,0,5\n"
    assert goes("--topic", "reset", "--to-datetime", "1970-01-01T00:00:03.000") == "reset,0,2\nreset,1,0\n"
    assert goes("--topic", "reset:0", "--by-duration", "PT1H") == "reset,0,5\n"
    # Older than any record.
    assert goes("--topic", "reset:0", "--to-datetime", "1969-12-31T23:59:59.999") == "reset,0,0\n"
    assert goes("--topic", "reset:0", "--by-duration", "P99999D") == "reset,0,0\n"
    assert logboom("offsets", *server, "--topic", "reset", "--time", "1960-01-01T00:00:00") == "reset:0:0\nreset:1:\n"

    plan = tmp_path / "plan.csv"
    plan.write_text(goes("--topic", "reset:0", "--to-offset", 3) + "reset,1,77\n")
    assert goes("--from-file", plan) == "reset,0,3\nreset,1,0\n"
    plan.write_text("reset,0,1\nreset,zero,1\n")
    for words, sentence in [
        (["--from-file", plan], "line 2"),
        (["--topic", "reset:7", "--to-latest"], '"reset:7"'),
        (["--topic", "nowhere", "--to-latest"], "'nowhere'"),
        (["--topic", "reset:1", "--shift-by", 1], "reset-1"),
    ]:
        done = reset(*words)
        assert done.returncode == 1 and sentence in done.stderr, (words, done)

    member = [str(BINARY), "consume", *server, "--topic", "reset", "--group", "there", "--timeout-ms", "60000"]
    reading = subprocess.Popen(member, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        stable = ["groups", *server, "--list", "--state", "Stable"]
        lab.wait_until(lambda: "there" in logboom(*stable), 30, "the member has joined")
        done = reset("--topic", "reset", "--to-latest", "--execute")
        assert done.returncode == 1 and "'there' (Stable)" in done.stderr, done
    finally:
        reading.kill()
        reading.wait()


def test_lines_become_records_as_with_the_console_producer(filled):
    server = ["--bootstrap-server", filled.address]
    words = "parse.key=true parse.headers=true null.marker=NULL".split()
    options = [word for each in words for word in ("--property", each)]
    lines = "h1:v1,h2:v2\tk\tv\nnosep\nh1:v1\tkonly\nh,g:1\tk\tv2\nNULL\tNULL\tNULL\nh:NULL\t\t\n"
    formatted = ["-e", "-q", "-f", "h=[%h] k=[%k](%K) v=[%s](%S)\n"]
    # As Kafka 4.0's tool sends them.
    wanted = """h=[h1=v1,h2=v2] k=[k](1) v=[v](1)
h=[] k=[](-1) v=[nosep](5)
h=[h1=v1] k=[](-1) v=[konly](5)
h=[h=NULL,g=1] k=[k](1) v=[v2](2)
h=[] k=[](-1) v=[](-1)
h=[h=NULL] k=[](0) v=[](0)
"""
    logboom("topics", *server, "--create", "--topic", "lines", "--partitions", 1)
    produce = ["produce", *server, "--topic", "lines", *options]
    assert ended(*produce, "--property", "ignore.error=true", stdin=lines).stderr == ""
    assert lab.kcat("-b", filled.address, "-C", "-t", "lines", *formatted) == wanted
    read = ["consume", *server, "--topic", "lines", "--from-beginning", "--exit-at-end", "--format", formatted[-1]]
    assert logboom(*read) == wanted
    # Without that, what comes before the wrong line is sent, and the line is named.
    done = ended(*produce, stdin="h:1\tk\tbefore\nnosep\nh:1\tk\tafter\n")
    assert done.returncode == 1
    assert done.stderr == 'logboom produce: line 2: no headers delimiter in "nosep"\n'
    sent = lab.kcat("-b", filled.address, "-C", "-t", "lines", "-o", 6, "-e", "-q")
    assert sent == "before\n"
    done = ended(*produce, "--property", "headers.separator=:", stdin="")
    assert done.returncode == 2 and "headers.separator and headers.key.separator may not be equal" in done.stderr


def test_groups_are_listed_with_their_states_as_kafka_lists_them(filled):
    server = ["--bootstrap-server", filled.address]
    lines = logboom("groups", *server, "--list", "--state", "Empty").splitlines()
    assert lines[0] == "GROUP           STATE"
    assert "readers         Empty" in lines
    assert logboom("groups", *server, "--list", "--state", "Dead") == "GROUP           STATE\n"


def test_deleting_offsets_forgets_them(filled):
    server = ["--bootstrap-server", filled.address]
    logboom("consume", *server, "--topic", "logs", "--group", "forget", "--from-beginning", "--max-messages", 10)
    assert "logs" in logboom("groups", *server, "--describe", "--group", "forget")
    done = logboom("groups", *server, "--delete-offsets", "--group", "forget", "--topic", "logs")
    assert "logs" in done and "Successful" in done
    again = ended("groups", *server, "--delete-offsets", "--group", "forget", "--topic", "logs")
    assert again.returncode == 1 and "has committed no offset there" in again.stderr


def test_consume_includes_topics_by_pattern(filled):
    server = ["--bootstrap-server", filled.address]
    for topic in ["inc-a", "inc-b", "other"]:
        logboom("produce", *server, "--topic", topic, stdin=f"{topic}\n")
    for option in ["--include", "--whitelist"]:
        got = logboom("consume", *server, option, "inc-.*", "--from-beginning", "--exit-at-end")
        assert sorted(got.split()) == ["inc-a", "inc-b"]
    grouped = ["--group", "inc", "--from-beginning", "--max-messages", 2]
    assert sorted(logboom("consume", *server, "--include", "inc-.*", *grouped).split()) == ["inc-a", "inc-b"]
    none = ended("consume", *server, "--include", "nothing-.*")
    assert none.returncode == 1 and "nothing-.*" in none.stderr


def test_help_and_version_are_commands():
    assert ended("version").stdout == ended("--version").stdout
    assert ended("help").stdout == ended("--help").stdout
    assert ended("help", "topics").stdout == ended("topics", "--help").stdout
    unknown = ended("help", "topik")
    assert unknown.returncode == 2 and "topik" in unknown.stderr


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_completion_is_valid_in_its_shell(shell):
    script = ended("completion", shell).stdout
    for word in ["topics", "if-not-exists", "from-beginning", "version"]:
        assert word in script
    if shutil.which(shell):
        done = subprocess.run([shell, "-n"], input=script, text=True, capture_output=True)
        assert done.returncode == 0, done.stderr


def test_the_page_of_commands_has_the_options_as_they_are():
    """To renew a table: logboom help COMMAND --markdown, between its two markers."""
    page = (ROOT / "docs" / "commands.md").read_text()
    for command in commands():
        block = re.search(
            rf"<!-- logboom help {command} --markdown -->\n(.*?)<!-- end -->", page, re.DOTALL
        )
        assert block, f"docs/commands.md has no table of {command}"
        assert block.group(1) == ended("help", command, "--markdown").stdout, command
