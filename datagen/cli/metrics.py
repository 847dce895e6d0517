"""Serves the figures of a run to Prometheus, over HTTP."""

import socket
import threading
from collections.abc import Iterator
from socketserver import ThreadingMixIn
from typing import Self
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from datagen import __version__
from datagen.errors import OperationError
from datagen.instants import SECOND
from datagen.running.summary import Summary
from datagen.targets.public_address import bracketed

try:
    from prometheus_client import CollectorRegistry, Metric, ProcessCollector, make_wsgi_app
    from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, InfoMetricFamily
    from prometheus_client.registry import Collector
except ImportError as missing:
    raise OperationError("--metrics needs a package: pip install prometheus-client") from missing

_POLL = 0.05  # seconds between the server's looks at whether the run is over
_TIMEOUT = 10  # seconds for a client to send its request


class Metrics:
    """Serves the figures of a summary for as long as the run goes on: a context manager.

    Raises OperationError where the address cannot be used.
    """

    def __init__(self, address: tuple[str, int], summary: Summary) -> None:
        registry = CollectorRegistry()
        registry.register(Figures(summary))
        ProcessCollector(registry=registry)
        host, port = address
        answer = make_wsgi_app(registry)
        try:
            kind = type("_", (_Server,), {"address_family": _family(host, port)})
            self._server: WSGIServer = make_server(host, port, answer, kind, _Handler)
        except OSError as error:
            shown = f"{bracketed(host)}:{port}"
            raise OperationError(f"--metrics {shown}: {error.strerror or error}") from error
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(_POLL,), name="metrics", daemon=True
        )

    @property
    def url(self) -> str:
        """Return the address of the figures."""
        host, port = self._server.socket.getsockname()[:2]
        return f"http://{bracketed(host)}:{port}/metrics"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class Figures(Collector):
    """Turns a summary, which changes during the run, into families of figures.

    What is delivered is read before what is generated, so that it never seems more.
    """

    def __init__(self, summary: Summary) -> None:
        self._summary = summary

    def collect(self) -> Iterator[Metric]:
        """Yield the present figures."""
        it = self._summary
        yield _count("records_delivered", "Records that the target has acknowledged.", it.delivered)
        yield _count(
            "records_failed", "Records that the target has rejected or given up.", it.failed
        )
        yield _count("records_passed_over", "Records that are not for the target.", it.passed_over)
        yield _count("records_generated", "Records passed to the target.", it.generated)
        yield _count("bytes_delivered", "Bytes delivered to the target.", it.bytes)
        yield _count("workers_started", "Workers started.", it.workers)
        yield _gauge("workers_alive", "Workers alive.", it.alive)
        waiting = it.waiting
        yield _count("arrivals_waited", "Arrivals that waited for a place.", waiting.arrivals)
        yield _count(
            "arrivals_waited_seconds", "Time that arrivals waited for a place.", waiting.seconds
        )
        yield _count(
            "workers_held_back", "Workers that this time would have brought.", waiting.held_back
        )
        yield _gauge("lateness_seconds", "Lateness of the last records.", it.late)
        yield _gauge("lateness_max_seconds", "Maximum lateness.", it.lateness)
        if it.last:
            seconds = it.last.micros / SECOND
            yield _gauge("simulated_time_seconds", "Unix time of the last record.", seconds)
        yield _run(it)
        yield from _parts(it)


def _count(name: str, text: str, value: float) -> Metric:
    return CounterMetricFamily(f"datagen_{name}", text, value=value)


def _gauge(name: str, text: str, value: float) -> Metric:
    return GaugeMetricFamily(f"datagen_{name}", text, value=value)


def _run(summary: Summary) -> Metric:
    info = {
        "spec": summary.file,
        "seed": str(summary.seed),
        "start": str(summary.start or ""),
        "version": __version__,
    }
    return InfoMetricFamily("datagen_run", "What runs.", value=info)


def _parts(summary: Summary) -> Iterator[Metric]:
    """Yield the counts of each target, where these are several."""
    parts = summary.parts
    if not parts:
        return
    for name, text, key in (
        ("records_delivered", "Records that a target has acknowledged.", "delivered"),
        ("records_failed", "Records that a target has rejected or given up.", "failed"),
        ("records_passed_over", "Records that are not for a target.", "passed_over"),
        ("bytes_delivered", "Bytes delivered to a target.", "bytes"),
    ):
        family = CounterMetricFamily(f"datagen_target_{name}", text, labels=["target"])
        for part in parts:
            family.add_metric([part.name], getattr(part, key))
        yield family


class _Server(ThreadingMixIn, WSGIServer):
    """Answers each client in a thread of its own; none delays the run."""

    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """Ignore a client that goes away."""


class _Handler(WSGIRequestHandler):
    """Writes nothing to stderr, which is for the run."""

    timeout = _TIMEOUT

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name there
        """Write no line for a request."""


def _family(host: str, port: int) -> int:
    return socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0][0]
