"""Changes single values of a specification: `--set states.pay.delay.mean=2`."""

import re
from typing import Any

from datagen.errors import Path, SpecError, UsageError, dotted
from datagen.running.document_name import DocumentName
from datagen.running.documents import parse_json
from datagen.running.params import PARAMS
from datagen.spelling import closest_name
from datagen.validation import did_you_mean, quoted, value_at

_STEP = r'"(?:[^"\\]|\\.)*"|[^."=]+'
_SETTING = re.compile(rf"((?:{_STEP})(?:\.(?:{_STEP}))*)=(.*)", re.DOTALL)
_BY_NAME = (
    "tables",
    "entities",
    "templates",
    "timeline",
    "params",
    "labels",
    "constants",
    "variable_defaults",
)


def with_settings(raw: Any, file: str, settings: tuple[str, ...]) -> tuple[Any, str]:
    """Return a document with other values, and its name, which knows where they come from.

    Raises UsageError for a name that does not exist, and SpecError for a value that is no right JSON.
    """
    for text in settings:
        steps, value = _parsed(text)
        if not isinstance(raw, dict):
            break
        path = _path(raw, steps, text)
        raw = with_value(raw, path, value)
        name = file if isinstance(file, DocumentName) else DocumentName(file)
        others = {at: each for at, each in name.origins.items() if at[: len(path)] != path}
        file = DocumentName(name, name.data, {**others, path: (f"--set {text}", ())})
    return raw, file


def with_value(raw: Any, path: Path, value: Any) -> Any:
    """Return raw JSON with another value at a path, whose last key may be new."""
    if not path:
        return value
    made: Any = list(raw) if isinstance(raw, list) else dict(raw)
    made[path[0]] = value if len(path) == 1 else with_value(raw[path[0]], path[1:], value)
    return made


def _parsed(text: str) -> tuple[list[str], Any]:
    """Return the names of a setting, and its value: JSON, or else the text itself."""
    match = _SETTING.fullmatch(text)
    if match is None:
        raise UsageError(
            f"--set {text}: expected NAME=VALUE, such as users=10000 or states.pay.delay.mean=2; "
            'a name with a dot or an equals sign in it is put in quotes: states."a.b".delay.mean=2'
        )
    found = re.findall(_STEP, match[1])
    steps = [re.sub(r"\\(.)", r"\1", each[1:-1]) if each[0] == '"' else each for each in found]
    return steps, _value(match[2], f"--set {text}")


def _value(text: str, file: str) -> Any:
    try:
        return parse_json(text.encode("utf-8", "surrogatepass"), file)
    except SpecError as error:
        (first, *_) = error.problems
        if first.text == "is empty" or first.text.startswith("is not JSON"):
            return text
        raise


def _path(raw: dict[str, Any], steps: list[str], text: str) -> Path:
    """Return where a value is, or will be. Raises UsageError."""
    params = raw.get(PARAMS)
    params = params if isinstance(params, dict) else {}
    if steps[0] in params:
        steps = [PARAMS, *steps]
    elif len(steps) == 1 and steps[0] not in raw and closest_name(steps[0], params):
        raise _unknown(text, steps[0], (PARAMS,), params)
    path: Path = ()
    node: Any = raw
    for place, step in enumerate(steps):
        is_last = place == len(steps) - 1
        path = (*path, _step(node, step, path, text, is_last=is_last))
        node = value_at(node, path[-1])
    return path


def _step(node: Any, step: str, path: Path, text: str, *, is_last: bool) -> str | int:
    """Return the key of an object, or the index of an item of a list. Raises UsageError."""
    if isinstance(node, dict):
        by_name = len(path) == 1 and path[0] in _BY_NAME
        if step in node or (
            is_last and not by_name
        ):  # whether the key can be is checked with all others
            return step
        raise _unknown(text, step, path, node)
    if isinstance(node, list):
        return _place(node, step, path, text)
    raise UsageError(f"--set {text}: {dotted(path)} is {quoted(node)}, and has nothing inside")


def _place(items: list[Any], step: str, path: Path, text: str) -> int:
    """Return the index of the item with a name, or of that index. Raises UsageError."""
    names = [value_at(item, "name") for item in items]
    if step in names:
        return names.index(step)
    if re.fullmatch("[0-9]{1,9}", step) and int(step) < len(items):
        return int(step)
    raise _unknown(text, step, path, [name for name in names if isinstance(name, str)])


def _unknown(text: str, step: str, path: Path, known: Any) -> UsageError:
    where = f" in {dotted(path)}" if path else ""
    return UsageError(f"--set {text}: no {quoted(step)}{where}{did_you_mean(step, known)}")
