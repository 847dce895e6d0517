"""Puts the files that a specification includes into it, each with what it includes itself."""

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from datagen.errors import Path, Problem, SpecError
from datagen.running.document_name import DocumentName, origin
from datagen.running.documents import read_json
from datagen.validation import is_comment, quoted

INCLUDE = "include"
_LISTS = ("states", "emitters", "populations")  # of things with names
_OBJECTS = ("tables", "entities", "templates", "timeline", "params", "labels")  # by name
_MAX_FILES = 1000


def with_includes(raw: Any, file: str) -> tuple[Any, str]:
    """Return a document with what it includes, and its name, which knows what comes from where.

    Paths begin at the folder of the including file. Raises SpecError with all problems.
    """
    if not isinstance(raw, dict) or INCLUDE not in raw:
        return raw, file
    includer = _Includer()
    merged = includer.merged(raw, file, (os.path.realpath(file),))
    if includer.problems:
        raise SpecError(includer.problems)
    return merged


@dataclass
class _Includer:
    """Reads files, and collects what is wrong with them."""

    problems: list[Problem] = field(default_factory=list)
    read: int = 0

    def merged(self, raw: Any, file: str, holders: tuple[str, ...]) -> tuple[Any, str]:
        """Return a document with what it includes; `holders` are the real paths from the first file to it."""
        made = {key: value for key, value in raw.items() if key != INCLUDE}
        name = DocumentName(file, getattr(file, "data", b""))
        for path, included in self._included(raw, file):
            document = self._document(path, included, file, holders)
            if document is not None:
                made, name = self._with(made, name, *document)
        return made, name

    def _included(self, raw: Any, file: str) -> Iterator[tuple[Path, str]]:
        """Yield the files that a document includes, with their paths in it."""
        names = raw.get(INCLUDE, [])
        if not isinstance(names, list):
            text = f'expected a list of files such as ["common.yaml"], not {quoted(names)}'
            self.problems.append(Problem((INCLUDE,), text, file))
            return
        for place, name in enumerate(names):
            path = (INCLUDE, place)
            if isinstance(name, str) and name:
                yield path, name
            else:
                text = f"expected the path of a file, not {quoted(name)}"
                self.problems.append(Problem(path, text, file))

    def _document(
        self, path: Path, name: str, file: str, holders: tuple[str, ...]
    ) -> tuple[Any, str] | None:
        """Return an included document with what it includes, or None where something is wrong."""
        found = os.path.join(os.path.dirname(file), name)
        real = os.path.realpath(found) if "\0" not in found else ""
        why = None
        if not os.path.exists(real):
            why = "there is no such file"
        elif real in holders:
            why = "includes itself"
        elif self.read >= _MAX_FILES:
            why = f"more than {_MAX_FILES} files are included"
        if why:
            self.problems.append(Problem(path, f"{quoted(name)}: {why}", file))
            return None
        self.read += 1
        try:
            raw, document_name = read_json(found)
        except SpecError as error:
            self.problems += error.problems
            return None
        if not isinstance(raw, dict):
            text = f"expected an object with keys of a specification, not {quoted(raw)}"
            self.problems.append(Problem((), text, document_name))
            return None
        return self.merged(raw, document_name, (*holders, real))

    def _with(
        self, own: dict[str, Any], name: DocumentName, other: dict[str, Any], file: str
    ) -> tuple[dict[str, Any], DocumentName]:
        """Return a document with another one that it includes."""
        made = dict(own)
        origins: dict[Path, tuple[str, Path]] = {}
        for key, value in other.items():
            mine = made.get(key)
            if is_comment(key):
                pass
            elif key not in made:
                made[key] = value
                origins[(key,)] = file, (key,)
            elif key in _LISTS and isinstance(mine, list) and isinstance(value, list):
                self._check_names(key, mine, name, value, file)
                for place in range(len(value)):
                    origins[(key, len(mine) + place)] = file, (key, place)
                made[key] = [*mine, *value]
            elif key in _OBJECTS and isinstance(mine, dict) and isinstance(value, dict):
                for step in value.keys() - mine.keys():
                    origins[(key, step)] = file, (key, step)
                made[key] = {**value, **mine}
        return made, name.with_origins(origins)

    def _check_names(
        self, key: str, mine: list[Any], file: str, others: list[Any], included: str
    ) -> None:
        """Report the names that stand in both of two lists."""
        known = {_name(each): place for place, each in enumerate(mine)}
        for place, each in enumerate(others):
            name = _name(each)
            if name in known and name is not None:
                first, path = origin(file, (key, known[name], "name"))
                second, _ = origin(included, (key, place))
                text = f"{quoted(name)} is a name in {second}, too; choose another"
                self.problems.append(Problem(path, text, first))


def _name(item: Any) -> str | None:
    name = item.get("name") if isinstance(item, dict) else None
    return name if isinstance(name, str) else None
