"""What the tests and the demo start: the broker, pipelines, a real Elasticsearch, Kafka's Java tools.

Everything runs on 127.0.0.1, in a directory of its own, and is ended by its process id.
"""

import base64
import contextlib
import json
import os
import pathlib
import random
import signal
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
BINARY = pathlib.Path(os.environ.get("LOGBOOM_BINARY", ROOT / "build" / "logboom"))
EXAMPLES = ROOT / "examples"
SUPPORT = ROOT / "tests" / "support"


def free_port():
    """A port below the ephemeral range: a server on it can restart without being robbed of it."""
    while True:
        port = random.randrange(11000, 31000)
        with contextlib.closing(socket.socket()) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            with contextlib.suppress(OSError):
                probe.bind(("127.0.0.1", port))
                return port


def wait_until(condition, seconds, what):
    """Polls until condition() is true and returns what it gave."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds} s: {what}")
        time.sleep(0.05)


def listening(port):
    with contextlib.closing(socket.socket()) as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


class Process:
    """A program in the background whose output goes to a file."""

    def __init__(self, arguments, log, environment=None):
        self.arguments = [str(each) for each in arguments]
        self.log = pathlib.Path(log)
        self.environment = environment
        self.running = None

    def start(self):
        with open(self.log, "ab") as out:
            self.running = subprocess.Popen(
                self.arguments,
                stdout=out,
                stderr=out,
                stdin=subprocess.DEVNULL,
                env=self.environment,
                start_new_session=True,  # Ctrl-C is for the one who started us
            )
        return self

    @property
    def pid(self):
        return self.running.pid

    def alive(self):
        return self.running is not None and self.running.poll() is None

    def kill(self):
        """kill -9, and gone when this returns."""
        if self.alive():
            self.running.send_signal(signal.SIGKILL)
        self.running.wait()

    def stop(self, seconds=20):
        """SIGTERM; the exit code."""
        if self.alive():
            self.running.send_signal(signal.SIGTERM)
        try:
            return self.running.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"did not end on SIGTERM: {self.arguments}\n{self.tail()}")

    def text(self):
        return self.log.read_text(errors="replace")

    def tail(self, lines=30):
        return "\n".join(self.text().splitlines()[-lines:])


class Broker(Process):
    """What examples/server.properties starts, at an address and in a directory of its own; `properties`
    say what else differs, with _ for the dots of a key."""

    def __init__(self, directory, **properties):
        self.directory = pathlib.Path(directory)
        self.directory.mkdir(parents=True, exist_ok=True)
        self.port = free_port()
        self.address = f"127.0.0.1:{self.port}"
        settings = {"listeners": f"PLAINTEXT://{self.address}", "log.dirs": self.directory / "data"}
        settings |= {key.replace("_", "."): value for key, value in properties.items()}
        super().__init__([BINARY, "broker", EXAMPLES / "server.properties"], self.directory / "broker.log")
        for key, value in settings.items():
            self.override(key, value)

    def override(self, key, value):
        self.arguments += ["--override", f"{key}={value}"]

    def start(self):
        super().start()
        wait_until(
            lambda: listening(self.port) or not self.alive(), 20, f"broker listens\n{self.tail()}"
        )
        assert self.alive(), f"the broker ended:\n{self.tail()}"
        return self


class Pipeline(Process):
    def __init__(self, directory, name, config, *options):
        self.directory = pathlib.Path(directory)
        self.directory.mkdir(parents=True, exist_ok=True)
        self.config = self.directory / f"{name}.conf"
        self.config.write_text(config)
        super().__init__(
            [BINARY, "run", "-f", self.config, "--path.data", self.directory / f"{name}-data"]
            + ["--api.enabled", "false", *options],
            self.directory / f"{name}.log",
        )


class Elasticsearch:
    """A node by its URL; a user and password in it are sent as basic auth."""

    def __init__(self, url):
        self.url = url.rstrip("/")
        parts = urllib.parse.urlsplit(self.url)
        self.headers = {}
        if parts.username:
            secret = f"{parts.username}:{urllib.parse.unquote(parts.password or '')}"
            self.headers["Authorization"] = "Basic " + base64.b64encode(secret.encode()).decode()
        self.base = parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()

    def call(self, method, path, body=None, content_type="application/json"):
        data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        request = urllib.request.Request(
            f"{self.base}/{path}",
            data=data,
            method=method,
            headers={"Content-Type": content_type, **self.headers},
        )
        with urllib.request.urlopen(request, timeout=60) as response:
            return json.loads(response.read() or b"{}")

    def count(self, index):
        """Documents that a search would find now; 0 when there is no such index yet."""
        with contextlib.suppress(urllib.error.HTTPError):
            self.call("POST", f"{index}/_refresh")
            return self.call("GET", f"{index}/_count")["count"]
        return 0

    def documents(self, index, fields):
        """Every document of the index: (_index, _id, _source with only these fields)."""
        page = self.call(
            "POST",
            f"{index}/_search?scroll=2m",
            {"size": 10000, "_source": fields, "sort": ["_doc"]},
        )
        while page["hits"]["hits"]:
            for hit in page["hits"]["hits"]:
                yield hit["_index"], hit["_id"], hit["_source"]
            page = self.call(
                "POST", "_search/scroll", {"scroll": "2m", "scroll_id": page["_scroll_id"]}
            )


@contextlib.contextmanager
def elasticsearch(flavour="es7", settings="", port=None):
    """A real node for as long as the block runs."""
    port = port or free_port()
    environment = dict(os.environ, ES_SETTINGS=settings)
    # Not in pytest's directory: the node may run as another user, to whom the next session of pytest
    # would close it.
    with tempfile.TemporaryDirectory(prefix="logboom-es-", ignore_cleanup_errors=True) as directory:
        os.chmod(directory, 0o755)
        subprocess.run(
            [SUPPORT / "elasticsearch" / "start", str(port), directory, flavour],
            check=True,
            env=environment,
            stdin=subprocess.DEVNULL,
        )
        try:
            yield Elasticsearch(f"http://127.0.0.1:{port}")
        finally:
            subprocess.run([SUPPORT / "elasticsearch" / "stop", directory], check=False)


def run(*arguments, stdin=None, seconds=60, check=True):
    """A program to its end; its stdout as text."""
    done = subprocess.run(
        [str(each) for each in arguments],
        input=stdin,
        capture_output=True,
        text=True,
        timeout=seconds,
        stdin=subprocess.DEVNULL if stdin is None else None,
    )
    if check and done.returncode != 0:
        raise AssertionError(f"{arguments} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return done.stdout


def logboom(*arguments, **options):
    return run(BINARY, *arguments, **options)


def rewind(address, group, topic):
    """Resets a group to the start of a topic, once no member is left: one that was killed counts until
    its session times out."""
    command = ["groups", "--bootstrap-server", address, "--group", group, "--topic", topic]
    command += ["--reset-offsets", "--to-earliest", "--execute"]

    def is_done():
        done = subprocess.run([str(BINARY), *command], capture_output=True, text=True, timeout=60)
        assert done.returncode == 0 or "has active members" in done.stderr, done.stderr
        return done.returncode == 0

    wait_until(is_done, 60, f"group {group} has no members")


def kcat(*arguments, **options):
    return run("kcat", *arguments, **options)


def java(tool, *arguments, **options):
    return run(SUPPORT / "kafka" / "tool", tool, *arguments, **options)
