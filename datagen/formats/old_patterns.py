"""Turns a pattern of older programs, `{{host}} [{{time|%s}}] %REGION%`, into one of today."""

import os
import re
from collections.abc import Callable, Container, Iterator

_FIELD = re.compile(r"\{\{([^{}|]+)(?:\|([^{}]*))?\}\}")
_VARIABLE = re.compile(r"%([A-Za-z_][A-Za-z0-9_]*)%")
NOTE = (
    "all braces are double and name fields, so they are read as fields, as by older programs; "
    r"today a field has single braces (and a brace that is none is \x7b or \x7d)"
)


def pattern_of_today(text: str, fields: Container[str]) -> str | None:
    """Return a pattern in today's words, or None where it is none of the old kind.

    It is one if its braces are all double and name fields; then `%NAME%` is from the environment.
    """
    names = [match[1] for match in _FIELD.finditer(text)]
    if not names or re.search("[{}]", _FIELD.sub("", text)) or not all(n in fields for n in names):
        return None
    return "".join(_pieces(text, _FIELD, _field, lambda rest: _VARIABLE.sub(_value, rest)))


def unset_variables(text: str) -> Iterator[str]:
    """Yield the names of the environment that an old pattern needs and that are not set."""
    for match in _VARIABLE.finditer(_FIELD.sub("", text)):
        if match[1] not in os.environ:
            yield match[1]


def _pieces(
    text: str,
    token: re.Pattern[str],
    of_token: Callable[[re.Match[str]], str],
    of_rest: Callable[[str], str],
) -> Iterator[str]:
    """Yield the parts of a text: what comes of each token, and of what is between."""
    end = 0
    for match in token.finditer(text):
        yield of_rest(text[end : match.start()])
        yield of_token(match)
        end = match.end()
    yield of_rest(text[end:])


def _field(match: re.Match[str]) -> str:
    name, form = re.sub(r"[\\!:]", _coded, match[1]), match[2]
    if form is None:
        return f"{{{name}}}"
    return f"{{{name}:{form}}}" if "%" in form else f"{{{name}|{form}}}"


def _value(match: re.Match[str]) -> str:
    value = os.environ.get(match[1], match[0])
    return re.sub(r"[\\{}@]", _coded, value)


def _coded(match: re.Match[str]) -> str:
    return f"\\x{ord(match[0]):02x}"
