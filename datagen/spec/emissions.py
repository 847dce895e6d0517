"""Reads which emitters make records at a visit: one name or several, each of which may make one for each element of a list."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, Protocol

from pydantic import PlainValidator

from datagen.columns.column_type import INT, NOTHING, ColumnType
from datagen.errors import Path
from datagen.validation import (
    Problems,
    did_you_mean,
    invalid_value,
    invalid_values,
    objects_at,
    quoted,
    value_at,
)

ITEM, ITEM_NUMBER = "item", "item_number"  # what expressions of an emitter with `for_each` see


class EmitterOfElements(Protocol):
    """An emitter that may make a record for each element of a list."""

    @property
    def name(self) -> str:
        """Return its name."""

    @property
    def for_each(self) -> str | None:
        """Return the variable that holds the list."""


def parse_emitters(data: Any) -> tuple[str, ...]:
    """Return the names of the emitters of a state: none for null. Raises ValidationError, PydanticCustomError."""
    if data is None:
        return ()
    if isinstance(data, str):
        return (data,)
    if not isinstance(data, list):
        raise invalid_value(
            f"expected the name of an emitter, or a list of names, not {quoted(data)}"
        )
    if not data:
        raise invalid_value("expected at least one name; leave the key out for no record")
    problems: list[tuple[Path, str]] = []
    for place, each in enumerate(data):
        if not isinstance(each, str):
            problems.append(((place,), f"expected the name of an emitter, not {quoted(each)}"))
        elif each in data[:place]:
            text = f"{quoted(each)} is named already: a visit has one record of each, or one for each element of a list"
            problems.append(((place,), text))
    if problems:
        raise invalid_values(problems)
    return tuple(data)


EmitterNames = Annotated[tuple[str, ...], PlainValidator(parse_emitters)]


def unknown_emitters(
    raw: Any, path: Path, state: Mapping[str, Any], known: Sequence[str]
) -> Problems:
    """Yield the emitters that a raw state names and that do not exist."""
    emitter = state.get("emitter")
    names = enumerate(emitter) if isinstance(emitter, list) else [(None, emitter)]
    if isinstance(value_at(raw, "emitters"), list):
        for place, name in names:
            if isinstance(name, str) and name not in known:
                where = (*path, "emitter") if place is None else (*path, "emitter", place)
                yield where, f"no emitter {quoted(name)}{did_you_mean(name, known)}"


def unknown_lists_of_emitters(raw: Any, variables: Mapping[str, Any]) -> Problems:
    """Yield the variables that raw emitters name and that no state sets."""
    for path, emitter in objects_at(raw, "emitters"):
        name = emitter.get("for_each")
        if isinstance(name, str) and name and name not in variables:
            text = f"no state sets a variable {quoted(name)}{did_you_mean(name, variables)}"
            yield (*path, "for_each"), text


def item_types(
    emitter: EmitterOfElements, variables: Mapping[str, ColumnType]
) -> dict[str, ColumnType]:
    """Return the types of `item` and `item_number` in the expressions of an emitter."""
    if emitter.for_each is None:
        return {}
    lists = variables.get(emitter.for_each, NOTHING)
    return {ITEM: lists.elements or NOTHING, ITEM_NUMBER: INT}


def no_lists(
    emitters: Mapping[Path, EmitterOfElements], variables: Mapping[str, ColumnType]
) -> Iterator[tuple[Path, str]]:
    """Yield the emitters, by their paths in the file, for each element of a variable that is no list."""
    for path, each in emitters.items():
        found = variables.get(each.for_each or "", NOTHING)
        if each.for_each is not None and found.kind not in ("list", "nothing"):
            what = (
                "values of several types" if found.clash else f"no list, but {_WORDS[found.kind]}"
            )
            text = f"the variable {quoted(each.for_each)} holds {what}; expected a list, such as a field of the type list"
            yield (*path, "for_each"), text


_WORDS = {
    "int": "whole numbers",
    "float": "numbers",
    "bool": "true and false",
    "text": "texts",
    "instant": "instants",
    "object": "objects",
    "json": "JSON of other kinds",
}
