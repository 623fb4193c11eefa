"""What is not the protocol, on the broker's port: one log line each, no crash, no growth."""

import pathlib
import random
import socket
import ssl
import struct
import time

import lab
import pytest
from lab import kcat, wait_until


def rss_kib(broker):
    status = pathlib.Path(f"/proc/{broker.pid}/status").read_text()
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS"))


def connect(broker):
    return socket.create_connection(("127.0.0.1", broker.port), 10)


def send_and_wait_for_close(broker, data):
    """Sends, then reads until the broker closes; what it said before that."""
    with connect(broker) as peer:
        peer.settimeout(20)
        said = b""
        try:
            peer.sendall(data)
            while chunk := peer.recv(4096):
                said += chunk
        except ConnectionError:
            pass
        return said


def still_serves(broker):
    assert broker.alive(), broker.tail()
    kcat("-b", broker.address, "-P", "-t", "alive", "-p", "0", stdin="x\n")
    assert kcat("-b", broker.address, "-C", "-t", "alive", "-p", "0", "-o", "-1", "-e", "-q") == "x\n"


def test_http_is_recognised(broker):
    assert send_and_wait_for_close(broker, b"GET / HTTP/1.1\r\nHost: x\r\n\r\n") == b""
    wait_until(lambda: "HTTP" in broker.text(), 5, "the log says that this looks like HTTP")
    still_serves(broker)


def test_tls_is_recognised(broker):
    context = ssl.create_default_context()
    with pytest.raises((ssl.SSLError, ConnectionError, OSError)):
        context.wrap_socket(connect(broker), server_hostname="localhost")
    wait_until(lambda: "TLS" in broker.text(), 5, "the log says that this looks like TLS")
    still_serves(broker)


@pytest.mark.parametrize("size", [-1, 0, 7, 2**31 - 1, 104857601])
def test_impossible_frame_sizes_are_refused(broker, size):
    before = rss_kib(broker)
    assert send_and_wait_for_close(broker, struct.pack(">i", size) + b"x" * 100) == b""
    assert rss_kib(broker) < before + 4096
    still_serves(broker)


def test_random_bytes_never_harm(broker):
    chance = random.Random(7)
    still_serves(broker)
    before = rss_kib(broker)
    for _ in range(300):
        with connect(broker) as peer:
            body = chance.randbytes(chance.randint(1, 2000))
            sized = struct.pack(">i", len(body)) + body if chance.random() < 0.7 else body
            try:
                peer.sendall(sized)
            except ConnectionError:
                pass
    still_serves(broker)
    assert rss_kib(broker) < before + 16384
    assert broker.text().count("\n") < 400, "one line a complaint, and repeats are limited"


def test_huge_counts_inside_a_request_are_refused(broker):
    before = rss_kib(broker)
    for key, version in [(0, 3), (1, 4), (2, 1), (3, 0), (3, 9), (8, 2), (9, 2), (11, 5), (19, 5)]:
        header = struct.pack(">hhi", key, version, 1) + struct.pack(">h", -1)
        if (key, version) in [(3, 9), (19, 5)]:
            header += b"\x00"
        body = header + b"\x7f\xff\xff\xff" * 8
        send_and_wait_for_close(broker, struct.pack(">i", len(body)) + body)
    assert rss_kib(broker) < before + 16384
    still_serves(broker)


def test_half_requests_do_not_hold_memory(broker):
    before = rss_kib(broker)
    peers = []
    for _ in range(200):
        peer = connect(broker)
        # announces 50 MiB and sends a little of it
        peer.sendall(struct.pack(">i", 50 * 1024 * 1024) + struct.pack(">hhi", 0, 7, 1))
        peers.append(peer)
    still_serves(broker)
    assert rss_kib(broker) < before + 65536
    for peer in peers:
        peer.close()
    still_serves(broker)


def test_a_client_that_never_reads_is_bounded(broker):
    lines = ("x" * 1000 + "\n") * 20000
    kcat("-b", broker.address, "-P", "-t", "big", "-p", "0", stdin=lines)
    topic = b"big"
    fetch = struct.pack(">hhi", 1, 4, 1) + struct.pack(">h", -1)
    fetch += struct.pack(">iiiib", -1, 100, 1, 2**31 - 1, 0)
    fetch += struct.pack(">i", 1) + struct.pack(">h", len(topic)) + topic
    fetch += struct.pack(">i", 1) + struct.pack(">iqi", 0, 0, 2**31 - 1)
    before = rss_kib(broker)
    with connect(broker) as peer:
        peer.settimeout(3)
        try:
            for _ in range(2000):
                peer.sendall(struct.pack(">i", len(fetch)) + fetch)
        except (TimeoutError, ConnectionError):
            pass
        still_serves(broker)
        assert rss_kib(broker) < before + 65536
    still_serves(broker)


def test_every_listener_comes_back_after_a_flood_of_connections(tmp_path):
    second = lab.free_port()
    broker = lab.Broker(tmp_path / "broker")
    broker.override("listeners", f"ONE://127.0.0.1:{broker.port},TWO://127.0.0.1:{second}")
    broker.override("listener.security.protocol.map", "ONE:PLAINTEXT,TWO:PLAINTEXT")
    broker.arguments = ["bash", "-c", 'ulimit -n 40 && exec "$@"', "-", *broker.arguments]
    broker.start()
    try:
        ports = [broker.port, second]
        flood = [socket.create_connection(("127.0.0.1", ports[i % 2]), 5) for i in range(100)]
        wait_until(lambda: "Too many open files" in broker.text(), 5, "there are too many")
        time.sleep(0.5)
        assert broker.text().count("Too many open files") <= 2
        for each in flood:
            each.close()
        for port in ports:
            kcat("-b", f"127.0.0.1:{port}", "-L", seconds=10)
    finally:
        broker.kill()
