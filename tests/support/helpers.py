"""Runs the whole program inside the test's own process."""

import io
import json
from dataclasses import dataclass
from typing import Any

import generator


@dataclass(frozen=True)
class Outcome:
    """What a run left behind."""

    status: int
    out: bytes
    err: str

    @property
    def records(self) -> list[dict[str, Any]]:
        """Return the records that went to stdout."""
        return [json.loads(line) for line in self.out.splitlines()]


def invoke(*arguments: str, spec: Any = None) -> Outcome:
    """Run the command line; `spec`, if any, comes from stdin."""
    data = b"" if spec is None else json.dumps(spec).encode()
    out, err = io.BytesIO(), io.StringIO()
    status = generator.main(list(arguments), io.BytesIO(data), out, err)
    return Outcome(status, out.getvalue(), err.getvalue())
