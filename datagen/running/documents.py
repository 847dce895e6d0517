"""Turns files, JSON or YAML, into what JSON holds, and that into a checked target or schedule."""

import json
import os
import re
from collections.abc import Callable, Iterator
from typing import Any, BinaryIO, TypeVar

from pydantic import ValidationError

from datagen.curves.curve import CURVES, Curve
from datagen.errors import Path, Problem, SpecError
from datagen.input_files import MAX_BYTES, UnsuitableFileError, read_file, read_stream
from datagen.lookup import bare_names, find_file
from datagen.running.document_name import DocumentName
from datagen.running.environment import Redaction, unset_variables, with_variables
from datagen.targets import TARGETS, Target
from datagen.validation import (
    Family,
    Model,
    did_you_mean,
    in_document_order,
    is_comment,
    problems_of,
)

M = TypeVar("M", bound=Model)

MAX_DEPTH = 200
_YAML_ENDINGS = (".yaml", ".yml")
_BEGINS_AS_JSON = re.compile(r"\s*(\{\s*([\"}]|$)|\[\s*([\"{\[\]]|$))")
_NO_YAML = "is YAML, which needs a package: pip install ruamel.yaml"


def read_document(
    name: str, folder: str, stdin: BinaryIO, *, pipe: bool = False, limit: int = MAX_BYTES
) -> tuple[bytes, str]:
    """Return the bytes of a file, or of stdin for `-`, and the name that its problems go by.

    The file is a regular one, or with `pipe` also a pipe. Raises SpecError when there is no such file,
    or it cannot be read.
    """
    if name == "-":
        data = _read(lambda: read_stream(stdin, limit), "stdin")
        return data, DocumentName("stdin", data)
    path = find_file(name, folder)
    if path is None:
        raise SpecError([Problem((), why_not_found(name, folder), name or '""')])
    data = _read(lambda: read_file(path, pipe=pipe, limit=limit), name)
    return data, DocumentName(str(path), data)


def read_json(path: str) -> tuple[Any, str]:
    """Return the JSON of a file, or what its YAML says as JSON, and the name that its problems go by. Raises SpecError."""
    data = _read(lambda: read_file(path), path)
    name = DocumentName(path, data)
    return parse_document(data, name), name


def why_not_found(name: str, folder: str) -> str:
    """Return why a name leads to no file."""
    if os.path.isdir(name):
        return "is a folder, not a file"
    bare = f" (nor in conf/{folder}){did_you_mean(name, bare_names(folder))}"
    return "there is no such file" + ("" if "/" in name else bare)


def parse_document(data: bytes, file: str, limit: int = MAX_BYTES) -> Any:
    """Read JSON, or YAML: a file by its ending, anything else as JSON first, strictly.

    What aliases add is limited to so many characters. Raises SpecError.
    """
    text = _text(data, file)
    is_yaml = file.endswith(_YAML_ENDINGS)
    if file.endswith(".json") or (_BEGINS_AS_JSON.match(text) and not is_yaml):
        return parse_json(data, file)
    if is_yaml:
        return _parse_yaml(text, file, limit)
    try:
        return parse_json(data, file)
    except SpecError as no_json:
        try:
            made = _parse_yaml(text, file, limit)
        except SpecError as no_yaml:
            raise (no_json if text.lstrip().startswith(("{", "[")) else no_yaml) from None
        if not isinstance(made, dict | list):  # every text is YAML
            raise
        return made


def parse_json(data: bytes, file: str) -> Any:
    """Read JSON strictly: UTF-8, no key twice in an object, no NaN. Raises SpecError."""
    try:
        raw = json.loads(
            _text(data, file),
            object_pairs_hook=_object_of_pairs,
            parse_int=_parse_int,
            parse_constant=_refuse_constant,
        )
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise SpecError([Problem((), f"is not JSON: {error.msg} at {place}", file)]) from error
    except RecursionError as error:
        raise SpecError([Problem((), "is nested too deeply", file)]) from error
    except ValueError as error:
        raise SpecError([Problem((), f"is not JSON: {error}", file)]) from error
    problems = [Problem(path, text, file) for path, text in _repeated_keys(raw, ())]
    if problems:
        raise SpecError(problems)
    return raw


