"""What a request names, read and checked: problems of all parts at once."""

import io
import json
from pathlib import Path
from typing import Any

import pytest

from datagen.errors import SpecError, UsageError
from datagen.running.given import Given
from datagen.running.options import Request
from datagen.running.parts import checked_parts
from tests.support.machines import ENDING, Spec


def given(spec: Spec = ENDING, **keys: Any) -> Given:
    """Return what a request has to be read from."""
    return Given(Request(**keys), io.BytesIO(), spec, "s.json")


def test_parts_are_those_of_the_specification_or_of_the_request() -> None:
    """The latter win; without either there are defaults."""
    spec = {**ENDING, "format": "csv", "target": {"type": "null"}, "schedule": "web_access"}
    parts, warnings = checked_parts(given(spec))
    assert (parts.target.type, parts.format and parts.format.type, parts.format_override) == (
        "null",
        "csv",
        None,
    )
    assert parts.schedule is not None
    parts, _ = checked_parts(given(spec, kind="tsv", schedule="none"))
    assert (parts.format_override and parts.format_override.type, parts.schedule) == ("tsv", None)
    parts, _ = checked_parts(given())
    assert (parts.target.type, parts.format, parts.schedule, warnings) == ("stdout", None, None, [])


def test_problems_of_all_parts_are_told_at_once(tmp_path: Path) -> None:
    """Each with its file."""
    target = tmp_path / "t.json"
    target.write_text(json.dumps({"type": "file"}))
    spec = {**ENDING, "interarrival": True, "format": "nothing"}
    with pytest.raises(SpecError) as raised:
        checked_parts(given(spec, target=str(target), schedule="nothing"))
    assert [problem.file for problem in raised.value.problems] == [
        "s.json",
        str(target),
        "s.json",
        "nothing",
    ]


def test_stdin_is_not_for_the_target() -> None:
    """It has the specification."""
    with pytest.raises(UsageError, match="-t -: stdin is for the specification"):
        checked_parts(given(target="-"))
