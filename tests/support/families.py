"""Processes with children, written to files, as short as they can be."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.support.helpers import Outcome, invoke
from tests.support.machines import Spec, constant
from tests.support.processes import activity, clock, end, process_of, shown, start

AT = ("-s", "2025-01-01", "--seed", "1", "-q")


def message(following: str, *variables: Spec, **keys: Any) -> Spec:
    """Return the start of a child, called `init`."""
    return {"name": "init", "type": "event:start:message", "variables": list(variables), "next": following, **keys}  # fmt: skip


def child(*states: Spec, emitters: Mapping[str, list[Spec]] | None = None, **keys: Any) -> Spec:
    """Return a child that begins with a message, unless its states have a start; its end is `done`."""
    made: Spec = {"states": [*states, end("done")], **keys}
    if emitters is not None:
        made["emitters"] = [{"name": name, "dimensions": each} for name, each in emitters.items()]
    return made


def emitting(*variables: Spec, start_variables: tuple[Spec, ...] = (), **keys: Any) -> Spec:
    """Return a child with one activity, `emit`, of the emitter `e`."""
    return child(message("emit", *start_variables), activity("emit", "done", *variables), **keys)


def subprocess(name: str, path: str, following: str = "end", **keys: Any) -> Spec:
    """Return a state that runs a child: once, or once an item if there are `items`, or `in`."""
    kind = "subprocess:multi_instance" if keys.keys() & {"items", "in"} else "subprocess"
    return {"name": name, "type": kind, "config": path, "next": following, **keys}


def parent(*states: Spec, show: tuple[str, ...] = (), **keys: Any) -> Spec:
    """Return a process of these states, whose first one comes first, every second; `e` shows variables."""
    first = start(states[0]["name"], constant(1))
    return process_of(first, *states, end(), e=[clock("time"), *map(shown, show)]) | keys


def write(folder: Path, **files: Any) -> None:
    """Write each file, `a__b` as a/b.json."""
    for name, data in files.items():
        path = folder / (name.replace("__", "/") + ".json")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(data), encoding="utf-8")


def run(*flags: str, spec: Spec | None = None, n: int = 10) -> list[dict[str, Any]]:
    """Return records without their time, of one worker after the other unless told."""
    outcome: Outcome = invoke(*AT, "-m", "1", "-n", str(n), *flags, spec=spec)
    assert outcome.status == 0, outcome.err
    return [
        {key: value for key, value in each.items() if key != "time"} for each in outcome.records
    ]
