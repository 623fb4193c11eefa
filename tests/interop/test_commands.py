"""The commands as a person types them: exit codes, -t, completion, produce and consume."""

import json
import re
import subprocess
import time

import lab
import pytest
from lab import BINARY, ROOT, logboom


def ended(*arguments, stdin=""):
    return subprocess.run(
        [BINARY, *map(str, arguments)], input=stdin, capture_output=True, text=True, timeout=60
    )


def test_help_names_every_command():
    text = ended("--help").stdout
    for name in ["run", "broker", "up", "topics", "groups", "offsets", "produce", "consume"]:
        assert name in text
        assert ended(name, "--help").returncode == 0


def test_no_command_is_bad_usage():
    none = ended()
    assert none.returncode == 2 and "Usage: logboom" in none.stderr and "consume" in none.stderr
    unknown = ended("no-such-command")
    assert unknown.returncode == 2 and "no command 'no-such-command'" in unknown.stderr


def test_examples_are_valid():
    for config in sorted((ROOT / "examples").glob("*.conf")):
        done = ended("run", "-t", "-f", config)
        assert done.returncode == 0, f"{config}: {done.stderr}"
        assert "Configuration OK" in done.stdout + done.stderr


def test_of_an_option_given_twice_the_last_one_counts():
    twice = ["--path.settings", "/nowhere", "--path.settings", "/", "-u", 5, "--pipeline.batch.delay", 6, "-w", "many", "-w", 2, "-e", "x", "-e", ""]
    for command in ["run", "up"]:
        done = ended(command, "-t", "-t", *twice)
        assert done.returncode == 0, done.stderr


def test_the_small_examples_do_what_they_say(tmp_path):
    run = ["run", "--path.data", tmp_path, "--api.enabled", "false", "-f"]
    made = ended(*run, ROOT / "examples" / "generator.conf")
    assert made.returncode == 0, made.stderr
    assert made.stdout.count("ok: status=200 path=/\n") == 3
    assert made.stdout.count('"failed"') == 3
    read = ended(*run, ROOT / "examples" / "stdin-to-json.conf", stdin='plain\n{"user":"ann"}\n')
    events = [json.loads(line) for line in read.stdout.splitlines()]
    assert events[0]["message"] == "plain" and events[1]["user"] == "ann", read.stdout


def test_a_config_error_names_line_and_column(tmp_path):
    config = tmp_path / "bad.conf"
    config.write_text('input {\n  stdin { typ => "x" }\n}\n')
    done = ended("run", "-t", "-f", config)
    assert done.returncode == 78
    assert "bad.conf:2" in done.stderr and "type" in done.stderr, done.stderr


def test_a_kafka_output_without_a_codec_is_warned_of():
    for codec, is_warned in [("", True), ("codec => plain { format => '%{a}' }", False)]:
        config = "output { kafka { topic_id => 'x' bootstrap_servers => 'localhost:22999' %s } }"
        done = ended("run", "-t", "-e", config % codec)
        assert done.returncode == 0, done.stderr
        assert ("has no codec" in done.stderr) == is_warned


def test_a_bad_property_names_its_line(tmp_path):
    properties = tmp_path / "server.properties"
    properties.write_text("broker.id=1\nnum.partitions=none\n")
    done = ended("broker", properties)
    assert done.returncode == 78
    assert "server.properties:2" in done.stderr and "num.partitions" in done.stderr, done.stderr


def test_a_protection_that_is_not_given_refuses_the_start(tmp_path):
    properties = tmp_path / "server.properties"
    properties.write_text(f"log.dirs={tmp_path}/data\nauthorizer.class.name=kafka.security.authorizer.AclAuthorizer\n")
    for command in (["broker", properties], ["up", "--server.properties", properties, "-e", "input { stdin {} }"]):
        done = ended(*command)
        assert done.returncode == 78, done.stderr
        assert "server.properties:2: authorizer.class.name=" in done.stderr, done.stderr
        assert not (tmp_path / "data").exists()


