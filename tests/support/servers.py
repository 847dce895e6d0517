"""Servers of the tests' own, in threads on 127.0.0.1: they keep what they get."""

import socket
import socketserver
import ssl
import struct
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

HOST = "127.0.0.1"
DEADLINE = 20.0  # seconds


@dataclass(frozen=True)
class Reply:
    """What an HTTP server answers; with `cut`, it hangs up instead, with `torn` after half of the body."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    cut: bool = False
    torn: bool = False


@dataclass(frozen=True)
class Got:
    """A request, as it came."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


class ThreadedServer:
    """Runs a server in a thread of its own for as long as it is entered."""

    _server: socketserver.BaseServer

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class HttpServer(ThreadedServer):
    """Answers requests with the replies given, one after the other, and then as `answer` says: with 200."""

    def __init__(self, *replies: Reply, answer: Callable[[Got], Reply] = lambda _: Reply()) -> None:
        self.replies, self.requests = list(replies), list[Got]()
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = -1  # an answer goes out at once, not in two pieces

            def handle_one_request(self) -> None:
                try:
                    super().handle_one_request()
                except ConnectionError:
                    self.close_connection = True

            def _answer(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                headers = {name.lower(): value for name, value in self.headers.items()}
                got = Got(self.command, self.path, headers, body)
                server.requests.append(got)
                reply = server.replies.pop(0) if server.replies else answer(got)
                if reply.cut:
                    self.close_connection = True
                    return
                self.send_response_only(reply.status)
                for name, value in {
                    "Content-Length": str(len(reply.body)),
                    **reply.headers,
                }.items():
                    self.send_header(name, value)
                self.end_headers()
                self.close_connection = self.close_connection or reply.torn
                self.wfile.write(reply.body[: len(reply.body) // (1 + reply.torn)])

            do_POST = do_PUT = do_PATCH = _answer  # noqa: N815 - the names of http.server

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer((HOST, 0), Handler)
        self.port = self._server.server_address[1]
        self.url = f"http://{HOST}:{self.port}"

    @property
    def bodies(self) -> list[bytes]:
        """Return the bodies of all requests, in order."""
        return [each.body for each in self.requests]

    def received(self) -> bytes:
        """Return all bodies, one after the other."""
        return b"".join(self.bodies)


class TcpServer(ThreadedServer):
    """Reads connections to their ends, one after the other; the first ones are cut short.

    `cuts` are the bytes after which each of the first connections is reset.
    """

    def __init__(
        self, *cuts: int, trust: ssl.SSLContext | None = None, greeting: bytes = b""
    ) -> None:
        self.connections: list[bytes] = []
        self._cuts, self._trust, self._greeting = list(cuts), trust, greeting
        self._ended = threading.Condition()
        server = self

        class Handler(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                server._read(self.request)

        self._server = socketserver.TCPServer((HOST, 0), Handler)
        self.port = self._server.server_address[1]

    def received(self, connections: int = 1) -> bytes:
        """Return what came over all connections, when so many have ended."""
        with self._ended:
            assert self._ended.wait_for(lambda: len(self.connections) >= connections, DEADLINE)
            return b"".join(self.connections)

    def _read(self, connection: socket.socket) -> None:
        most = self._cuts.pop(0) if self._cuts else 1 << 40
        data = b""
        connection.settimeout(DEADLINE)
        try:
            if self._trust:
                connection = self._trust.wrap_socket(connection, server_side=True)
            connection.sendall(self._greeting)
            while len(data) < most and (more := connection.recv(min(1 << 16, most - len(data)))):
                data += more
        except OSError:
            pass
        if len(data) == most:
            hard = struct.pack("ii", 1, 0)  # closing resets the connection
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, hard)
        connection.close()
        with self._ended:
            self.connections.append(data)
            self._ended.notify_all()


class UdpServer:
    """Keeps datagrams."""

    def __init__(self) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind((HOST, 0))
        self._socket.settimeout(DEADLINE)
        self.port = self._socket.getsockname()[1]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def datagrams(self) -> list[bytes]:
        """Return what came so far; an empty datagram of our own marks its end."""
        self._socket.sendto(b"", self._socket.getsockname())
        found = []
        while datagram := self._socket.recv(1 << 16):
            found.append(datagram)
        return found

    def received(self) -> bytes:
        """Return the datagrams as lines."""
        return b"".join(datagram + b"\n" for datagram in self.datagrams())


def free_port(kind: socket.SocketKind = socket.SOCK_STREAM) -> int:
    """Return a port on which nobody listens."""
    with socket.socket(socket.AF_INET, kind) as taken:
        taken.bind((HOST, 0))
        return int(taken.getsockname()[1])


class FakeTime:
    """A clock that goes on only when somebody sleeps."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.pauses: list[float] = []

    def monotonic(self) -> float:
        """Return the seconds."""
        return self.now

    def sleep(self, seconds: float) -> None:
        """Let time pass at once."""
        self.pauses.append(seconds)
        self.now += seconds