def parse_target(raw: Any, file: str, where: Path = (), *, escapes: bool = False) -> Target:
    """Check a target specification, with `${NAME}` replaced from the environment, and with `escapes` `$${` by `${`.

    Raises SpecError with all of its problems, which do not show what the environment holds.
    """
    problems = [
        Problem((*where, *path), text, file) for path, text in unset_variables(raw, escapes=escapes)
    ]
    if problems:
        raise SpecError(problems)
    try:
        return _parsed(TARGETS, with_variables(raw, escapes=escapes), file, where)
    except SpecError as error:
        shown = Redaction(raw).of_problems(error.problems, [file], where)
        raise SpecError([*shown]) from None


def parse_schedule(raw: Any, file: str, where: Path = ()) -> Curve:
    """Check a schedule. Raises SpecError with all of its problems."""
    return _parsed(CURVES, raw, file, where)


def _text(data: bytes, file: str) -> str:
    """Return the text of a document, which says something. Raises SpecError."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise SpecError([Problem((), f"is not UTF-8 text (byte {error.start})", file)]) from error
    if not text.strip():
        raise SpecError([Problem((), "is empty", file)])
    return text


def _parse_yaml(text: str, file: str, limit: int) -> Any:
    """Return what a text in YAML holds. Raises SpecError."""
    try:
        from datagen.running.yaml_text import (  # noqa: PLC0415 - its package is read for YAML alone
            TooDeepError,
            YamlError,
            read_yaml,
        )
    except ImportError as error:
        raise SpecError([Problem((), _NO_YAML, file)]) from error
    try:
        made, found = read_yaml(text, MAX_DEPTH, limit)
    except TooDeepError as error:
        raise SpecError([Problem((), "is nested too deeply", file)]) from error
    except YamlError as error:
        place = f" at line {error.line}, column {error.column}" if error.line else ""
        raise SpecError([Problem((), f"is not YAML: {error}{place}", file)]) from error
    if found:
        raise SpecError([Problem(path, why, file) for path, why in found])
    return made


def _read(read: Callable[[], bytes], name: str) -> bytes:
    """Return what a step reads. Raises SpecError, with the name of the file, where it cannot."""
    try:
        return read()
    except UnsuitableFileError as error:
        raise SpecError([Problem((), str(error), name)]) from error
    except OSError as error:
        raise SpecError([Problem((), f"cannot be read: {error.strerror}", name)]) from error


def _parsed(family: Family[M], raw: Any, file: str, where: Path) -> M:
    """Check a part of a document, which is at a path of it. Raises SpecError with all problems."""
    try:
        return family.parse(raw)
    except ValidationError as error:
        found = in_document_order(problems_of(error, file), raw)
        raise SpecError(
            [Problem((*where, *each.path), each.text, file) for each in found]
        ) from None
    except ValueError as error:  # it is no object
        raise SpecError([Problem(where, str(error), file)]) from None


class _Object(dict[str, Any]):
    """An object of the document that has some keys twice."""

    repeated: tuple[str, ...] = ()


def _object_of_pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) == len(pairs):
        return made
    keys = [key for key, _ in pairs]
    marked = _Object(made)
    marked.repeated = tuple(key for key in made if not is_comment(key) and keys.count(key) > 1)
    return marked


def _parse_int(digits: str) -> int:
    try:
        return int(digits)
    except ValueError:
        raise ValueError(f"a number of {len(digits)} digits is too long") from None


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is not a number")


def _repeated_keys(node: Any, path: Path) -> Iterator[tuple[Path, str]]:
    if len(path) > MAX_DEPTH:
        yield (), "is nested too deeply"
        return
    if isinstance(node, _Object):
        for key in node.repeated:
            yield (*path, key), "appears twice"
    for step, item in _children(node):
        yield from _repeated_keys(item, (*path, step))


def _children(node: Any) -> list[tuple[str | int, Any]]:
    if isinstance(node, dict):
        return list(node.items())
    return list(enumerate(node)) if isinstance(node, list) else []
