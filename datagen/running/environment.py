"""Puts the values of environment variables in the place of `${NAME}`, and the names back into messages."""

import json
import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import quote

from datagen.errors import Path, Problem
from datagen.validation import is_comment, quoted, value_at

_VARIABLE = re.compile(r"\$\{([^}]*)\}")
_ESCAPED = re.compile(r"\$\$\{|\$\{([^}]*)\}")  # or a variable
_QUOTED = re.compile(r'(?<!did you mean )"((?:[^"\\]|\\.)*?)(\.\.\.)?"')
_SURE = 6  # characters of a value that no message contains by chance
_LIKELY = 4  # characters of a value that no message contains as a word of its own


def unset_variables(
    node: Any, path: Path = (), *, escapes: bool = False
) -> Iterator[tuple[Path, str]]:
    """Yield a problem for each variable that is named in a document and not set.

    With `escapes`, `$${` is the text `${`, and begins none.
    """
    if isinstance(node, str):
        for match in (_ESCAPED if escapes else _VARIABLE).finditer(node):
            if match[1] is not None and match[1] not in os.environ:
                yield path, f"the environment variable {quoted(match[1])} is not set"
    for step, item in _children(node):
        yield from unset_variables(item, (*path, step), escapes=escapes)


def with_variables(node: Any, *, escapes: bool = False) -> Any:
    """Return a document with the values of its variables, which are all set, and without comments."""
    if isinstance(node, str):
        return (_ESCAPED if escapes else _VARIABLE).sub(_value, node)
    if isinstance(node, dict):
        return {key: with_variables(item, escapes=escapes) for key, item in _children(node)}
    if isinstance(node, list):
        return [with_variables(item, escapes=escapes) for item in node]
    return node


@dataclass(frozen=True)
class Redaction:
    """Shows the values of a document's variables by their names: they may be secrets.

    A value of fewer than 4 characters, or a number of fewer than 6 digits, is shown so only where it is
    all of what a message quotes: messages contain such words by themselves.
    """

    document: Any = None

    def __call__(self, text: str) -> str:
        """Return a text in which each value is `${NAME}`, also where it is cut short or escaped."""
        if not self._names:
            return text
        for form, name in self._names.items():
            text = _without_beginning(text, form, name)
        return self._pattern.sub(lambda match: self._names.get(match[0], match[0]), text)

    def of_problems(
        self, problems: Iterable[Problem], files: Iterable[str], where: Path = ()
    ) -> Iterator[Problem]:
        """Yield problems without values; those of a file at `where` have their place in the document."""
        known = {*files}
        for each in problems:
            inside = each.file in known and each.path[: len(where)] == where
            value = value_at(self.document, *each.path[len(where) :]) if inside else None
            text = _without_parts(each.text, value) if isinstance(value, str) else each.text
            yield Problem(each.path, self(text), each.file)

    @cached_property
    def _names(self) -> dict[str, str]:
        """Return what stands for each form of each value, the longest first."""
        names = dict.fromkeys(_variables(self.document))
        found = [(form, f"${{{name}}}") for name in names for form in _forms(os.environ[name])]
        return dict(sorted(found, key=lambda pair: -len(pair[0])))

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        names = {re.escape(name): None for name in self._names.values()}  # which stay as they are
        return re.compile("|".join([*names, *map(_pattern_of, self._names)]))


def _value(match: re.Match[str]) -> str:
    return "${" if match[1] is None else os.environ[match[1]]


def _variables(node: Any) -> Iterator[str]:
    """Yield the names of the variables of a document that are set."""
    if isinstance(node, str):
        yield from (name for name in _VARIABLE.findall(node) if name in os.environ)
    for _, item in _children(node):
        yield from _variables(item)


def _children(node: Any) -> list[tuple[str | int, Any]]:
    if isinstance(node, dict):
        return [(key, item) for key, item in node.items() if not is_comment(key)]
    return list(enumerate(node)) if isinstance(node, list) else []


def _forms(value: str) -> set[str]:
    """Return the ways in which a message may write a value: whole, escaped, by lines."""
    escaped = value.encode("unicode_escape", "surrogatepass").decode()
    found = {value, escaped, json.dumps(value)[1:-1], repr(value)[1:-1]}
    found |= {quote(value, safe, errors="replace") for safe in ("/", "")}
    lines = {line.strip() for line in value.splitlines()}
    return {form for form in found if form} | {line for line in lines if len(line) >= _SURE}


def _pattern_of(form: str) -> str:
    """Return what matches a form of a value where it is no part of what a message says anyway."""
    text = re.escape(form)
    if len(form) >= _SURE:
        return text
    if len(form) >= _LIKELY and not form.isdigit():
        return rf"(?<![^\W_]){text}(?![^\W_])"
    return f'(?<="){text}(?=")'


def _without_beginning(text: str, form: str, name: str) -> str:
    """Return a text without the beginning of a form of a value where the text is cut short: `...`."""
    for match in reversed([*re.finditer(r"\.\.\.", text)]):
        before = text[: match.start()]
        length = min(len(form), len(before))
        while length >= _SURE and not before.endswith(form[:length]):
            length -= 1
        if length >= _SURE:
            text = before[: len(before) - length] + name + text[match.start() :]
    return text


def _without_parts(text: str, source: str) -> str:
    """Return a text in which what is quoted of a value is the text that it comes from."""
    if not _VARIABLE.search(source):
        return text
    forms = _forms(_VARIABLE.sub(lambda match: os.environ.get(match[1], ""), source))

    def change(match: re.Match[str]) -> str:
        is_part = match[1] and any(match[1] in form for form in forms)
        return quoted(source) if is_part else match[0]

    return _QUOTED.sub(change, text)
