"""Turns raw JSON into the problems with its names: used twice, or defined nowhere.

It works on JSON that may be wrong in any other way, so that all problems are reported at once.
"""

import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, TypeGuard

from datagen.errors import Path, dotted
from datagen.fields.base import FIELDS, Field
from datagen.spec.constants import literal_as_raw
from datagen.spec.emissions import unknown_emitters, unknown_lists_of_emitters
from datagen.spec.merging import ON_ENTRY, VARIABLES
from datagen.spec.populations import population_problems
from datagen.spec.transitions import condition_problems
from datagen.validation import Problems, did_you_mean, is_comment, objects_at, quoted, value_at

SETTER_KEYS = (ON_ENTRY, VARIABLES)
Setters = dict[str, list[Any]]  # for each variable the raw field generators that set it


@dataclass(frozen=True)
class FormRules:
    """Where the forms of a specification differ.

    `next_problems` yields what is wrong with the states that come next in raw JSON.
    `probability_tolerance` is how far from 1 a sum of probabilities may be. `has_time` says that
    records begin with a field `time`, unless a dimension places it, and `inherits` that emitters may be
    those of another file.
    """

    next_problems: Callable[[Any], Problems]
    probability_tolerance: float
    has_time: bool
    inherits: bool = False


def reference_problems(
    raw: Any, rules: FormRules, elsewhere: Setters | None = None, *, incomplete: bool = False
) -> Problems:
    """Yield every problem with names in a specification, and with sums of probabilities.

    `elsewhere` are the setters of variables in the files that belong to it; with `incomplete` there are others,
    in files that could not be read.
    """
    yield from rules.next_problems(raw)
    states, emitters = list(objects_at(raw, "states")), list(objects_at(raw, "emitters"))
    yield from duplicate_names(states)
    yield from duplicate_names(emitters)
    emitter_names = names_of(emitters)
    known = setters_of(raw) if elsewhere is None else elsewhere
    for path, state in states:
        if not rules.inherits:
            yield from unknown_emitters(raw, path, state, emitter_names)
        yield from _setter_problems(raw, path)
        if not incomplete:
            for key in SETTER_KEYS:
                yield from _variable_problems(raw, (*path, key), known)
        yield from _probability_problems(raw, path, state, rules)
        yield from condition_problems(path, state)
    has_time = rules.has_time and not any(ON_ENTRY in state for _, state in states)
    for path, _ in emitters:
        yield from _duplicate_elements(raw, (*path, "dimensions"))
        if has_time:
            yield from _time_problems(raw, path)
    if states and not incomplete:
        yield from unknown_lists_of_emitters(raw, known)
        for path, _ in emitters:
            yield from _variable_problems(raw, (*path, "dimensions"), known)


def unknown_next_states(raw: Any) -> Problems:
    """Yield transitions to states that do not exist, `stop` ends a worker, and populations that begin in such."""
    yield from population_problems(raw)
    states = list(objects_at(raw, "states"))
    names = names_of(states)
    for path, _ in states:
        for place, transition in objects_at(raw, *path, "transitions"):
            following = transition.get("next")
            if isinstance(following, str) and following not in names:
                hint = did_you_mean(following, [*names, "stop"])
                if following.lower() != "stop":
                    yield (*place, "next"), f"no state {quoted(following)}{hint}"


def repeated_names(raw: Any) -> Problems:
    """Yield variables that a state sets twice and dimensions of one name: warnings, the last one counts."""
    for path, _ in objects_at(raw, "states"):
        for key in SETTER_KEYS:
            for place, name, first in _repeated(objects_at(raw, *path, key)):
                yield place, f"{dotted(first)} sets {quoted(name)} already; the later one counts"
            yield from _repeated_parts(raw, (*path, key))
    for path, _ in objects_at(raw, "emitters"):
        yield from _repeated_dimensions(raw, (*path, "dimensions"))


CLASSIC = FormRules(unknown_next_states, probability_tolerance=0.001, has_time=True)


def duplicate_names(objects: Iterable[tuple[Path, dict[str, Any]]]) -> Problems:
    """Yield names that an earlier object of the list has already."""
    first: dict[str, Path] = {}
    for path, item in objects:
        name = item.get("name")
        if not isinstance(name, str):
            continue
        if name in first:
            yield (*path, "name"), f"{quoted(name)} is the name of {dotted(first[name])} already"
        first.setdefault(name, path)


def names_of(objects: Iterable[tuple[Path, dict[str, Any]]]) -> list[str]:
    """Return the names of the objects in a list."""
    return [item["name"] for _, item in objects if isinstance(item.get("name"), str)]


def _setter_problems(raw: Any, path: Path) -> Problems:
    """Yield what is wrong with the variables that a state sets."""
    for key in SETTER_KEYS:
        yield from _duplicate_elements(raw, (*path, key))
        for place, field in _all_fields(raw, (*path, key)):
            if len(place) > len(path) + 2 and _is_template(field):
                text = "a template here is a variable of its own, not a part of another"
                yield (*place, "type"), text


