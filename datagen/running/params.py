"""Puts the parameters that a specification declares in the places of `${name}`."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from datagen.errors import Path, Problem, SpecError
from datagen.running.documents import MAX_DEPTH
from datagen.validation import did_you_mean, is_comment, quoted

PARAMS = "params"
_TARGETS = ("target", "truth")  # where `${NAME}` is also a variable of the environment
_REFERENCE = re.compile(r"\$\$\{|\$\{([^{}]*)\}")
_WEIGHT = 64  # of a value, in characters: what it takes of memory, at least


@dataclass(frozen=True)
class Params:
    """The parameters of a specification by their names; None where it declares none."""

    values: Mapping[str, Any] | None = None

    @property
    def declared(self) -> bool:
        """Return whether a specification has parameters, so that `$${` stands for `${`."""
        return self.values is not None

    def in_target(self, raw: Any, file: str, limit: int) -> Any:
        """Return a target with its parameters; what is none is left to the environment. Raises SpecError."""
        if self.values is None:
            return raw
        replacement = _Replacement(self.values, file, limit)
        made = replacement.value(raw, (), in_target=True)
        replacement.check()
        return made


NO_PARAMS = Params()


def with_params(raw: Any, file: str, limit: int) -> tuple[Any, Params]:
    """Return a specification with its parameters in their places, without their declaration.

    They may add `limit` characters. Raises SpecError with all problems.
    """
    if not isinstance(raw, dict) or PARAMS not in raw:
        return raw, NO_PARAMS
    declared = raw[PARAMS]
    if not isinstance(declared, dict):
        text = f'expected an object such as {{"users": 4000}}, not {quoted(declared)}'
        raise SpecError([Problem((PARAMS,), text, file)])
    own = _Replacement({}, file, limit)
    values = {
        key: own.value(each, (PARAMS, key)) for key, each in declared.items() if not is_comment(key)
    }
    replacement = _Replacement(values, file, limit, own.problems)
    made = {
        key: each if is_comment(key) else replacement.value(each, (key,), in_target=key in _TARGETS)
        for key, each in raw.items()
        if key != PARAMS
    }
    replacement.check()
    return made, Params(values)


@dataclass
class _Replacement:
    """Replaces references in a document, and collects what is wrong with them."""

    values: Mapping[str, Any]
    file: str
    limit: int
    problems: list[Problem] = field(default_factory=list)
    added: int = 0

    def check(self) -> None:
        """Raise SpecError for what was wrong."""
        if self.problems:
            raise SpecError(self.problems)

    def value(self, node: Any, path: Path, *, in_target: bool = False) -> Any:
        """Return a value with what its references stand for."""
        if isinstance(node, dict):
            return {
                key: each
                if is_comment(key)
                else self.value(each, (*path, key), in_target=in_target)
                for key, each in node.items()
            }
        if isinstance(node, list):
            return [
                self.value(each, (*path, place), in_target=in_target)
                for place, each in enumerate(node)
            ]
        return self._text(node, path, in_target) if isinstance(node, str) and "${" in node else node

    def _text(self, text: str, path: Path, in_target: bool) -> Any:
        whole = _REFERENCE.fullmatch(text)
        if whole and whole[1] in self.values:
            return self._whole(whole[1], path, in_target)

        def replaced(match: re.Match[str]) -> str:
            name = match[1]
            if name is None:
                return match[0] if in_target else "${"
            if name in self.values:
                part = self._part(name, path)
                return part.replace("${", "$${") if in_target else part
            if not in_target:
                self._report(path, self._why_unknown(name, path))
            return match[0]

        return _REFERENCE.sub(replaced, text)

    def _whole(self, name: str, path: Path, in_target: bool) -> Any:
        """Return the value of a parameter that stands there alone."""
        size, depth = self._sizes[name]
        if len(path) + depth > MAX_DEPTH:
            self._report(path, f"the parameter {quoted(name)} is nested too deeply here")
        self._add(size)
        value = self.values[name]
        return _escaped(value) if in_target else value

    def _part(self, name: str, path: Path) -> str:
        """Return the value of a parameter as a part of a text."""
        value = self.values[name]
        if isinstance(value, str):
            part = value
        elif isinstance(value, bool | int | float):
            part = json.dumps(value)
        else:
            part, what = "", quoted(value)
            self._report(path, f"the parameter {quoted(name)} is {what}: no part of a text")
        self._add(len(part))
        return part

    def _why_unknown(self, name: str, path: Path) -> str:
        if path[0] == PARAMS:
            return f"a parameter does not refer to another; write $${{{name}}} for the text itself"
        return f"no parameter {quoted(name)}{did_you_mean(name, self.values)}"

    def _report(self, path: Path, text: str) -> None:
        self.problems.append(Problem(path, text, self.file))

    def _add(self, size: int) -> None:
        """Count what parameters add. Raises SpecError where that is too much."""
        self.added += size
        if self.added > self.limit:
            text = f"its parameters make it larger than {self.limit >> 20} MB"
            raise SpecError([Problem((PARAMS,), text, self.file)])

    @cached_property
    def _sizes(self) -> Mapping[str, tuple[int, int]]:
        """Return how many characters each value takes, and how deep it is nested."""
        return {name: _size(value) for name, value in self.values.items()}


def _size(value: Any) -> tuple[int, int]:
    if isinstance(value, dict):
        size, inner = sum(map(len, value)), [*map(_size, value.values())]
    elif isinstance(value, list):
        size, inner = 0, [*map(_size, value)]
    else:
        return _WEIGHT + (len(value) if isinstance(value, str) else 0), 0
    size += _WEIGHT + sum(each for each, _ in inner)
    return size, 1 + max((depth for _, depth in inner), default=0)


def _escaped(value: Any) -> Any:
    """Return a value in whose texts nothing is a variable of the environment."""
    if isinstance(value, dict):
        return {key: _escaped(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_escaped(each) for each in value]
    return value.replace("${", "$${") if isinstance(value, str) else value
