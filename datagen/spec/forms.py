"""Tells which of the two forms raw JSON is written in, without the models of either."""

from collections.abc import Callable
from typing import Any

from datagen.validation import Problems, objects_at

ReadJson = Callable[
    [str], tuple[Any, str]
]  # of a path, and the name for its problems; raises SpecError
START, MESSAGE = "event:start:timer", "event:start:message"


def is_process(raw: Any) -> bool:
    """Return whether a specification is written in the process form: most of its states have a type."""
    typed = ["type" in state for _, state in objects_at(raw, "states")]
    most = sum(typed) - len(typed) / 2
    return most > 0 or (most == 0 and any(typed) and not {"interarrival", "populations"} & {*raw})


def child_alone(raw: Any) -> Problems:
    """Yield that a file is a child only: it has no start of its own, but one for a message."""
    kinds = {str(state.get("type")) for _, state in objects_at(raw, "states")}
    if MESSAGE in kinds and START not in kinds:
        text = (
            f"begins with an {MESSAGE}, not an {START}: it is a child, which only a subprocess in another "
            "file can run; run that file"
        )
        yield ("states",), text
