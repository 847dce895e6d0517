"""Finds what is wrong with variables that are made of what they were before."""

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any, Protocol

from datagen.columns.json_text import of_value
from datagen.errors import Path, dotted
from datagen.fields.base import Field, names_read
from datagen.language import Compiled, Expression
from datagen.spec.dependencies import in_order
from datagen.spec.document import of_variables
from datagen.validation import Problems, quoted

Streams = tuple[str, ...]
_CHANCES = ("percent_nulls", "percent_missing")


class HasVariables(Protocol):
    """A specification as the machine takes it."""

    @property
    def setters(self) -> dict[str, list[Field]]:
        """Return for each variable the field generators that set it."""

    def field_lists(self) -> Iterator[tuple[Path, Streams, Sequence[Field]]]:
        """Yield all lists of field generators."""


def own_name_problems(
    spec: HasVariables,
    compiled: Mapping[tuple[Streams, Expression], Compiled],
    endless: AbstractSet[str] = frozenset(),
) -> Problems:
    """Yield what is wrong with variables that name themselves, and with `initial`, which is for these only.

    `endless` are those that would hold themselves, ever more deeply.
    """
    begun: dict[str, tuple[Path, Any]] = {}
    circles = _circles(spec.setters)
    for path, streams, fields in spec.field_lists():
        for place, field in enumerate(fields):
            own, name = (*path, place), str(field.name)
            yield from _stray_initials(own, field, is_variable=of_variables(streams))
            if not of_variables(streams):
                continue
            yield from _initial_problems(own, field, spec.setters[name], begun)
            if name in names_read(field):
                yield from _self_problems(
                    own, field, spec.setters[name], compiled, (*streams, name)
                )
            if name in endless and circles.get(name, set()) & set(names_read(field)):
                text = f"{quoted(name)} would hold itself, deeper with each visit; keep a part of it only"
                yield own, text
            if name in circles and field.holds_counter() and circles[name] & set(names_read(field)):
                text = (
                    "a counter cannot be in what is made of its own past, which is computed visit after visit; "
                    "count in a variable of its own"
                )
                yield own, text


def _circles(setters: Mapping[str, Sequence[Field]]) -> dict[str, set[str]]:
    """Return for each variable that is made of itself, through others too, those of its circle."""
    reads = {name: set(_read(fields)) for name, fields in setters.items()}
    found = [set(each.names) for each in in_order(reads) if each.circle]
    return {name: names for names in found for name in names}


def _read(fields: Sequence[Field]) -> Iterator[str]:
    for each in fields:
        yield from names_read(each)


def _stray_initials(path: Path, field: Field, *, is_variable: bool) -> Problems:
    """Yield each `initial` of what is no variable."""
    every = [(path, field), *(((*path, *inner), each) for inner, _, each in field.descendants())]
    for place, each in every[1:] if is_variable else every:
        if each.initials():
            yield (*place, "initial"), "is for variables that name themselves; this is none"


def _initial_problems(
    path: Path, field: Field, setters: Sequence[Field], begun: dict[str, tuple[Path, Any]]
) -> Problems:
    """Yield an `initial` that means nothing, or is another than that of an earlier state."""
    name = str(field.name)
    for value in field.initials():
        if not any(name in names_read(each) for each in setters):
            yield (
                (*path, "initial"),
                f"nothing that sets {quoted(name)} names it: it has no value before",
            )
        first, other = begun.setdefault(name, (path, value))
        if of_value(other) != of_value(value):
            text = f"{dotted(first)} begins with {of_value(other)}; all states that set {quoted(name)} have one initial"
            yield (*path, "initial"), text


def _self_problems(
    path: Path,
    field: Field,
    setters: Sequence[Field],
    compiled: Mapping[tuple[Streams, Expression], Compiled],
    streams: Streams,
) -> Problems:
    """Yield what is wrong with a variable that names itself."""
    name = str(field.name)
    for chance in _CHANCES:
        if getattr(field, chance):
            text = f"{quoted(name)} names itself: it would lose what it remembers; have another variable show it"
            yield (*path, chance), text
    if any(each.initials() or name not in names_read(each) for each in setters):
        return
    for key, expression in field.expressions():
        found = compiled.get((streams, expression))
        if found is None or not found.tree.is_null_with(name):
            continue
        text = f"{quoted(name)} is null as long as it was null before"
        if key == ("expr",):
            yield (*path, "initial"), f"missing: {text}; say what it is at first"
        elif str(key[0]).endswith("distribution"):
            yield (*path, *key), f"{text}; write default({name}, ...)"
