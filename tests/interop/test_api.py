"""The HTTP API as its users see it: over HTTP and HTTPS, with a pipeline or a broker behind it, and
through Prometheus' own linter where it is installed."""

import base64
import json
import shutil
import socket
import ssl
import subprocess
import urllib.error
import urllib.request

import lab
import pytest


class Api:
    def __init__(self, port, scheme="http", login=None, context=None):
        self.base = f"{scheme}://127.0.0.1:{port}"
        self.login = login
        self.context = context

    def ask(self, path, method="GET", body=None):
        """Status, headers and text."""
        request = urllib.request.Request(self.base + path, data=body, method=method)
        if self.login:
            token = base64.b64encode(self.login.encode()).decode()
            request.add_header("Authorization", f"Basic {token}")
        try:
            with urllib.request.urlopen(request, timeout=10, context=self.context) as answer:
                return answer.status, answer.headers, answer.read().decode()
        except urllib.error.HTTPError as refused:
            return refused.code, refused.headers, refused.read().decode()

    def get(self, path):
        status, _, text = self.ask(path)
        assert status == 200, (path, status, text)
        return json.loads(text)

    def metrics(self):
        """By the text before the value."""
        lines = self.ask("/metrics")[2].splitlines()
        return {
            line.rpartition(" ")[0]: float(line.rpartition(" ")[2])
            for line in lines
            if not line.startswith("#")
        }


def lint(text):
    """What promtool finds; nothing when it is not installed."""
    tool = shutil.which("promtool")
    if tool is None:
        return ""
    found = subprocess.run([tool, "check", "metrics"], input=text, text=True, capture_output=True)
    return found.stdout + found.stderr


def pipeline(tmp_path, config, *options):
    port = lab.free_port()
    made = lab.Pipeline(
        tmp_path, "p", config, "--api.enabled", "true", "--api.http.port", port, *options
    )
    made.port = port
    return made


def started(process):
    process.start()
    lab.wait_until(
        lambda: lab.listening(process.port) or not process.alive(), 20, f"the API\n{process.tail()}"
    )
    assert process.alive(), process.tail()
    return process


IDLE = 'input { generator { count => 1 } file { path => "/nowhere/*.log" } } output { file { path => "%s" } }'


@pytest.fixture
def idle(tmp_path):
    process = started(pipeline(tmp_path, IDLE % (tmp_path / "out")))
    yield process
    process.kill()


def test_monitors_of_logstash_are_answered(idle, tmp_path):
    api = Api(idle.port)
    who = api.get("/")
    assert who["host"] and who["id"] and who["ephemeral_id"] and who["id"] != who["ephemeral_id"]
    version = lab.logboom("--version").split()[-1]
    assert who["logboom"]["version"] == version
    assert who["http_address"] == f"127.0.0.1:{idle.port}"
    # metricbeat's modules node and node_stats.
    assert list(api.get("/_node/pipelines?graph=true")["pipelines"]) == ["main"]
    lab.wait_until(lambda: api.get("/_node/stats")["events"]["out"] == 1, 10, "the event is out")
    stats = api.get("/_node/stats?vertices=true")
    assert stats["status"] == "green"
    assert stats["events"]["in"] == 1
    assert stats["jvm"]["uptime_in_millis"] > 0
    inputs = {each["name"]: each for each in stats["pipelines"]["main"]["plugins"]["inputs"]}
    assert inputs["generator"]["events"]["out"] == 1
    assert api.get("/_health_report")["status"] == "green"
    assert {"name": "logstash-input-file", "version": version} in api.get("/_node/plugins")["plugins"]
    assert api.ask("/health/live")[0] == api.ask("/health/ready")[0] == 200
    idle.stop()
    again = started(pipeline(tmp_path, IDLE % (tmp_path / "out")))
    try:
        new = Api(again.port).get("/")
    finally:
        again.kill()
    assert new["id"] == who["id"]
    assert new["ephemeral_id"] != who["ephemeral_id"]


