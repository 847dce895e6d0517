"""Reads the children of a process: the files that its subprocesses run, and their children."""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from datagen.errors import Problem, SpecError
from datagen.spec.forms import ReadJson, is_process
from datagen.spec.old_words import Modern, modernized
from datagen.spec.process import STATES
from datagen.validation import objects_at, quoted

MAX_DEPTH = 8


@dataclass(frozen=True, eq=False)
class ProcessFile:
    """A file in the process form: its name in messages, its JSON, and the child of each state that has one."""

    name: str
    raw: Any
    modern: Modern
    children: dict[int, "ProcessFile"] = field(default_factory=dict)

    @property
    def words(self) -> Any:
        """Return the JSON in today's words."""
        return self.modern.raw

    def files(self) -> list["ProcessFile"]:
        """Return this file and all below it, each once, in order of appearance."""
        found: dict[int, ProcessFile] = {}
        pending = [self]
        while pending:
            file = pending.pop(0)
            if id(file) not in found:
                found[id(file)] = file
                pending += file.children.values()
        return list(found.values())


def has_children(words: Any) -> bool:
    """Return whether some state of a process, raw JSON, runs a child or is where a child begins."""
    return any(
        model.has_child or (model.begins_child and not model.starts_worker)
        for model in _models(words).values()
    )


def load_children(
    raw: Any, modern: Modern, name: str, path: str | None, read: ReadJson
) -> tuple[ProcessFile, list[Problem]]:
    """Read all children of a process; `path` is that of its file, if it comes from one.

    Return it with the problems of paths, and of children that cannot be read.
    """
    loader = _Loader(read)
    root = ProcessFile(name, raw, modern)
    loader.load(root, path, [] if path is None else [os.path.realpath(path)])
    if not loader.problems and _depth(root, {}) > MAX_DEPTH:
        text = f"children have children more than {MAX_DEPTH} deep"
        loader.problems.append(Problem(("states",), text, name))
    return root, loader.problems


def find_child(name: str, holder: str | None) -> str | None:
    """Return the file of a path, or None: from the current folder, else from that of its holder and those above."""
    if os.path.isfile(name):
        return name
    if holder is None or not name or os.path.isabs(name):
        return None
    folder = os.path.dirname(os.path.abspath(holder))
    while True:
        path = os.path.join(folder, name)
        if os.path.isfile(path):
            return path
        above = os.path.dirname(folder)
        if above == folder:
            return None
        folder = above


class _Loader:
    """Reads each file once."""

    def __init__(self, read: ReadJson) -> None:
        self._read = read
        self._files: dict[str, ProcessFile | None] = {}
        self.problems: list[Problem] = []

    def load(self, file: ProcessFile, path: str | None, holders: list[str]) -> None:
        """Read the children of a file; `holders` are the real paths from the first file to it."""
        for index, key, name in _child_paths(file.words):
            found = find_child(name, path)
            if found is None:
                self._report(file, index, key, _not_found(name, path))
            elif os.path.realpath(found) in holders:
                self._report(
                    file,
                    index,
                    key,
                    f"{quoted(name)} leads to itself: a child cannot run what runs it",
                )
            elif len(holders) > MAX_DEPTH:
                self._report(file, index, key, f"children have children more than {MAX_DEPTH} deep")
            elif (child := self._child(found, holders)) is not None:
                file.children[index] = child

    def _child(self, path: str, holders: list[str]) -> ProcessFile | None:
        real = os.path.realpath(path)
        if real not in self._files:
            self._files[real] = child = self._parsed(path)
            if child is not None:
                self.load(child, path, [*holders, real])
        return self._files[real]

    def _parsed(self, path: str) -> ProcessFile | None:
        try:
            raw, name = self._read(path)
        except SpecError as error:
            self.problems += error.problems
            return None
        modern = modernized(raw)
        if not is_process(modern.raw):
            text = "is no child: its states have no type, as in the process form"
            self.problems.append(Problem((), text, name))
            return None
        return ProcessFile(name, raw, modern)

    def _report(self, file: ProcessFile, index: int, key: str, text: str) -> None:
        problem = Problem(("states", index, key), text, file.name)
        self.problems += file.modern.in_file([problem])


def _not_found(name: str, holder: str | None) -> str:
    """Return where a file was looked for in vain."""
    where = (
        "in the current folder"
        if holder is None
        else "in the current folder, nor in that of this file or above it"
    )
    if os.path.exists(name):
        return f"{quoted(name)}: is not a regular file"
    return f"{quoted(name)}: there is no such file {where}"


def _models(words: Any) -> Mapping[int, Any]:
    """Return the model of each raw state that has a known type, by its index."""
    models = {
        int(path[-1]): STATES.get(state.get("type", ""))
        for path, state in objects_at(words, "states")
        if isinstance(state.get("type"), str)
    }
    return {index: model for index, model in models.items() if model is not None}


def _child_paths(words: Any) -> Iterator[tuple[int, str, str]]:
    """Yield (index of the state, key, path) for each path to a child."""
    models = _models(words)
    for path, state in objects_at(words, "states"):
        index = int(path[-1])
        if index in models and models[index].has_child:
            for key in ("states", "config"):
                if isinstance(state.get(key), str):
                    yield index, key, state[key]


def _depth(file: ProcessFile, known: dict[int, int]) -> int:
    """Return how deep the children of a file are nested."""
    if id(file) not in known:
        known[id(file)] = max(
            (1 + _depth(each, known) for each in file.children.values()), default=0
        )
    return known[id(file)]
