"""Turns raw JSON into the problems with its names: twice the same, or nobody's.

It works on JSON that may be wrong in any other way, so that all problems are told in one go.
"""

import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, TypeGuard

from datagen.errors import Path, dotted
from datagen.fields import FIELDS
from datagen.validation import did_you_mean, objects_at, quoted, value_at

Found = Iterator[tuple[Path, str]]
Setters = dict[str, list[Any]]  # for each variable the raw field generators that set it


@dataclass(frozen=True)
class Rules:
    """What the forms of specification see differently.

    `nexts` yields what is wrong with where states lead; `tolerance` is how far a sum of probabilities
    may be off 1; `timed` tells that records begin with a field `time`, and `resets` that a state may
    set a variable twice.
    """

    nexts: Callable[[Any], Found]
    tolerance: float
    timed: bool
    resets: bool


def reference_problems(raw: Any, rules: Rules) -> Found:
    """Yield every problem with names in a specification, and with sums of probabilities."""
    yield from rules.nexts(raw)
    states, emitters = list(objects_at(raw, "states")), list(objects_at(raw, "emitters"))
    yield from twice(states)
    yield from twice(emitters)
    emitter_names = names_of(emitters)
    setters: Setters = {}
    for path, state in states:
        yield from _of_state(raw, path, state, emitter_names, rules)
        for _, variable in objects_at(raw, *path, "variables"):
            if isinstance(variable.get("name"), str):
                setters.setdefault(variable["name"], []).append(variable)
    for path, _ in emitters:
        yield from _of_dimensions(raw, (*path, "dimensions"))
        for place, dimension in objects_at(raw, *path, "dimensions"):
            if rules.timed and dimension.get("name") == "time":
                yield (*place, "name"), '"time" is the clock, the first field of every record'
        for place, field in _fields(raw, (*path, "dimensions")):
            if states and field.get("type") == "variable":
                yield from _of_variable(place, field, setters)


def nexts_or_stop(raw: Any) -> Found:
    """Yield transitions that lead nowhere, where `stop` ends a worker."""
    states = list(objects_at(raw, "states"))
    names = names_of(states)
    for path, _ in states:
        for place, transition in objects_at(raw, *path, "transitions"):
            following = transition.get("next")
            if isinstance(following, str) and following not in names:
                hint = did_you_mean(following, [*names, "stop"])
                if following.lower() != "stop":
                    yield (*place, "next"), f"no state {quoted(following)}{hint}"


def _of_state(raw: Any, path: Path, state: Any, emitters: list[str], rules: Rules) -> Found:
    emitter, listed = state.get("emitter"), isinstance(value_at(raw, "emitters"), list)
    if isinstance(emitter, str) and emitter not in emitters and listed:
        yield (*path, "emitter"), f"no emitter {quoted(emitter)}{did_you_mean(emitter, emitters)}"
    if not rules.resets:
        yield from twice(list(objects_at(raw, *path, "variables")))
    yield from _of_nested(raw, (*path, "variables"))
    for place, field in _fields(raw, (*path, "variables")):
        if field.get("type") == "variable":
            yield (*place, "type"), "a variable can be shown by an emitter only"
    transitions = list(objects_at(raw, *path, "transitions"))
    chances: list[float] = [
        chance for chance in (t.get("probability") for _, t in transitions) if _valid(chance)
    ]
    if chances and len(chances) == len(state["transitions"]):
        total = math.fsum(chances)
        if abs(total - 1) > rules.tolerance + 1e-12:
            yield (*path, "transitions"), f"the probabilities add up to {total:.6g}, not 1"


def _of_dimensions(raw: Any, path: Path) -> Found:
    """Yield names that come twice in a list of fields, or in an object among them."""
    yield from twice(list(objects_at(raw, *path)))
    yield from _of_nested(raw, path)


def _of_nested(raw: Any, path: Path) -> Found:
    for place, _ in objects_at(raw, *path):
        yield from _of_dimensions(raw, (*place, "dimensions"))
        yield from _of_dimensions(raw, (*place, "elements"))


def _of_variable(path: Path, field: Any, setters: Setters) -> Found:
    name, part = field.get("variable"), field.get("field")
    if not isinstance(name, str):
        return
    if name not in setters:
        yield (
            (*path, "variable"),
            f"no state sets a variable {quoted(name)}{did_you_mean(name, setters)}",
        )
    elif isinstance(part, str):
        for text in _without_part(part, setters[name]):
            yield (*path, "field"), f"no value of the variable {quoted(name)} {text}"


def _without_part(part: str, generators: list[Any]) -> Iterator[str]:
    """Yield why none of these field generators makes an object with a part, where that is known."""
    before = ""
    for step in part.split("."):
        found = [_parts(generator) for generator in generators]
        if any(parts is None for parts in found):
            return
        keys = list(dict.fromkeys(before + key for parts in found for key in parts or ()))
        if before + step not in keys:
            yield f"has a part {quoted(part)}{did_you_mean(part, keys)}"
            return
        generators = [parts[step] for parts in found if parts and step in parts]
        before += step + "."


def _parts(generator: Any) -> dict[str, Any] | None:
    """Return a field generator for each part of the objects that one makes; None: cannot be told."""
    kind = value_at(generator, "type")
    if kind == "enum" and isinstance(value_at(generator, "values"), list):
        inner: dict[str, list[Any]] = {}
        for _, value in objects_at(generator, "values"):
            for key in value:
                inner.setdefault(key, []).append(value[key])
        return {key: {"type": "enum", "values": values} for key, values in inner.items()}
    if kind == "object" and isinstance(value_at(generator, "dimensions"), list):
        dimensions = [each for _, each in objects_at(generator, "dimensions")]
        return {each["name"]: each for each in dimensions if isinstance(each.get("name"), str)}
    known = isinstance(kind, str) and kind in FIELDS and kind not in ("enum", "object")
    return {} if known else None


def _fields(raw: Any, path: Path) -> Iterator[tuple[Path, dict[str, Any]]]:
    """Walk the fields of a list, nested ones too."""
    for place, field in objects_at(raw, *path):
        yield place, field
        yield from _fields(raw, (*place, "dimensions"))
        yield from _fields(raw, (*place, "elements"))


def twice(found: list[tuple[Path, dict[str, Any]]]) -> Found:
    """Yield names that come twice in a list."""
    first: dict[str, Path] = {}
    for path, item in found:
        name = item.get("name")
        if not isinstance(name, str):
            continue
        if name in first:
            yield (*path, "name"), f"{quoted(name)} is the name of {dotted(first[name])} already"
        first.setdefault(name, path)


def names_of(found: Iterable[tuple[Path, dict[str, Any]]]) -> list[str]:
    """Return the names of the objects in a list."""
    return [item["name"] for _, item in found if isinstance(item.get("name"), str)]


def _valid(chance: Any) -> TypeGuard[float]:
    number = isinstance(chance, int | float) and not isinstance(chance, bool)
    return number and 0 < chance <= 1


CLASSIC = Rules(nexts_or_stop, tolerance=0.001, timed=True, resets=False)