def test_a_check_of_up_reads_the_brokers_configuration(tmp_path):
    check = ["up", "-t", "--path.data", tmp_path / "kept", "-e", "input { stdin { } }"]
    for wrong, told in [
        (["--server.properties", tmp_path / "none.properties"], "none.properties: No such file"),
        (["--override", "num.partitions=none"], "num.partitions must be"),
        (["--override", "authorizer.class.name=x"], "asks for access control"),
    ]:
        done = ended(*check, *wrong)
        assert done.returncode == 78 and told in done.stderr, done
        assert "OK" not in done.stdout, done
    done = ended(*check, "--override", "num.partitions=2")
    assert done.returncode == 0 and done.stdout == "Configuration OK\n", done
    assert not (tmp_path / "kept").exists()


def test_a_filter_that_fails_says_on_what(tmp_path):
    config = (
        'input { stdin { codec => json_lines } } filter { mutate { rename => { "m" => "[user][m]" } } }'
        " output { stdout { codec => dots } }"
    )
    done = ended("run", "--path.data", tmp_path, "-e", config, stdin='{"m":1,"user":"ann"}\n')
    assert "rename of m to [user][m] cannot be done. failures=1" in done.stderr, done


def test_stdin_to_stdout_as_json(tmp_path):
    config = "input { stdin { codec => line } } output { stdout { codec => json_lines } }"
    done = ended("run", "--path.data", tmp_path, "-e", config, stdin="one\ntwo\n")
    assert done.returncode == 0, done.stderr
    assert [line.count('"message"') for line in done.stdout.splitlines()] == [1, 1]


def test_events_that_elasticsearch_never_sees_are_told_of(tmp_path):
    config = tmp_path / "lost.conf"
    config.write_text("""
input { generator { count => 5000 } }
output { elasticsearch { hosts => "127.0.0.1:9" index => "logs-%{application}" } }
""")
    done = ended("run", "-f", config, "--path.data", tmp_path / "data", "--api.enabled", "false")
    assert done.returncode == 0, done.stderr
    letters = list((tmp_path / "data").rglob("*.ndjson"))
    assert sum(path.read_text().count("\n") for path in letters) == 5000
    told = done.stderr.count("lacks a field of the index name logs-%{application}")
    assert 1 <= told <= 10, done.stderr


