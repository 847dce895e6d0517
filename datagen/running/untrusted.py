"""Finds what a specification wants beyond records: `--untrusted` refuses all of it.

It works on the document, before anything in it is checked: to check a file is to read it.
"""

import re
from collections.abc import Iterator
from typing import Any

from datagen.errors import Path
from datagen.lookup import is_shipped
from datagen.running.open_hours import named_hours
from datagen.validation import quoted

MAX_BYTES = 4 << 20  # of a specification
_OLD_PLACEHOLDER = re.compile(r"\{\{[^{}]*\}\}")
_VARIABLE = re.compile(r"%[A-Za-z_][A-Za-z0-9_]*%")
_REFUSED = "--untrusted refuses it"


def refused_parts(
    raw: Any, *, has_target: bool, has_truth: bool = False
) -> Iterator[tuple[Path, str]]:
    """Yield what is refused of a document, except for what its templates read.

    With `has_target` its own target does not count, and with `has_truth` not what gets the truth: others are used.
    """
    if not isinstance(raw, dict):
        return
    if "target" in raw and not has_target:
        yield ("target",), f"{_REFUSED}; name a target with -t"
    if raw.get("truth") is not None and not has_truth:
        yield ("truth",), f"{_REFUSED}; name what gets it with --truth"
    if "include" in raw:
        yield ("include",), f"it reads files; {_REFUSED}"
    schedule, source = raw.get("schedule"), raw.get("source_file")
    if isinstance(schedule, str) and not is_shipped(schedule, "sched"):
        yield ("schedule",), f"{quoted(schedule)} is a file; {_REFUSED}"
    if source is not None and source != "-":
        yield ("source_file",), f"{quoted(source)} is a file; {_REFUSED}"
    yield from _of_format(raw.get("format"))
    yield from _of_hours(raw)
    yield from _of_states(raw.get("states"))
    yield from _of_tables(raw.get("tables"))


def refused_variable(line: int) -> str:
    """Return the sentence for a template that reads the environment."""
    return f"line {line}: the environment; {_REFUSED}"


def _of_format(form: Any) -> Iterator[tuple[Path, str]]:
    if not isinstance(form, dict):
        return
    file, pattern = form.get("file"), form.get("pattern")
    if file is not None and not (isinstance(file, str) and is_shipped(file, "form")):
        yield ("format", "file"), f"{quoted(file)} is a file; {_REFUSED}"
    for key in ("registry", "ssl_cafile"):
        if form.get(key) is not None:
            yield ("format", key), _REFUSED
    text = pattern if isinstance(pattern, str) and "{{" in pattern else ""
    if _VARIABLE.search(_OLD_PLACEHOLDER.sub("", text)):
        yield ("format", "pattern"), f"the environment; {_REFUSED}"


def _of_hours(raw: Any) -> Iterator[tuple[Path, str]]:
    """Yield the files of open hours."""
    for path, name in named_hours(raw):
        if not is_shipped(name, "sched"):
            yield path, f"{quoted(name)} is a file; {_REFUSED}"


def _of_tables(tables: Any) -> Iterator[tuple[Path, str]]:
    """Yield the files of tables."""
    for name, table in tables.items() if isinstance(tables, dict) else ():
        if isinstance(table, dict) and table.get("file") is not None:
            yield ("tables", name, "file"), f"{quoted(table['file'])} is a file; {_REFUSED}"


def _of_states(states: Any) -> Iterator[tuple[Path, str]]:
    """Yield the files of subprocesses."""
    for place, state in enumerate(states if isinstance(states, list) else ()):
        if isinstance(state, dict) and str(state.get("type", "")).startswith("subprocess"):
            for key in ("states", "config"):
                if state.get(key) is not None:
                    yield (
                        ("states", place, key),
                        f"{quoted(state[key])} is a file; {_REFUSED}",
                    )