# What monitors of Logstash decode, by where they look: a Go type that JSON must fit. From metricbeat's
# logstash module (node, node_stats) and from two Prometheus exporters.
NODE = {"host": str, "version": str, "jvm.version": str, "jvm.pid": int}
NODE_STATS = {
    "host": str, "version": str, "http_address": str, "id": str, "name": str, "ephemeral_id": str,
    "status": str, "snapshot": bool, "pipeline.workers": int, "pipeline.batch_size": int,
    "pipeline.batch_delay": int, "jvm.threads.count": int, "jvm.threads.peak_count": int,
    "jvm.mem.heap_used_percent": int, "jvm.mem.heap_committed_in_bytes": int,
    "jvm.mem.heap_max_in_bytes": int, "jvm.mem.heap_used_in_bytes": int,
    "jvm.mem.non_heap_used_in_bytes": int, "jvm.mem.non_heap_committed_in_bytes": int,
    "jvm.mem.pools": dict, "jvm.gc.collectors": dict, "jvm.uptime_in_millis": int,
    "process.open_file_descriptors": int, "process.peak_open_file_descriptors": int,
    "process.max_file_descriptors": int, "process.mem.total_virtual_in_bytes": int,
    "process.cpu.total_in_millis": int, "process.cpu.percent": int,
    "process.cpu.load_average.1m": float, "process.cpu.load_average.5m": float,
    "process.cpu.load_average.15m": float, "events.in": int, "events.filtered": int,
    "events.out": int, "events.duration_in_millis": int,
    "events.queue_push_duration_in_millis": int, "reloads.successes": int, "reloads.failures": int,
    "os": dict, "queue.events_count": int,
}  # fmt: skip
FLOWS = ["input_throughput", "filter_throughput", "output_throughput", "worker_concurrency"]
NODE_STATS |= {f"flow.{each}.{window}": float for each in FLOWS for window in ["current", "lifetime"]}
PIPELINE_STATS = {
    "hash": str, "ephemeral_id": str, "events.in": int, "events.filtered": int, "events.out": int,
    "events.duration_in_millis": int, "events.queue_push_duration_in_millis": int,
    "reloads.successes": int, "reloads.failures": int, "queue.type": str, "queue.events_count": int,
    "queue.queue_size_in_bytes": int, "queue.max_queue_size_in_bytes": int,
    "plugins.inputs": list, "plugins.filters": list, "plugins.outputs": list, "plugins.codecs": list,
    "vertices": list,
}  # fmt: skip
PLUGIN = {"id": str, "name": str}
WORKING = {"events.in": int, "events.out": int, "events.duration_in_millis": int}


def decode(document, shape):
    for place, kind in shape.items():
        found = document
        for name in place.split("."):
            assert name in found, place
            found = found[name]
        # A Go int takes no fraction, a float takes an integer.
        assert type(found) is kind or (kind is float and type(found) is int), (place, found)


def test_documents_have_what_monitors_decode(tmp_path):
    config = (
        "input { generator { count => 3 } file { path => '/nowhere/*.log' } }"
        "filter { mutate { add_tag => ['a'] } }"
        f"output {{ file {{ path => '{tmp_path}/out' }} }}"
    )
    process = started(pipeline(tmp_path, config))
    try:
        api = Api(process.port)
        # metricbeat says nothing to a Logstash that is older than 7.3.
        version = [int(each) for each in api.get("/")["version"].split(".")]
        assert version >= [7, 3, 0]
        lab.wait_until(lambda: api.get("/_node/stats")["events"]["out"] == 3, 10, "three events out")
        decode(api.get("/_node"), NODE)
        for pipelines in (api.get("/_node/pipelines?graph=true"), api.get("/_node?graph=true")):
            state = pipelines["pipelines"]["main"]
            decode(state, {"ephemeral_id": str, "hash": str, "batch_size": int, "workers": int})
            decode(state, {"graph.graph.vertices": list, "graph.graph.edges": list})
            assert len(state["graph"]["graph"]["vertices"]) == 4
        stats = api.get("/_node/stats?vertices=true")
        decode(stats, NODE_STATS)
        one = stats["pipelines"]["main"]
        decode(one, PIPELINE_STATS)
        # metricbeat drops a pipeline without them.
        assert one["hash"] == state["hash"] and one["ephemeral_id"] == state["ephemeral_id"]
        assert {each["id"] for each in one["vertices"]} == {
            each["id"] for each in state["graph"]["graph"]["vertices"]
        }
        for kind in ("inputs", "filters", "outputs"):
            for each in one["plugins"][kind]:
                decode(each, PLUGIN | ({"events.out": int} if kind == "inputs" else WORKING))
        assert lint(api.ask("/metrics")[2]) == ""
    finally:
        process.kill()


