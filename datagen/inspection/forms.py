"""The forms in which what a run will make is shown: `--explain FORM`."""

import json
import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict
from typing import Any

from datagen.inspection.display import Display
from datagen.inspection.explained_text import explained_lines, replay_lines
from datagen.inspection.explanation import Explanation, ReplayExplanation

Said = Explanation | ReplayExplanation
Form = Callable[[Said, Display], Iterable[str]]


def text_lines(explanation: Said, display: Display) -> Iterable[str]:
    """Return the figures as lines of text."""
    if isinstance(explanation, ReplayExplanation):
        return replay_lines(explanation, display)
    return explained_lines(explanation, display)


def json_lines(explanation: Said, display: Display) -> Iterable[str]:
    """Return the figures as an indented JSON object; what is infinite or not known is null."""
    del display
    found = {**asdict(explanation), "bytes_a_day": explanation.bytes_a_day}
    return json.dumps(_plain(found), indent=2, ensure_ascii=False).splitlines()


def _plain(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    return [_plain(each) for each in value] if isinstance(value, list | tuple) else value


FORMS: Mapping[str, Form] = {"text": text_lines, "json": json_lines}
