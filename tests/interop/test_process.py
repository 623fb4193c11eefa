"""What a running process shows, keeps and leaves: its log, the permissions of its files, secrets,
what happens to events that nobody can read again, what a check touches."""

import contextlib
import json
import os
import pathlib
import re
import signal
import socket
import stat
import subprocess
import threading

import lab
import pytest
from lab import BINARY

LINE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}[+-]\d\d:\d\d (trace|debug|info |warn |error) \[[\w ]+\] \S")


def ended(*arguments, stdin="", **options):
    return subprocess.run(
        [BINARY, *map(str, arguments)], input=stdin, capture_output=True, text=True, timeout=60, **options
    )


def modes_below(top):
    """Path below top -> permissions, top included."""
    found = {}
    for path in [top, *top.rglob("*")]:
        found[str(path.relative_to(top))] = stat.S_IMODE(path.lstat().st_mode)
    return found


@pytest.mark.parametrize("umask", [0o000, 0o077])
def test_what_is_kept_is_for_owner_and_group_alone(tmp_path, umask):
    logs = tmp_path / "in"
    logs.mkdir()
    (logs / "auth.log").write_text("secret line\n" * 1000)
    kept = tmp_path / "kept"
    port = lab.free_port()
    properties = tmp_path / "server.properties"
    properties.write_text(
        f"listeners=PLAINTEXT://127.0.0.1:{port}\ngroup.initial.rebalance.delay.ms=0\nlog.segment.bytes=20000\n"
    )
    (tmp_path / "agent.conf").write_text(f"""
        input {{ file {{ path => "{logs}/*.log" start_position => "beginning" }} }}
        output {{ kafka {{ bootstrap_servers => "127.0.0.1:{port}" topic_id => "logs" codec => json }} }}
    """)
    (tmp_path / "sink.conf").write_text(f"""
        input {{ kafka {{ bootstrap_servers => "127.0.0.1:{port}" topics => ["logs"] auto_offset_reset => "earliest" }} }}
        output {{ stdout {{ codec => dots }} }}
    """)
    (tmp_path / "letters.conf").write_text("""
        input { generator { count => 1 } }
        output { elasticsearch { hosts => "127.0.0.1:9" index => "logs-%{missing}" } }
    """)
    configs = ["agent", "sink", "letters"]
    up = lab.Process(
        [BINARY, "up", "--server.properties", properties, "--path.data", kept, "--path.logs", kept / "logs"]
        + ["--api.enabled", "false", "--log.level", "debug"]
        + [part for name in configs for part in ("-f", tmp_path / f"{name}.conf")],
        tmp_path / "up.log",
    )
    before = os.umask(umask)
    try:
        up.start()
    finally:
        os.umask(before)
    try:
        lab.wait_until(lambda: up.text().count(".") >= 1000 and list(kept.rglob("*.ndjson")), 30, up.tail())
        lab.wait_until(lambda: list(kept.rglob(".sincedb_*")), 30, "a sincedb")
    finally:
        assert up.stop() == 0, up.tail()
    found = modes_below(kept)
    for kind in ["logs-0/00000000000000000000.log", "logs-0/00000000000000000000.index", "__consumer_offsets-",
                 "checkpoint", "meta.properties", ".sincedb_", "agent.id", ".ndjson", "logs/logboom.log", ".lock"]:
        assert any(kind in name for name in found), (kind, sorted(found))
    for name, mode in found.items():
        assert mode == (0o750 if (kept / name).is_dir() else 0o640), (name, oct(mode))


def test_an_existing_directory_that_lets_more_in_is_told_of_once(tmp_path):
    kept = tmp_path / "kept"
    kept.mkdir(mode=0o755)
    os.chmod(kept, 0o755)
    done = ended("run", "--path.data", kept, "-e", "", stdin="x\n")
    assert done.returncode == 0 and done.stderr.count("0755") == 1, done.stderr
    assert stat.S_IMODE(kept.stat().st_mode) == 0o755


def test_a_run_says_what_it_is_about(tmp_path):
    (tmp_path / "a.log").write_text("one\n")
    run = lab.Pipeline(
        tmp_path,
        "main",
        f'input {{ file {{ path => ["{tmp_path}/a.log", "{tmp_path}/no-such-*.log"] start_position => "beginning" }} }}\n'
        'output { stdout { codec => line { format => "got %{message}" } } }',
        "--log.level=trace",
    ).start()
    lab.wait_until(lambda: "got one" in run.text(), 20, run.tail())
    assert run.stop() == 0, run.tail()
    text = run.text()
    for said in [
        "[run] logboom starts.",
        f"Pipeline is read. pipeline=main config={tmp_path}/main.conf",
        f"State is kept in {tmp_path}/main-data.",
        "Pipeline runs. pipeline=main inputs=1",
        "logboom is ready. pipelines=1",
        f"no-such-*.log",
        "A batch came in. pipeline=main",
        "An event came in. pipeline=main",
        "Stopping;",
        "Pipeline has ended. pipeline=main",
        "logboom has stopped.",
    ]:
        assert said in text, (said, text)
    assert text.index("is ready") < text.index("Stopping") < text.index("has stopped")
    for line in text.splitlines():
        assert LINE.match(line) or line == "got one", line