def test_a_port_that_is_taken_ends_the_start(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        refused = pipeline(tmp_path, IDLE % (tmp_path / "out"), "--api.http.port", port)
        refused.start()
        assert refused.running.wait(20) == 1
        assert f"the HTTP API cannot listen on 127.0.0.1:{port}: Address already in use" in refused.tail()
        refused = lab.Broker(tmp_path / "broker")
        refused.arguments += ["--api.http.port", str(port)]
        lab.Process.start(refused)
        assert refused.running.wait(20) == 1
        assert f"127.0.0.1:{port}: Address already in use" in refused.tail()


def test_other_methods_and_paths_are_refused(idle):
    api = Api(idle.port)
    for method, body in (("POST", b"x" * 3000), ("PUT", b"{}"), ("DELETE", None)):
        status, headers, text = api.ask("/_node/stats", method, body)
        assert status == 405, (method, text)
        assert headers["Allow"] == "GET, HEAD"
    status, _, text = api.ask("/no")
    assert (status, json.loads(text)["error"]["message"]) == (404, "Not Found")
    assert api.ask("/_node/stats/pipelines/other")[0] == 404
    status, headers, text = api.ask("/_node", "HEAD")
    assert (status, text) == (200, "") and int(headers["Content-Length"]) > 100


def test_with_elasticsearch_down_no_number_misleads(tmp_path):
    dead = lab.free_port()
    config = (
        "input { generator { count => 5 } }"
        f'output {{ elasticsearch {{ id => "es" hosts => ["127.0.0.1:{dead}"] index => "x" }} }}'
    )
    process = started(pipeline(tmp_path, config))
    try:
        api = Api(process.port)
        lab.wait_until(lambda: api.get("/")["status"] == "red", 20, "red")
        stats = api.get("/_node/stats")
        assert stats["events"]["in"] == 5
        assert stats["events"]["out"] == 0
        output = stats["pipelines"]["main"]["plugins"]["outputs"][0]
        assert output["events"] == {"in": 5, "out": 0} | {
            "duration_in_millis": output["events"]["duration_in_millis"]
        }
        assert output["bulk_requests"]["failures"] > 0
        symptom = api.get("/_health_report")["indicators"]["pipelines"]["indicators"]["main"]["symptom"]
        assert "'es' cannot reach" in symptom and str(dead) in symptom
        metrics = api.metrics()
        mine = 'pipeline="main",plugin="elasticsearch",id="es"'
        assert metrics[f'logboom_elasticsearch_host_up{{{mine},host="http://127.0.0.1:{dead}"}}'] == 0
        read = [
            value
            for name, value in metrics.items()
            if name.startswith("logboom_pipeline_plugin_events_in_total") and 'kind="input"' in name
        ]
        assert read == [5]
        assert lint(api.ask("/metrics")[2]) == ""
    finally:
        process.kill()


def test_a_password_is_asked_for(tmp_path):
    settings = tmp_path / "settings"
    settings.mkdir()
    (settings / "logstash.yml").write_text(
        "api.auth.type: basic\napi.auth.basic.username: me\napi.auth.basic.password: Secret0123\n"
    )
    process = started(pipeline(tmp_path, IDLE % (tmp_path / "out"), "--path.settings", settings))
    try:
        status, headers, _ = Api(process.port).ask("/metrics")
        assert status == 401
        assert headers["WWW-Authenticate"].startswith("Basic ")
        assert Api(process.port, login="me:wrong").ask("/")[0] == 401
        assert Api(process.port, login="me:Secret0123").ask("/")[0] == 200
    finally:
        process.kill()


def openssl(*arguments):
    subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True)


def test_https_with_a_keystore_and_with_pem(tmp_path):
    key, certificate, store = tmp_path / "key.pem", tmp_path / "certificate.pem", tmp_path / "api.p12"
    openssl(
        "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=localhost", "-days", "2",
        "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", certificate,
    )  # fmt: skip
    openssl(
        "pkcs12", "-export", "-inkey", key, "-in", certificate, "-out", store,
        "-passout", "pass:changeit",
    )  # fmt: skip
    trusted = ssl.create_default_context(cafile=str(certificate))
    keystore = ["--api.ssl.keystore.path", store, "--api.ssl.keystore.password", "changeit"]
    pem = ["--api.ssl.certificate", certificate, "--api.ssl.key", key]
    for options in (keystore, pem):
        config = IDLE % (tmp_path / "out")
        process = started(pipeline(tmp_path, config, "--api.ssl.enabled", "true", *options))
        try:
            assert Api(process.port, "https", context=trusted).get("/")["status"] == "green"
            with pytest.raises((urllib.error.URLError, OSError)):
                Api(process.port).ask("/")
        finally:
            process.kill()
    old = ssl.create_default_context(cafile=str(certificate))
    old.maximum_version = ssl.TLSVersion.TLSv1_2
    for version, refused in [("TLSv1.3", old), ("TLSv1.2", None)]:
        only = ["--api.ssl.enabled", "true", *pem, "--api.ssl.supported_protocols", version]
        process = started(pipeline(tmp_path, IDLE % (tmp_path / "out"), *only))
        try:
            assert Api(process.port, "https", context=trusted).get("/")["status"] == "green"
            if refused:
                with pytest.raises((urllib.error.URLError, OSError)):
                    Api(process.port, "https", context=refused).ask("/")
        finally:
            process.kill()
    for options in (
        ["--api.ssl.keystore.path", store, "--api.ssl.keystore.password", "wrong"],
        ["--api.ssl.keystore.path", key],
        ["--api.ssl.certificate", certificate],
        [],
    ):
        refused = pipeline(
            tmp_path, IDLE % (tmp_path / "out"), "--api.ssl.enabled", "true", *options
        )
        refused.start()
        assert refused.running.wait(20) == 78, options
        assert "api.ssl" in refused.tail()


