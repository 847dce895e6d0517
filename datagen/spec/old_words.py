"""Turns the words of older dialects in raw JSON into today's, and says which ones it found.

`generator:int` becomes `int`, `static` one of the static types by its value, `timer` and `delay`
the `cardinality_distribution`, a list of characters their text. docs/dialects.md has all of them.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from datagen.errors import Path, Problem
from datagen.fields.base import FIELDS
from datagen.spec.merging import ON_ENTRY, VARIABLES
from datagen.validation import quoted

_PREFIX = "generator:"
_KEYS = {  # of a state, by its type: the key of today
    ("event:start:timer", "timer"): "cardinality_distribution",
    ("event:intermediate:timer", "delay"): "cardinality_distribution",
}
Translate = Callable[[Path, dict[str, Any]], dict[str, Any]]
_STATIC = {str: "string:static", bool: "bool:static", int: "int:static", float: "float:static"}


@dataclass(frozen=True)
class Modern:
    """A specification in today's words; `notes` are a sentence for each old word, with its first place.

    `renamed` has for the path of each key that the file spells otherwise that spelling.
    """

    raw: Any
    renamed: Mapping[Path, str]
    notes: Sequence[tuple[Path, str]]

    def in_file(self, problems: Iterable[Problem]) -> list[Problem]:
        """Return problems with their paths in the words of the file."""
        return [replace(each, path=self._path_in_file(each.path)) for each in problems]

    def _path_in_file(self, path: Path) -> Path:
        return tuple(self.renamed.get(path[: place + 1], step) for place, step in enumerate(path))


def modernized(raw: Any) -> Modern:
    """Return raw JSON in today's words; what is wrong with it stays as it is."""
    translation = _Translation()
    translated = translation.document(raw) if isinstance(raw, dict) else raw
    notes = [
        (at[0], text + (f" ({len(at)} times)" if len(at) > 1 else ""))
        for text, at in translation.places.items()
    ]
    return Modern(translated, translation.renamed, notes)


@dataclass
class _Translation:
    """Old words found so far: their places by the sentence about them."""

    renamed: dict[Path, str] = field(default_factory=dict)
    places: dict[str, list[Path]] = field(default_factory=dict)

    def document(self, raw: dict[str, Any]) -> dict[str, Any]:
        made = dict(raw)
        for key, translate in (("states", self._state), ("emitters", self._emitter)):
            if key in raw:
                made[key] = _each(raw[key], (key,), translate)
        return made

    def _state(self, path: Path, state: dict[str, Any]) -> dict[str, Any]:
        made: dict[str, Any] = {}
        for key, value in state.items():
            today = _KEYS.get((str(state.get("type")), key), key)
            if today != key and today not in state:
                self.renamed[(*path, today)] = key
                self._note((*path, key), f"{quoted(key)} is the old word for {quoted(today)}")
                made[today] = value
            elif key in (VARIABLES, ON_ENTRY):
                made[key] = _each(value, (*path, key), self._field)
            elif key == "items" and isinstance(value, list):
                made[key] = [
                    _each(item, (*path, key, place), self._field) if _is_fields(item) else item
                    for place, item in enumerate(value)
                ]
            else:
                made[key] = value
        if ON_ENTRY in state:
            text = (
                f"{quoted(ON_ENTRY)} is an old word; today the variables of a state before this one"
            )
            self._note((*path, ON_ENTRY), text)
        return made

    def _emitter(self, path: Path, emitter: dict[str, Any]) -> dict[str, Any]:
        place = (*path, "dimensions")
        return {
            key: _each(value, place, self._field) if key == "dimensions" else value
            for key, value in emitter.items()
        }

    def _field(self, path: Path, generator: dict[str, Any]) -> dict[str, Any]:
        made = dict(generator)
        kind = made.get("type")
        if isinstance(kind, str):
            made["type"] = today = _type_of_today(kind, made.get("value"))
            if today != kind:
                text = f"{quoted(kind)} is the old word for {quoted(today)}"
                self._note((*path, "type"), text)
        chars = made.get("chars")
        if isinstance(chars, list) and all(isinstance(c, str) and len(c) == 1 for c in chars):
            made["chars"] = "".join(chars)
            self._note((*path, "chars"), '"chars" is a text today, not a list')
        for key in ("dimensions", "elements"):
            if key in made:
                made[key] = _each(made[key], (*path, key), self._field)
        return made

    def _note(self, path: Path, text: str) -> None:
        self.places.setdefault(text, []).append(path)


def _is_fields(item: Any) -> bool:
    """Return whether an item of a subprocess is a list of field generators, not a value."""
    return isinstance(item, list) and all(
        isinstance(each, dict) and "name" in each and "type" in each for each in item
    )


def _each(values: Any, path: Path, translate: Translate) -> Any:
    """Return a list with its objects translated, or whatever else it is."""
    if not isinstance(values, list):
        return values
    return [
        translate((*path, place), value) if isinstance(value, dict) else value
        for place, value in enumerate(values)
    ]


def _type_of_today(kind: str, value: Any) -> str:
    """Return today's name of a field type; that of a static one is by its value."""
    known = kind.removeprefix(_PREFIX)
    if known == "static":
        return _STATIC.get(type(value), "string:static")
    return known if known in FIELDS else kind
