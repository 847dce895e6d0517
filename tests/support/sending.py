"""Runs and sinks that send over HTTP to a server of the tests' own."""

from typing import Any, Self

from datagen.formats.rendered import Rendered
from datagen.targets.http import HttpSink, HttpTarget
from datagen.targets.retry import Timing
from tests.support.helpers import Outcome, invoke
from tests.support.machines import NEVER_ENDING, Spec
from tests.support.records import rendered
from tests.support.servers import FakeTime, HttpServer

WIDE: Spec = {
    **NEVER_ENDING,
    "emitters": [
        {
            "name": "e",
            "dimensions": [
                {"name": "id", "type": "uuid"},
                {
                    "name": "who",
                    "type": "enum",
                    "values": ['a "b"', "ü", None],
                    "cardinality_distribution": {"type": "uniform", "min": 0, "max": 2},
                },
            ],
        }
    ],
}


def run(target: Spec | None = None, n: int = 1000, *flags: str) -> Outcome:
    """Run the program with everything fixed but the target."""
    spec = {**WIDE, "target": {"type": "stdout"} if target is None else target}
    return invoke("--seed", "1", "-s", "2027-03-12", "-n", str(n), *flags, spec=spec)


def to(server: HttpServer, **keys: Any) -> Spec:
    """Return a target that leads to a server."""
    return {"type": "http", "url": server.url + "/events", **keys}


def lines(*texts: str) -> Rendered:
    """Return lines as a format would."""
    return rendered([text.encode() + b"\n" for text in texts], range(len(texts)))


class Sending:
    """A sink that leads to a server which gives some replies first, on a clock of its own."""

    def __init__(self, *replies: Any, answer: Any = None, **keys: Any) -> None:
        self.time, self.warnings = FakeTime(), list[str]()
        self.server = HttpServer(*replies, **({"answer": answer} if answer else {}))
        target = HttpTarget.model_validate({**to(self.server), **keys})
        self.sink = HttpSink(target, Timing(self.time.monotonic, self.time.sleep))
        self.sink.set_warning_handler(self.warnings.append)

    def __enter__(self) -> Self:
        self.server.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        try:
            self.sink.close()
        finally:
            self.server.__exit__()

    @property
    def counts(self) -> tuple[int, int]:
        """Return how many records were delivered, and how many failed."""
        return self.sink.delivered, self.sink.failed