def _probability_problems(raw: Any, path: Path, state: Any, rules: FormRules) -> Problems:
    """Yield that the probabilities of a state without conditions, each right by itself, do not add up to 1."""
    transitions = [each for _, each in objects_at(raw, *path, "transitions")]
    if any("when" in each for each in transitions):
        return
    values = [transition.get("probability") for transition in transitions]
    probabilities: list[float] = [value for value in values if _is_probability(value)]
    if probabilities and len(probabilities) == len(state["transitions"]):
        total = math.fsum(probabilities)
        if abs(total - 1) > rules.probability_tolerance + 1e-12:
            yield (*path, "transitions"), f"the probabilities add up to {total:.6g}, not 1"


def _duplicate_elements(raw: Any, path: Path) -> Problems:
    """Yield names that come twice among the elements of a list, wherever that is in a list of fields."""
    for place, _ in _all_fields(raw, path):
        yield from duplicate_names(objects_at(raw, *place, "elements"))


def _repeated(objects: Iterable[tuple[Path, dict[str, Any]]]) -> Iterator[tuple[Path, str, Path]]:
    """Yield (path of its name, name, path of the one before) for objects whose name came before."""
    seen: dict[str, Path] = {}
    for path, item in objects:
        name = str(item.get("name"))
        if name in seen:
            yield (*path, "name"), name, seen[name]
        seen[name] = path


def _repeated_dimensions(raw: Any, path: Path) -> Problems:
    for place, name, first in _repeated(objects_at(raw, *path)):
        text = f"{dotted(first)} is called {quoted(name)} already; its place counts, and the value of the later one"
        yield place, text
    yield from _repeated_parts(raw, path)


def _repeated_parts(raw: Any, path: Path) -> Problems:
    for place, _ in objects_at(raw, *path):
        yield from _repeated_dimensions(raw, (*place, "dimensions"))
        yield from _repeated_parts(raw, (*place, "elements"))


def _time_problems(raw: Any, path: Path) -> Problems:
    for place, dimension in objects_at(raw, *path, "dimensions"):
        model = _model_of(dimension)
        if dimension.get("name") == "time" and (model is None or not model.tells_time):
            text = '"time" is the clock, the first field of every record; only a field of the type clock can place it'
            yield (*place, "name"), text


def setters_of(raw: Any) -> Setters:
    """Return for each variable the raw field generators that set it in a file."""
    setters: Setters = {}
    for path, _ in objects_at(raw, "states"):
        for key in SETTER_KEYS:
            for _, variable in objects_at(raw, *path, key):
                if isinstance(variable.get("name"), str):
                    setters.setdefault(variable["name"], []).append(variable)
    for key in ("constants", "variable_defaults"):
        values = value_at(raw, key)
        for name, value in values.items() if isinstance(values, dict) else ():
            if not is_comment(name):
                setters.setdefault(name, []).append(literal_as_raw(name, value))
    return setters


def _variable_problems(raw: Any, path: Path, setters: Setters) -> Problems:
    """Yield variables that fields of a list show and no state sets, and parts that they do not have."""
    for place, field in _all_fields(raw, path):
        name, part = field.get("variable"), field.get("field")
        if not _shows_variable(field) or not isinstance(name, str):
            continue
        if name not in setters:
            text = f"no state sets a variable {quoted(name)}{did_you_mean(name, setters)}"
            yield (*place, "variable"), text
        elif isinstance(part, str) and (reason := _missing_part(part, setters[name])):
            yield (*place, "field"), f"no value of the variable {quoted(name)} {reason}"


def _missing_part(part: str, generators: list[Any]) -> str | None:
    """Return why none of these raw field generators makes an object with a part, if that is known."""
    before = ""
    for step in part.split("."):
        parts_of_each = [_raw_parts(generator) for generator in generators]
        if any(parts is None for parts in parts_of_each):
            return None
        known = [parts for parts in parts_of_each if parts]
        names = list(dict.fromkeys(before + name for parts in known for name in parts))
        if before + step not in names:
            return f"has a part {quoted(part)}{did_you_mean(part, names)}"
        generators = [parts[step] for parts in known if step in parts]
        before += step + "."
    return None


def _raw_parts(generator: Any) -> dict[str, Any] | None:
    model = _model_of(generator)
    return None if model is None else model.raw_parts(generator)


def _shows_variable(generator: Any) -> bool:
    model = _model_of(generator)
    return model is not None and model.shows_variable


def _is_template(generator: Any) -> bool:
    model = _model_of(generator)
    return model is not None and model.is_template


def _model_of(generator: Any) -> type[Field] | None:
    kind = value_at(generator, "type")
    return FIELDS.get(kind) if isinstance(kind, str) else None


def _all_fields(raw: Any, path: Path) -> Iterator[tuple[Path, dict[str, Any]]]:
    """Yield (path, field) for the raw fields of a list, nested ones too."""
    for place, field in objects_at(raw, *path):
        yield from _with_inner(raw, place, field)


def _with_inner(
    raw: Any, place: Path, field: dict[str, Any]
) -> Iterator[tuple[Path, dict[str, Any]]]:
    """Yield a raw field with its path, then those inside it."""
    yield place, field
    yield from _all_fields(raw, (*place, "dimensions"))
    yield from _all_fields(raw, (*place, "elements"))
    cases = field.get("cases")
    inner = (
        [(("cases", name), case) for name, case in cases.items()] if isinstance(cases, dict) else []
    )
    for path, case in (*inner, (("default",), field.get("default"))):
        if isinstance(case, dict) and not is_comment(str(path[-1])):
            yield from _with_inner(raw, (*place, *path), case)


def _is_probability(value: Any) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 < value <= 1
