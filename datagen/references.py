"""Turns raw JSON into the problems with its names: twice the same, or nobody's.

It works on JSON that may be wrong in any other way, so that all problems are told in one go.
"""

import math
from collections.abc import Iterable, Iterator
from typing import Any, TypeGuard

from datagen.errors import Path, dotted
from datagen.schema import did_you_mean, items, shown

Found = Iterator[tuple[Path, str]]
_PROBABILITY_TOLERANCE = 0.001


def reference_problems(raw: Any) -> Found:
    """Yield every problem with names in a specification, and with sums of probabilities."""
    states, emitters = list(items(raw, "states")), list(items(raw, "emitters"))
    yield from _twice(states)
    yield from _twice(emitters)
    state_names, emitter_names = _names(states), _names(emitters)
    set_somewhere: set[str] = set()
    for path, state in states:
        yield from _of_state(raw, path, state, state_names, emitter_names)
        set_somewhere |= _names(items(raw, *path, "variables"))
    for path, _ in emitters:
        yield from _of_dimensions(raw, (*path, "dimensions"))
        for place, dimension in items(raw, *path, "dimensions"):
            if dimension.get("name") == "time":
                yield (*place, "name"), '"time" is the clock, the first field of every record'
        for place, field in _fields(raw, (*path, "dimensions")):
            yield from _of_variable(place, field, set_somewhere)


def _of_state(raw: Any, path: Path, state: Any, states: set[str], emitters: set[str]) -> Found:
    emitter = state.get("emitter")
    if isinstance(emitter, str) and emitter not in emitters:
        yield (*path, "emitter"), f"no emitter {shown(emitter)}{did_you_mean(emitter, emitters)}"
    yield from _of_dimensions(raw, (*path, "variables"))
    for place, field in _fields(raw, (*path, "variables")):
        if field.get("type") == "variable":
            yield (*place, "type"), "a variable can be shown by an emitter only"
    transitions = list(items(raw, *path, "transitions"))
    for place, transition in transitions:
        following = transition.get("next")
        if isinstance(following, str) and following not in states and following.lower() != "stop":
            hint = did_you_mean(following, [*states, "stop"])
            yield (*place, "next"), f"no state {shown(following)}{hint}"
    chances: list[float] = [
        chance for chance in (t.get("probability") for _, t in transitions) if _valid(chance)
    ]
    if chances and len(chances) == len(transitions):
        total = math.fsum(chances)
        if abs(total - 1) > _PROBABILITY_TOLERANCE + 1e-12:
            yield (*path, "transitions"), f"the probabilities add up to {total:.6g}, not 1"


def _of_dimensions(raw: Any, path: Path) -> Found:
    """Yield names that come twice in a list of fields, or in an object among them."""
    yield from _twice(list(items(raw, *path)))
    for place, _ in items(raw, *path):
        yield from _of_dimensions(raw, (*place, "dimensions"))
        yield from _of_dimensions(raw, (*place, "elements"))


def _of_variable(path: Path, field: Any, known: set[str]) -> Found:
    name = field.get("variable")
    if field.get("type") == "variable" and isinstance(name, str) and name not in known:
        hint = did_you_mean(name, known)
        yield (*path, "variable"), f"no state sets a variable {shown(name)}{hint}"


def _fields(raw: Any, path: Path) -> Iterator[tuple[Path, dict[str, Any]]]:
    """Walk the fields of a list, nested ones too."""
    for place, field in items(raw, *path):
        yield place, field
        yield from _fields(raw, (*place, "dimensions"))
        yield from _fields(raw, (*place, "elements"))


def _twice(found: list[tuple[Path, dict[str, Any]]]) -> Found:
    first: dict[str, Path] = {}
    for path, item in found:
        name = item.get("name")
        if not isinstance(name, str):
            continue
        if name in first:
            yield (*path, "name"), f"{shown(name)} is the name of {dotted(first[name])} already"
        first.setdefault(name, path)


def _names(found: Iterable[tuple[Path, dict[str, Any]]]) -> set[str]:
    return {item["name"] for _, item in found if isinstance(item.get("name"), str)}


def _valid(chance: Any) -> TypeGuard[float]:
    number = isinstance(chance, int | float) and not isinstance(chance, bool)
    return number and 0 < chance <= 1