def test_a_run_says_where_its_api_is(tmp_path):
    done = ended("run", "--path.data", tmp_path, "-e", "", stdin="x\n")
    assert re.search(r"The HTTP API answers\. address=http://127\.0\.0\.1:\d+\n", done.stderr), done.stderr


def test_a_check_whose_answer_cannot_be_written_fails(tmp_path):
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [BINARY, "run", "-t", "-e", "", "--path.data", tmp_path], stdout=full, stderr=subprocess.PIPE, text=True, timeout=60
        )
    assert done.returncode == 1 and "No space left" in done.stderr, done.stderr


def with_closed(streams, *arguments):
    """The command line of a starter that has closed these streams: "<&- >&-"."""
    return ["sh", "-c", f'exec "$0" "$@" {streams}', str(BINARY), *map(str, arguments)]


@pytest.mark.parametrize("streams", ["2>&-", ">&- 2>&-", "<&- >&- 2>&-"])
def test_the_number_of_a_closed_stream_is_given_to_no_file(tmp_path, streams):
    port = lab.free_port()
    broker = subprocess.Popen(with_closed(
        streams, "broker", "--override", f"listeners=PLAINTEXT://127.0.0.1:{port}",
        "--override", f"log.dirs={tmp_path / 'kept'}", "--log.level", "trace",
    ))
    try:
        lab.wait_until(lambda: ended("topics", "--list", "--bootstrap-server", f"127.0.0.1:{port}").returncode == 0,
                       20, "a broker")
        for number in (2, 1, 0)[:streams.count("-")]:
            assert os.readlink(f"/proc/{broker.pid}/fd/{number}") == "/dev/null"
    finally:
        broker.terminate()
        assert broker.wait(20) == 0
    for path in (tmp_path / "kept").rglob("*"):
        assert path.is_dir() or b"[broker]" not in path.read_bytes(), path


def test_closed_standard_streams_of_a_run_are_a_failure(tmp_path):
    config = "input { stdin { } } output { stdout { } }"
    run = ["run", "--path.data", tmp_path, "--api.enabled", "false", "-e", config]
    for streams, told in [
        ("<&-", "standard input: Bad file descriptor"),
        ("</", "standard input: Is a directory"),
        (">&-", "plugin=stdout_"),
        (">&-", "standard output: Bad file descriptor"),
    ]:
        done = subprocess.run(
            with_closed(streams, *run), input="x\n", capture_output=True, text=True, timeout=30
        )
        assert done.returncode == 1 and told in done.stderr, (streams, done)


def test_warnings_are_lines_of_the_log(tmp_path):
    config = "input { generator { count => 1 } } output { stdout { codec => dots } }"
    arguments = ["run", "-t", "--path.data", tmp_path, "-e", config, "--pipeline.ordered", "true"]
    loud = ended(*arguments)
    assert " warn  [run] " in loud.stderr and "warning:" not in loud.stderr, loud.stderr
    assert ended(*arguments, "--log.level", "error").stderr == ""


def test_the_log_as_json_and_in_a_file(tmp_path):
    logs = tmp_path / "logs"
    run = lab.Pipeline(
        tmp_path, "main", "input { generator { } } output { stdout { codec => plain { format => '' } } }",
        "--log.format=json", f"--path.logs={logs}",
    ).start()
    kept = logs / "logboom.log"
    lab.wait_until(lambda: kept.exists() and "is ready" in kept.read_text(), 20, run.tail())
    kept.rename(logs / "logboom.log.1")
    run.running.send_signal(signal.SIGHUP)
    lab.wait_until(lambda: kept.exists() and "SIGHUP" in kept.read_text(), 20, run.tail())
    run.stop()
    for text in [kept.read_text(), (logs / "logboom.log.1").read_text(), run.text()]:
        for line in text.splitlines():
            seen = json.loads(line)
            assert {"time", "timeMillis", "level", "thread", "loggerName", "logEvent"} == set(seen), line
    assert "logboom has stopped" in kept.read_text()
    assert stat.S_IMODE(kept.stat().st_mode) == 0o640


