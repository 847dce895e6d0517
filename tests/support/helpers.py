"""Runs the whole program inside the test's own process."""

import io
import json
import re
from dataclasses import dataclass
from typing import Any

import generator

_POSITION = re.compile(r"^(.*?[^\d\n]):\d+:\d+(?=: )", re.MULTILINE)


@dataclass(frozen=True)
class Outcome:
    """What a run left behind."""

    status: int
    out: bytes
    told: str

    @property
    def err(self) -> str:
        """Return what was told, without the lines and columns of problems: tests/running/test_positions.py has these."""
        return without_positions(self.told)

    @property
    def records(self) -> list[dict[str, Any]]:
        """Return the records that went to stdout."""
        return [json.loads(line) for line in self.out.splitlines()]


def without_positions(text: str) -> str:
    """Return problems, a line each, without the lines and columns that follow the names of files."""
    return _POSITION.sub(r"\1", text)


def invoke(*arguments: str, spec: Any = None) -> Outcome:
    """Run the command line; `spec`, if any, comes from stdin."""
    data = b"" if spec is None else json.dumps(spec).encode()
    out, err = io.BytesIO(), io.StringIO()
    status = generator.main(list(arguments), io.BytesIO(data), out, err)
    return Outcome(status, out.getvalue(), err.getvalue())