def test_a_broker_shows_topics_partitions_groups_and_requests(tmp_path):
    port = lab.free_port()
    broker = lab.Broker(tmp_path / "broker")
    broker.arguments += ["--api.http.host", "127.0.0.1", "--api.http.port", str(port)]
    broker.start()
    try:
        api = Api(port)
        lab.logboom("topics", "--bootstrap-server", broker.address, "--create", "--topic", "t")
        lab.logboom(
            "produce", "--bootstrap-server", broker.address, "--topic", "t", stdin="a\nb\nc\n"
        )
        lab.logboom(
            "consume", "--bootstrap-server", broker.address, "--topic", "t", "--group", "g",
            "--from-beginning", "--max-messages", "2",
        )  # fmt: skip
        place = 'topic="t",partition="0"'
        metrics = lab.wait_until(
            lambda: (now := api.metrics()).get(f"logboom_log_end_offset{{{place}}}") == 3
            and any("logboom_broker_group_lag_records" in each for each in now)
            and now,
            20,
            "the gauges have been set",
        )
        assert metrics[f"logboom_log_start_offset{{{place}}}"] == 0
        assert metrics[f"logboom_log_size_bytes{{{place}}}"] > 0
        assert metrics['logboom_log_appended_records_total{topic="t"}'] == 3
        assert metrics['logboom_log_fetched_bytes_total{topic="t"}'] > 0
        committed = metrics[f'logboom_broker_group_committed_offset{{group="g",{place}}}']
        lag = metrics[f'logboom_broker_group_lag_records{{group="g",{place}}}']
        assert committed + lag == 3
        assert metrics['logboom_broker_request_duration_seconds_count{api="Produce"}'] > 0
        assert lint(api.ask("/metrics")[2]) == ""
        who = api.get("/")
        assert who["status"] == "green" and who["id"] and who["host"]
        lab.logboom("topics", "--bootstrap-server", broker.address, "--delete", "--topic", "t")
        lab.wait_until(
            lambda: not any('topic="t"' in each for each in api.metrics()),
            20,
            "the topic's series are gone",
        )
        broker.kill()
        broker.start()
        again = api.get("/")
        assert again["id"] == who["id"] and again["ephemeral_id"] != who["ephemeral_id"]
    finally:
        broker.kill()


def test_the_followed_files_can_be_asked_for(tmp_path):
    logs = tmp_path / "logs"
    logs.mkdir()
    (logs / "a.log").write_text("1\n22\nhalf")
    config = 'input { file { id => "logs" path => "%s/*.log" start_position => "beginning" } } output { file { path => "%s" } }'
    process = started(pipeline(tmp_path, config % (logs, tmp_path / "out")))
    api = f"http://127.0.0.1:{process.port}"

    def asked(*arguments):
        return subprocess.run(
            [lab.BINARY, "agent", *arguments, "--api", api], capture_output=True, text=True, timeout=30
        )

    def bytes_of():
        return json.loads(asked("files", "--json").stdout)["inputs"][0].get("bytes", {})

    try:
        lab.wait_until(lambda: bytes_of().get("delivered") == 5, 20, "two lines are delivered")
        assert bytes_of()["read"] == 9 and bytes_of()["in_flight"] == 4
        files = asked("files").stdout.splitlines()
        assert files[0].split() == ["NAME", "OFFSET", "SIZE", "LAG", "SECONDS", "STATE", "ID", "ERROR"]
        assert files[1].split()[:4] == [str(logs / "a.log"), "5", "9", "4"]
        ledger = asked("ledger").stdout.splitlines()
        assert ledger[-1].split() == ["all", "of", "main/logs", "9", "5", "4", "0", "0"]
        one = Api(process.port).get("/agent/files?limit=0")["inputs"][0]
        assert one["files"] == [] and one["file_count"] == 1 and one["answered"]
    finally:
        process.kill()
    gone = asked("files")
    assert gone.returncode == 1 and "cannot be reached" in gone.stderr
    assert asked().returncode == 2
