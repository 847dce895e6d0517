"""Turns YAML 1.2 into what JSON can say: objects with texts as keys, lists, texts, numbers, true, false, null.

Plain scalars are read by the core schema of YAML 1.2.2, section 10.3.2, so instants, `yes` and `no` are
texts. Tags, keys that are no text, infinity and NaN are refused, and what aliases add is limited.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
)

from datagen.errors import Path
from datagen.validation import is_comment, quoted

_WEIGHT = 64  # of a node, in characters: what it takes of memory, at least
_CONSTANTS = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_INTEGER = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_DECIMAL = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_NOT_FINITE = re.compile(r"[-+]?(\.inf|\.Inf|\.INF)|\.nan|\.NaN|\.NAN")
_SURROGATE = re.compile("[\ud800-\udfff]")
_MAX_DIGITS = 4300  # as Python reads them of JSON


class YamlError(ValueError):
    """A text is no YAML that can be read; `str()` says why, `line` and `column` count from 1, or are 0."""

    def __init__(self, text: str, line: int = 0, column: int = 0) -> None:
        super().__init__(text)
        self.line, self.column = line, column


class TooDeepError(ValueError):
    """A document is nested too deeply."""


def read_yaml(text: str, max_depth: int, max_size: int) -> tuple[Any, list[tuple[Path, str]]]:
    """Return what a text holds, and what is refused of it: paths, and a sentence for each.

    What its aliases stand for may take `max_size` characters. Raises YamlError, TooDeepError.
    """
    reader = _Reader(text, max_depth, max_size)
    try:
        return reader.document(), reader.problems
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (0, 0) if mark is None else (mark.line + 1, mark.column + 1)
        raise YamlError(error.problem or error.context or "", line, column) from error
    except YAMLError as error:
        lines = str(error).splitlines()
        raise YamlError(lines[0] if lines else "it has characters that are not allowed") from error
    except (OverflowError, UnicodeError) as error:  # of escapes that are no characters
        raise YamlError(str(error)) from error


@dataclass(frozen=True)
class _Anchor:
    """What an alias stands for: a value, its size in characters, and how deep it is nested."""

    value: Any
    size: int
    depth: int


@dataclass
class _Reader:
    """Reads one document by its events."""

    text: str
    max_depth: int
    max_size: int
    problems: list[tuple[Path, str]] = field(default_factory=list)

    def document(self) -> Any:
        """Return the value of the only document."""
        self._events: Iterator[Any] = YAML(typ="safe", pure=True).parse(self.text)
        self._anchors: dict[str, _Anchor | None] = {}
        self._added = self._size = self._deepest = 0
        value, found = None, False
        for event in self._events:
            if isinstance(event, StreamEndEvent):
                break
            if isinstance(event, DocumentStartEvent):
                if found:
                    raise _error_at(event, "it holds several documents; only one is read")
                if event.version not in (None, (1, 2)):
                    raise _error_at(event, "its version is not 1.2")
                value, found = self._value(next(self._events), ()), True
        return value

    def _value(self, event: Any, path: Path) -> Any:
        """Return the value that begins with an event."""
        if len(path) > self.max_depth:
            raise TooDeepError
        if isinstance(event, AliasEvent):
            return self._alias(event, path)
        self._deepest = max(self._deepest, len(path))
        if event.tag is not None:
            self.problems.append(
                (path, f"the tag {quoted(str(event.tag))} is refused; leave it out")
            )
        if event.anchor is None:
            return self._untagged(event, path)
        self._anchors[event.anchor] = None  # until it ends
        size, deepest = self._size, self._deepest
        self._deepest = len(path)
        value = self._untagged(event, path)
        anchor = _Anchor(value, self._size - size, self._deepest - len(path))
        self._anchors[event.anchor] = anchor
        self._deepest = max(deepest, self._deepest)
        return value

    def _untagged(self, event: Any, path: Path) -> Any:
        self._size += _WEIGHT
        if isinstance(event, MappingStartEvent):
            return self._object(path)
        if isinstance(event, SequenceStartEvent):
            return self._list(path)
        self._size += len(event.value)
        return self._scalar(event, path)

    def _object(self, path: Path) -> dict[str, Any]:
        made: dict[str, Any] = {}
        repeated: dict[str, None] = {}
        for event in self._events:
            if isinstance(event, MappingEndEvent):
                break
            key = self._key(event, path)
            value = self._value(next(self._events), (*path, key))
            if key in made and not is_comment(key):
                repeated[key] = None
            made[key] = value
        self.problems += [((*path, key), "appears twice") for key in repeated]
        return made

    def _key(self, event: Any, path: Path) -> str:
        """Return the key that begins with an event, or "" for one that is refused."""
        plain = isinstance(event, ScalarEvent) and event.style is None
        known = len(self.problems)
        key = self._value(event, (*path, ""))
        del self.problems[known:]  # those of a key are said here
        if plain and event.value == "<<":
            self.problems.append((path, 'the key "<<" merges nothing in YAML 1.2; leave it out'))
        elif not isinstance(key, str):
            self.problems.append((path, f"the key {quoted(key)} is no text; put it in quotes"))
        elif getattr(event, "tag", None) is not None:
            self.problems.append(
                (path, f"the tag of the key {quoted(key)} is refused; leave it out")
            )
        else:
            return key
        return ""

    def _list(self, path: Path) -> list[Any]:
        made: list[Any] = []
        for event in self._events:
            if isinstance(event, SequenceEndEvent):
                break
            made.append(self._value(event, (*path, len(made))))
        return made

    def _scalar(self, event: Any, path: Path) -> Any:
        text = _with_pairs(event.value)
        if event.style is not None or not event.implicit[0]:
            return text
        if text in _CONSTANTS:
            return _CONSTANTS[text]
        if _INTEGER.fullmatch(text):
            return self._integer(text, path)
        if _DECIMAL.fullmatch(text):
            return float(text)
        if _NOT_FINITE.fullmatch(text):
            self.problems.append((path, f"{text} is not a number"))
        return text

    def _integer(self, text: str, path: Path) -> int:
        digits = text.lstrip("+-")
        if len(digits) > _MAX_DIGITS:
            self.problems.append((path, f"a number of {len(digits)} digits is too long"))
            return 0
        if digits[:2] in ("0x", "0o"):
            return int(digits[2:], 16 if digits[1] == "x" else 8)
        if len(digits) > 1 and digits[0] == "0":
            problem = f"{quoted(text)[1:-1]} begins with 0; put it in quotes if it is a text"
            self.problems.append((path, problem))
        return int(text)

    def _alias(self, event: Any, path: Path) -> Any:
        """Return a copy of the value that an alias stands for."""
        if event.anchor not in self._anchors:
            raise _error_at(event, f"there is no anchor {quoted(event.anchor)} before its alias")
        anchor = self._anchors[event.anchor]
        if anchor is None:
            raise _error_at(
                event, f"the alias {quoted(event.anchor)} is inside of what it stands for"
            )
        if len(path) + anchor.depth > self.max_depth:
            raise TooDeepError
        self._added += anchor.size
        if self._added > self.max_size:
            raise _error_at(event, f"its aliases make it larger than {self.max_size >> 20} MB")
        self._size += anchor.size
        self._deepest = max(self._deepest, len(path) + anchor.depth)
        return _copied(anchor.value)


def _error_at(event: Any, text: str) -> YamlError:
    mark = event.start_mark
    return YamlError(text, mark.line + 1, mark.column + 1)


def _copied(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _copied(each) for key, each in value.items()}
    return [_copied(each) for each in value] if isinstance(value, list) else value


def _with_pairs(text: str) -> str:
    r"""Return a text in which a pair of surrogates, `\ud83d\ude00`, is the character that JSON reads."""
    if not _SURROGATE.search(text):
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")