def test_what_timeout_sends_twice_is_one_signal(tmp_path):
    config = "input { generator { count => 1 } stdin { } } output { elasticsearch { hosts => '127.0.0.1:9' index => 'i' } }"
    run = [BINARY, "run", "-e", config, "--path.data", tmp_path, "--api.enabled", "false", "--shutdown_timeout", "1"]
    waiting = subprocess.Popen(["timeout", "1", *run], stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    _, told = waiting.communicate(timeout=30)
    assert "Stopping; a second signal stops at once." in told and "Stopping at once" not in told, told


def test_produce_and_consume(broker):
    server = ["--bootstrap-server", broker.address]
    logboom("topics", *server, "--create", "--topic", "logs", "--partitions", "2")
    assert "logs" in logboom("topics", *server, "--list").split()
    logboom("produce", *server, "--topic", "logs", stdin="".join(f"{i}\n" for i in range(100)))
    got = logboom("consume", *server, "--topic", "logs", "--from-beginning", "--max-messages", 100)
    assert sorted(map(int, got.split())) == list(range(100))
    rows = logboom("offsets", *server, "--topic", "logs").split()
    assert sum(int(row.rsplit(":", 1)[1]) for row in rows) == 100


def test_consume_ends_at_the_end_of_uneven_partitions(broker):
    server = ["--bootstrap-server", broker.address]
    logboom("topics", *server, "--create", "--topic", "uneven", "--partitions", 3)
    # Of the short one the end is told long before the long one's last record.
    lab.kcat("-b", broker.address, "-P", "-t", "uneven", "-p", 0, stdin="short\n")
    lab.kcat("-b", broker.address, "-P", "-t", "uneven", "-p", 1, stdin="long\n" * 300_000)
    got = logboom("consume", *server, "--topic", "uneven", "--from-beginning", "--exit-at-end", seconds=20)
    assert got.count("long\n") == 300_000 and got.count("short\n") == 1


def test_a_kafka_input_reads_the_topics_of_a_pattern(broker, tmp_path):
    for topic in ["logs-1", "logs-x", "other"]:
        lab.kcat("-b", broker.address, "-P", "-t", topic, stdin=f"{topic}\n")
    pipeline = lab.Pipeline(
        tmp_path,
        "pattern",
        f'input {{ kafka {{ bootstrap_servers => "{broker.address}" topics_pattern => "logs-(1|x)"'
        ' auto_offset_reset => "earliest" } }\n'
        'output { stdout { codec => line { format => "got %{message}" } } }\n',
    ).start()
    try:
        both = ["got logs-1", "got logs-x"]
        lab.wait_until(
            lambda: all(each in pipeline.text() for each in both), 30, f"both {pipeline.tail()}"
        )
        assert pipeline.stop() == 0, pipeline.tail()
        assert "got other" not in pipeline.text()
    finally:
        pipeline.kill()


def test_a_broker_opens_more_files_than_the_shell_allows_at_first(tmp_path):
    broker = lab.Broker(tmp_path / "broker")
    broker.arguments = ["bash", "-c", 'ulimit -Sn 100 && exec "$@"', "-", *broker.arguments]
    broker.start()
    try:
        many = ["--create", "--topic", "many", "--partitions", "100"]
        logboom("topics", "--bootstrap-server", broker.address, *many)
        assert "offline" not in broker.text()
    finally:
        broker.kill()


def test_what_produce_and_consume_do_not_understand_is_bad_usage():
    for arguments, told in [
        (["produce", "--topic", "x", "--acks", "5"], "--acks"),
        (["produce", "--topic", "x", "--property", "foo=1"], "--property foo: this is not understood"),
        (["produce", "--topic", "x", "--header", "abc"], '"abc" is not name=value'),
        (["consume", "--topic", "x", "--format", "%z"], "format %z"),
    ]:
        done = ended(*arguments, "--bootstrap-server", "127.0.0.1:1")
        assert done.returncode == 2 and told in done.stderr, done.stderr
        assert "library" not in done.stderr


def test_deleting_all_groups_leaves_out_those_in_use(broker, tmp_path):
    server = ["--bootstrap-server", broker.address]
    logboom("produce", *server, "--topic", "read", stdin="line\n")
    logboom("consume", *server, "--topic", "read", "--group", "idle", "--from-beginning", "--max-messages", 1)
    busy = lab.Process(["kcat", "-b", broker.address, "-G", "busy", "read"], tmp_path / "busy.log").start()
    try:
        lab.wait_until(
            lambda: "busy" in logboom("groups", *server, "--list").split(), 20, "busy has joined"
        )
        done = ended("groups", *server, "--delete", "--all-groups")
        assert done.returncode == 1 and "'busy'" in done.stderr and "'idle'" in done.stdout
        assert logboom("groups", *server, "--list").split() == ["busy"]
    finally:
        busy.kill()


@pytest.mark.parametrize("may_create", ["true", "false"])
def test_a_kafka_input_lets_the_broker_make_its_topic_unless_told_not_to(broker, tmp_path, may_create):
    pipeline = lab.Pipeline(
        tmp_path,
        "early",
        f'input {{ kafka {{ bootstrap_servers => "{broker.address}" topics => "not-yet"'
        f' auto_offset_reset => "earliest" auto_create_topics => {may_create} }} }}\n'
        'output { stdout { codec => line { format => "got %{message}" } } }\n',
    ).start()
    topics = lambda: logboom("topics", "--bootstrap-server", broker.address, "--list").split()  # noqa: E731
    try:
        if may_create == "true":
            lab.wait_until(lambda: "not-yet" in topics(), 30, "the topic is made")
        else:
            lab.wait_until(lambda: "not available" in pipeline.text(), 30, "it looks")
            time.sleep(2)
            assert "not-yet" not in topics()
        lab.kcat("-b", broker.address, "-P", "-t", "not-yet", stdin="hello\n")
        lab.wait_until(lambda: "got hello" in pipeline.text(), 60, f"the line {pipeline.tail()}")
        assert pipeline.stop() == 0, pipeline.tail()
    finally:
        pipeline.kill()


def test_an_unreachable_broker_is_one_clear_sentence():
    done = ended("topics", "--bootstrap-server", "127.0.0.1:1", "--list")
    assert done.returncode == 1
    assert "127.0.0.1:1" in done.stderr and done.stderr.count("\n") <= 3, done.stderr


def test_up_runs_broker_and_pipelines_in_one_process(tmp_path):
    log = tmp_path / "in.log"
    log.write_text("".join(f"line {i}\n" for i in range(100)))
    port = lab.free_port()
    config = tmp_path / "both.conf"
    config.write_text(
        f'input {{ file {{ path => "{log}" start_position => "beginning" }} }}\n'
        f'output {{ kafka {{ bootstrap_servers => "127.0.0.1:{port}" topic_id => "logs" }} }}\n'
    )
    arguments = ["up", "-f", config, "--path.data", tmp_path / "data", "--api.enabled", "false"]
    arguments += ["--override", f"listeners=PLAINTEXT://127.0.0.1:{port}"]
    up = lab.Process([BINARY, *arguments], tmp_path / "up.log").start()
    try:
        server = ["--bootstrap-server", f"127.0.0.1:{port}", "--topic", "logs"]
        lab.wait_until(lambda: lab.listening(port) or not up.alive(), 20, f"up listens {up.tail()}")
        listing = ["topics", *server[:2], "--list"]
        lab.wait_until(lambda: "logs" in logboom(*listing).split(), 20, f"the topic {up.tail()}")
        got = logboom("consume", *server, "--from-beginning", "--max-messages", 100, "--timeout-ms", 20000)
        assert got.count("line ") == 100, up.tail()
        assert up.stop() == 0, up.tail()
    finally:
        up.kill()


def test_up_keeps_its_configs_apart(tmp_path):
    # In one config the kafka output would feed the kafka input for ever.
    port = lab.free_port()
    kafka = f'bootstrap_servers => "127.0.0.1:{port}"'
    (tmp_path / "to.conf").write_text(
        "input { generator { count => 100 } }\n"
        f'output {{ kafka {{ {kafka} topic_id => "logs" }} }}\n'
    )
    (tmp_path / "from.conf").write_text(
        f'input {{ kafka {{ {kafka} topics => "logs" auto_offset_reset => "earliest" }} }}\n'
        f'output {{ file {{ path => "{tmp_path}/out.log" }} }}\n'
    )
    arguments = ["up", "-f", tmp_path / "to.conf", "-f", tmp_path / "from.conf", "--api.enabled", "false"]
    arguments += ["--path.data", tmp_path / "data", "--override", f"listeners=PLAINTEXT://127.0.0.1:{port}"]
    up = lab.Process([BINARY, *arguments], tmp_path / "up.log").start()
    out = tmp_path / "out.log"
    try:
        lab.wait_until(lambda: out.exists() and out.read_text().count("\n") >= 100, 30, "100 lines")
        rows = logboom("offsets", "--bootstrap-server", f"127.0.0.1:{port}", "--topic", "logs").split()
        assert sum(int(row.rsplit(":", 1)[1]) for row in rows) == 100
        assert up.stop() == 0, up.tail()
        assert out.read_text().count("\n") == 100
    finally:
        up.kill()


def test_bash_completion_is_valid_bash():
    script = ended("completion", "bash").stdout
    assert "complete " in script
    assert subprocess.run(["bash", "-n"], input=script, text=True).returncode == 0


def test_a_variable_with_a_secret_is_not_shown_where_it_does_not_belong(tmp_path):
    config = 'output { elasticsearch { hosts => "h" timeout => "${ES_PASSWORD}" action => "${ES_PASSWORD}" } }'
    done = subprocess.run(
        [BINARY, "run", "-t", "-e", config],
        env={"ES_PASSWORD": "geheim42"}, capture_output=True, text=True, timeout=20,
    )  # fmt: skip
    assert done.returncode == 78
    assert 'must be a duration such as 5 or "250 ms", not "***"' in done.stderr
    assert "geheim42" not in done.stderr


def test_no_tool_shows_a_secret_that_somebody_typed(tmp_path):
    config = tmp_path / "client.properties"
    dead = ["--bootstrap-server", "127.0.0.1:9", "--topic", "t"]
    for line in [
        "ssl.key.passwort geheim42",
        "ssl.keystore.password: geheim42",
        "sasl.jaas.config=a.b.PlainLoginModule required username=u password=geheim42 x;",
        "sasl.jaas.config geheim42",
        "no.such.password\\\n  = geheim42",
    ]:
        config.write_text(f"security.protocol=SASL_PLAINTEXT\n{line}\n")
        done = ended("produce", *dead, "--command-config", config)
        assert done.returncode == 2, (line, done.stderr)
        assert done.stderr and "geheim42" not in done.stderr
    for arguments in [
        ["topics", "--list", "--bootstrap-server", "me:geheim42@127.0.0.1:9"],
        ["produce", *dead, "--producer-property", "sasl.passwordgeheim42"],
        ["produce", *dead, "--producer-property", "no.such.secret=geheim42"],
        ["run", "-e", "", "--api.auth.basic.pasword=geheim42"],
    ]:
        done = ended(*arguments)
        assert done.returncode == 2, (arguments, done.stderr)
        assert done.stderr and "geheim42" not in done.stderr


def test_what_is_wrong_with_an_option_is_said_in_the_name_of_its_command():
    for arguments, sentence in [
        (["topics", "--topic"], "logboom topics: --topic needs a value"),
        (["topics", "--topic", "a", "--topic", "b"], "logboom topics: --topic is given more than once"),
        (["topics", "--partitions", "x"], "logboom topics: --partitions: Value x not in range"),
        (["completion"], "logboom completion: give one of bash, zsh, fish"),
    ]:
        done = ended(*arguments)
        assert done.returncode == 2
        assert done.stderr.startswith(sentence), done.stderr
        assert f"{sentence.partition(':')[0]} --help lists what there is" in done.stderr


def test_offsets_of_no_partition_are_a_failure(broker):
    server = ["--bootstrap-server", broker.address]
    logboom("topics", *server, "--create", "--topic", "counted", "--partitions", "1")
    assert ended("offsets", *server, "--topic", "counted").stdout == "counted:0:0\n"
    none = ended("offsets", *server, "--topic", "counted", "--partitions", "7")
    assert none.returncode == 1
    assert none.stderr == "logboom offsets: there is no partition that the options choose\n"


def broker_with_an_offline_partition(directory):
    """Topic t has partitions 0, which is offline, and 1."""
    broker = lab.Broker(directory / "broker").start()
    logboom("topics", "--bootstrap-server", broker.address, "--create", "--topic", "t", "--partitions", "2")
    assert broker.stop() == 0
    segment = broker.directory / "data" / "t-0" / f"{0:020}.log"
    segment.unlink()
    segment.mkdir()
    return broker.start()


def test_an_offline_partition_is_named_by_who_waits_for_it(tmp_path):
    broker = broker_with_an_offline_partition(tmp_path)
    server = ["--bootstrap-server", broker.address]
    try:
        done = ended("consume", *server, "--topic", "t", "--from-beginning", "--timeout-ms", 1000)
        assert "waiting: t-0 has no leader: it is offline\n" in done.stderr
        assert "t-1" not in done.stderr
        done = ended("offsets", *server, "--topic", "t")
        assert (done.returncode, done.stdout) == (1, "t:1:0\n")
        assert done.stderr == "logboom offsets: t-0 has no leader: it is offline\n"
    finally:
        broker.kill()


def test_records_of_one_partition_that_wait_are_told_of_while_others_move(tmp_path):
    broker = broker_with_an_offline_partition(tmp_path)
    told = re.compile(r'Records of some partitions wait; others move\. partitions="t-0" records=\d+ cause="no leader: offline"')
    produce = [str(BINARY), "produce", "--bootstrap-server", broker.address, "--topic", "t", "--drain-timeout", "3"]
    said = tmp_path / "said"
    with said.open("w") as errors:
        sending = subprocess.Popen([*produce, "--property", "parse.key=true"], stdin=subprocess.PIPE, stderr=errors)
        try:
            for number in range(100):
                sending.stdin.write(b"%d\tline\n" % number)
                sending.stdin.flush()
                time.sleep(0.05)
            sending.stdin.close()
            assert sending.wait(30) == 1
        finally:
            sending.kill()
            sending.wait()
    try:
        assert len(told.findall(said.read_text())) == 1, said.read_text()
        # Where nothing else moves the cause is the same.
        done = ended(*produce[1:], "--property", "parse.key=true", stdin="0\tline\n2\tline\n4\tline\n5\tline\n")
        assert 'cause="t-0: no leader: offline"' in done.stderr, done.stderr
    finally:
        broker.kill()


def test_a_kafka_input_names_the_partition_it_cannot_read(tmp_path):
    broker = broker_with_an_offline_partition(tmp_path)
    pipeline = lab.Pipeline(
        tmp_path,
        "from",
        f'input {{ kafka {{ topics => "t" bootstrap_servers => "{broker.address}" }} }} output {{ stdout {{ }} }}\n',
    ).start()
    try:
        told = 'Partitions cannot be read. partitions="t-0" cause="no leader: offline"'
        lab.wait_until(lambda: told in pipeline.text(), 40, "the input names the partition")
    finally:
        pipeline.kill()
        broker.kill()


def test_a_check_says_what_would_fail_and_touches_nothing(tmp_path):
    (tmp_path / "file").write_text("no certificate\n")
    kafka = "output { kafka { topic_id => 't' codec => json security_protocol => '%s' %s } }"
    check = ["run", "-t", "--path.data", tmp_path / "data"]
    for config, sentence in [
        (kafka % ("SSL", "ssl_truststore_location => '/no/ca.pem'"), "/no/ca.pem: No such file or directory"),
        (kafka % ("SASL_PLAINTEXT", "sasl_mechanism => 'GSSAPI'"), "GSSAPI needs a key table"),
        (kafka % ("SASL_SSL", "sasl_mechanism => 'OAUTHBEARER'"), "OAUTHBEARER needs a place to get tokens"),
        (
            f"output {{ elasticsearch {{ hosts => 'https://h' ssl_certificate_authorities => '{tmp_path}/file' }} }}",
            "holds no PEM certificate",
        ),
    ]:
        done = ended(*check, "-e", config)
        assert done.returncode == 78, (config, done.stderr)
        assert sentence in done.stderr, done.stderr
    sincedb = f"input {{ file {{ path => '/var/log/*.log' sincedb_path => '{tmp_path}/file/x' }} }} output {{ stdout {{ }} }}"
    done = ended(*check, "-e", sincedb)
    assert done.returncode == 0 and "The sincedb cannot be written there" in done.stderr, done.stderr
    for option, place in [("--path.data", "file/x"), ("--path.logs", "file")]:
        done = ended("run", "-t", option, tmp_path / place, "-e", "")
        assert done.returncode == 78, done.stderr
        assert f"{option[2:]} {tmp_path}/{place} cannot be written" in done.stderr
        assert "Not a directory" in done.stderr
    assert [each.name for each in tmp_path.iterdir()] == ["file"]