def test_logstash_yml_says_how_to_log(tmp_path):
    (tmp_path / "logstash.yml").write_text(f"log.level: warn\nlog.format: json\npath.logs: {tmp_path}/logs\n")
    done = ended("run", "--path.settings", tmp_path, "--path.data", tmp_path / "data", "-e", "", stdin="x\n")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stderr.splitlines()[0])["level"] == "WARN", done.stderr
    assert "[info" not in done.stderr and (tmp_path / "logs" / "logboom.log").read_text() == done.stderr


def test_the_broker_logs_the_same_way(tmp_path):
    logs = tmp_path / "logs"
    broker = lab.Broker(tmp_path / "broker")
    broker.arguments += ["--log.format", "json", "--path.logs", str(logs), "--log.level", "debug"]
    broker.start()
    broker.running.send_signal(signal.SIGHUP)
    lab.wait_until(lambda: "SIGHUP" in (logs / "logboom.log").read_text(), 20, "the hangup is told of")
    assert broker.stop() == 0
    for line in broker.text().splitlines():
        json.loads(line)
    assert "The broker has stopped" in broker.text()
    wrong = ended("broker", "--log.format", "xml")
    assert wrong.returncode == 2 and "plain or json" in wrong.stderr


@pytest.mark.parametrize("output", [
    'elasticsearch { hosts => "127.0.0.1:9" index => "i" }',
    'kafka { bootstrap_servers => "127.0.0.1:9" topic_id => "t" codec => json }',
])
def test_events_that_nobody_can_read_again_are_not_lost_without_a_word(tmp_path, output):
    run = subprocess.Popen(
        [BINARY, "run", "-e", "input { stdin { } } output { %s }" % output, "--path.data", tmp_path]
        + ["--api.enabled", "false", "--shutdown_timeout", "1", "--log.level", "debug"],
        stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )
    said = []
    came_in = threading.Event()

    def listen():
        for line in run.stderr:
            said.append(line)
            if "A batch came in" in line:
                came_in.set()

    listener = threading.Thread(target=listen)
    listener.start()
    run.stdin.write("x\ny\nz\n")
    run.stdin.close()
    assert came_in.wait(20), said
    run.send_signal(signal.SIGTERM)
    assert run.wait(30) == 1, said
    listener.join()
    text = "".join(said)
    assert re.search(r"Events are lost: .* pipeline=main input=\S*stdin\S* events=3", text), text
    assert "read again. pipeline" not in text, text


