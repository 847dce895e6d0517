"""Finds the curves that the `hours` of a specification name, and the schedules of populations: files, as schedules are."""

from collections.abc import Iterator
from typing import Any, BinaryIO

from datagen.errors import Path, Problem, SpecError
from datagen.lookup import find_file
from datagen.running.documents import parse_document, parse_schedule, read_document, why_not_found
from datagen.running.overrides import with_value
from datagen.validation import objects_at, quoted, value_at

_KEYS = ("delay", "timer", "cardinality_distribution")  # of a state, what takes time
_OPEN = {"type": "constant", "value": 1}  # what stands where a curve could not be read


def with_hours(raw: Any, file: str, stdin: BinaryIO) -> tuple[Any, list[Problem]]:
    """Return a specification with the curves in the places of their names, and what is wrong with these."""
    problems: list[Problem] = []
    made = raw
    for path, name in named_hours(raw):
        try:
            curve = _curve(name, stdin, Problem(path, "", file))
        except SpecError as error:
            problems += error.problems
            curve = _OPEN
        made = with_value(made, path, curve)
    return made, problems


def named_hours(raw: Any) -> Iterator[tuple[Path, str]]:
    """Yield the names of curves in raw JSON, with their paths."""
    populations = [path for path, _ in objects_at(raw, "populations")]
    states = [path for path, _ in objects_at(raw, "states")]
    places: list[Path] = [("interarrival", "hours")]
    places += [(*path, "interarrival", "hours") for path in populations]
    places += [(*path, key, "hours") for path in states for key in _KEYS]
    places += [(*path, "schedule") for path in (*populations, *states)]
    for path in places:
        name = value_at(raw, *path)
        if isinstance(name, str):
            yield path, name


def _curve(name: str, stdin: BinaryIO, at: Problem) -> Any:
    """Return the raw curve of a name. Raises SpecError."""
    if name == "-" or not find_file(name, "sched"):
        reason = "stdin has no curve" if name == "-" else why_not_found(name, "sched")
        raise SpecError([Problem(at.path, f"{quoted(name)}: {reason}", at.file)])
    data, found = read_document(name, "sched", stdin)
    raw = parse_document(data, found)
    parse_schedule(raw, found)
    return raw