def test_a_stop_takes_what_lies_in_the_pipe(tmp_path):
    """However the stop and the lines meet, none is missing."""
    lines = "".join(f"{i}\n" for i in range(20_000))
    run = subprocess.Popen(
        [BINARY, "run", "-e", "input { stdin { } } output { stdout { codec => line { format => '%{message}' } } }"]
        + ["--path.data", tmp_path, "--api.enabled", "false"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    )
    got = []
    reader = threading.Thread(target=lambda: got.extend(run.stdout))
    reader.start()
    run.stdin.write(lines)
    run.stdin.flush()
    run.send_signal(signal.SIGTERM)
    assert run.wait(30) == 0
    reader.join()
    run.stdin.close()
    assert "".join(got) == lines


@contextlib.contextmanager
def counted_connections():
    """A port, and a list that gets a row for each connection to it."""
    seen = []
    with contextlib.closing(socket.create_server(("127.0.0.1", 0))) as server:

        def accept():
            with contextlib.suppress(OSError):
                while True:
                    connection, _ = server.accept()
                    seen.append(1)
                    connection.close()

        threading.Thread(target=accept, daemon=True).start()
        yield server.getsockname()[1], seen


def test_a_check_touches_nothing_outside(tmp_path):
    with counted_connections() as (port, seen):
        config = f"""
            input {{
              kafka {{ bootstrap_servers => "127.0.0.1:{port}" topics => ["t"] }}
              file {{ path => "/var/log/*.log" }}
            }}
            output {{
              kafka {{ bootstrap_servers => "127.0.0.1:{port}" topic_id => "t" codec => json }}
              elasticsearch {{ hosts => "127.0.0.1:{port}" index => "i" }}
              file {{ path => "{tmp_path}/out/%{{message}}" }}
            }}"""
        options = ["-t", "--path.data", tmp_path / "data", "--path.logs", tmp_path / "logs", "-e", config]
        for command in ["run", "up"]:
            done = ended(command, *options, cwd=tmp_path, env={**os.environ, "HOME": str(tmp_path)})
            assert done.returncode == 0, done.stderr
        assert seen == []
        assert list(tmp_path.iterdir()) == []


def test_a_check_still_finds_what_librdkafka_refuses(tmp_path):
    wrong = {
        "input": 'kafka { topics => ["t"] security_protocol => "SSL" ssl_truststore_type => "PEM" ssl_truststore_location => "/no/such.pem" }',
        "output": 'kafka { topic_id => "t" codec => json security_protocol => "SSL" ssl_truststore_type => "PEM" ssl_truststore_location => "/no/such.pem" }',
    }
    for section, plugin in wrong.items():
        done = ended("run", "-t", "--path.data", tmp_path, "-e", f"{section} {{ {plugin} }}")
        assert done.returncode == 78 and "/no/such.pem" in done.stderr, done.stderr


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_a_log_directory_that_may_not_be_used_says_so(tmp_path):
    theirs = tmp_path / "theirs"
    theirs.mkdir(mode=0o755)
    for path in [*tmp_path.parents, tmp_path]:
        with contextlib.suppress(PermissionError):
            os.chmod(path, path.stat().st_mode | 0o011)
    binary = tmp_path / "logboom"
    binary.write_bytes(BINARY.read_bytes())
    binary.chmod(0o755)
    told = subprocess.run(
        [binary, "broker", "--override", f"log.dirs={theirs}", "--override", f"listeners=PLAINTEXT://127.0.0.1:{lab.free_port()}"],
        capture_output=True, text=True, timeout=30, user=65534, group=65534, extra_groups=[],
    )
    assert told.returncode == 1, told.stderr
    assert "Permission denied" in told.stderr and "another process" not in told.stderr, told.stderr


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_settings_that_may_not_be_read_are_not_taken_for_missing(tmp_path):
    closed = tmp_path / "closed"
    closed.mkdir()
    (closed / "logstash.yml").write_text("log.level: error\n")
    (closed / "a.conf").write_text("input { stdin { } }\n")
    closed.chmod(0o700)
    for path in [*tmp_path.parents, tmp_path]:
        with contextlib.suppress(PermissionError):
            os.chmod(path, path.stat().st_mode | 0o011)
    binary = tmp_path / "logboom"
    binary.write_bytes(BINARY.read_bytes())
    binary.chmod(0o755)
    for options in [["--path.settings", closed, "-e", ""], ["-f", closed]]:
        told = subprocess.run(
            [binary, "run", "-t", *options], capture_output=True, text=True, timeout=30, user=65534, group=65534, extra_groups=[]
        )
        assert told.returncode == 78 and "Permission denied" in told.stderr, told.stderr


def test_a_log_directory_in_use_says_so(broker):
    other = ["--override", f"listeners=PLAINTEXT://127.0.0.1:{lab.free_port()}"]
    told = ended(*broker.arguments[1:], *other)
    assert told.returncode == 1 and "another process uses this log directory" in told.stderr, told.stderr


def test_secrets_stay_out_of_messages(tmp_path):
    configs = [
        'output { elasticsearch { hosts => "https://me:geheim@es host" } }',
        'output { elasticsearch { hosts => ["https://me:geheim@es:99999"] } }',
        'output { elasticsearch { user => "me" password => "geheim" bogus => 1 } }',
        'output { elasticsearch { user => "me" pasword => "geheim" } }',
        'output { elasticsearch { api_key => "geheim" hosts => "http://es" ssl_enabled => false } }',
        'output { elasticsearch { password => "geheim" user } }',
        'output { elasticsearch { password => "geheim',
        "output { kafka { topic_id => t sasl_jaas_config => \"x required\n password='geheim'\" bogus => 1 } }",
    ]
    for config in configs:
        path = tmp_path / "secret.conf"
        path.write_text("input { stdin { } }\n" + config + "\n")
        for options in [[], ["--log.level", "trace"]]:
            done = ended("run", "-t", "--path.data", tmp_path, "-f", path, *options)
            assert "geheim" not in done.stderr + done.stdout, done.stderr
            assert done.returncode == 78 and "secret.conf" in done.stderr, (config, done.stderr)


def test_a_broker_says_each_request_batch_and_record(tmp_path):
    broker = lab.Broker(tmp_path / "broker")
    broker.arguments += ["--log.level", "trace"]
    broker.start()
    address = ["--bootstrap-server", broker.address]
    try:
        lab.logboom("produce", *address, "--topic", "t", stdin="one\nthree\n")
        got = lab.logboom("consume", *address, "--topic", "t", "--from-beginning", "--max-messages", "2")
        assert got.split() == ["one", "three"]
        text = broker.text()
        for said in [
            "debug [broker] A request came. api=Produce",
            "debug [broker] A batch was appended. topic=t partition=0 base_offset=0 last_offset=",
            "trace [broker] A record came. topic=t partition=0 timestamp=",
            "key_bytes=-1 value_bytes=3",
            "debug [broker] Batches are sent. topic=t partition=0 from=0 next=",
        ]:
            assert said in text, (said, text)
        # Of records only their sizes are said.
        assert "three" not in text
    finally:
        broker.kill()
